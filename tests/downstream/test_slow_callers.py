"""Time is bounded: for a head, a body, an idle connection; others do not wait for slow ones."""

from __future__ import annotations

import asyncio

import pytest

from router.downstream.asgi import Receive, Scope, Send
from router.downstream.limits import ProtocolLimits
from tests.downstream.conftest import Serve, echo, eventually, read_body, respond

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
QUICK = ProtocolLimits(head_timeout=0.15, keep_alive=0.15, body_grace=0.15, body_rate=1000)


@pytest.mark.parametrize("before", [b"", GET])
async def test_a_slow_head_is_refused(serve: Serve, before: bytes) -> None:
    running = await serve(echo, QUICK)
    caller = await running.call(before)
    if before:
        await caller.answer()
    loop = asyncio.get_running_loop()
    began = loop.time()
    caller.send(b"GET /a HTTP/1.1\r\n")

    async def trickle() -> None:
        for _ in range(20):
            await asyncio.sleep(0.04)
            caller.send(b"A: b\r\n")

    trickling = asyncio.create_task(trickle())
    status, fields, _ = await caller.answer()
    assert status == 408
    assert fields[b"connection"] == b"close"
    assert loop.time() - began < 0.5, "a line now and then does not buy time"
    assert running.rejected == [(408, "request_timeout")]
    trickling.cancel()


async def test_many_slow_heads_hold_up_nobody(serve: Serve) -> None:
    running = await serve(echo, QUICK)
    slow = [await running.call(b"GET /a HTTP/1.1\r\nHost:") for _ in range(60)]
    caller = await running.call(GET)
    assert (await caller.answer())[0] == 200
    for each in slow:
        assert (await each.answer())[0] == 408


@pytest.mark.parametrize("before", [b"", GET])
async def test_an_idle_connection_is_closed_silently(serve: Serve, before: bytes) -> None:
    running = await serve(echo, QUICK)
    caller = await running.call(before)
    if before:
        await caller.answer()
    assert await caller.rest() == b""
    assert running.rejected == []


async def test_a_long_answer_is_no_idle_connection(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.4)
        await respond(send, b"late")

    running = await serve(app, QUICK)
    caller = await running.call(GET)
    assert (await caller.answer())[2] == b"late"


@pytest.mark.parametrize("framing", [b"Content-Length: 100000", b"Transfer-Encoding: chunked"])
async def test_a_slow_body_is_refused(serve: Serve, framing: bytes) -> None:
    stopped = asyncio.Event()
    refused = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        try:
            await read_body(receive)
        except asyncio.CancelledError:
            refused.append(scope["extensions"]["router"].refused)
            stopped.set()
            raise

    running = await serve(app, QUICK)
    caller = await running.call(b"POST /a HTTP/1.1\r\nHost: x\r\n" + framing + b"\r\n\r\n")

    async def trickle() -> None:
        for _ in range(30):
            await asyncio.sleep(0.03)
            caller.send(b"1\r\n1\r\n")

    trickling = asyncio.create_task(trickle())
    assert (await caller.answer())[0] == 408
    await stopped.wait()
    assert refused == [408]
    trickling.cancel()


async def test_a_slow_body_cuts_an_answer_already_begun(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await read_body(receive)

    running = await serve(app, QUICK)
    caller = await running.call(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n")
    assert (await caller.head())[0] == 200
    assert await caller.rest() == b""


async def test_a_body_fast_enough_is_not_refused(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, b"%d" % len(await read_body(receive)))

    running = await serve(app, QUICK)
    caller = await running.call(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n")
    for _ in range(10):
        await asyncio.sleep(0.04)
        caller.send(b"a" * 100)
    assert (await caller.answer())[2] == b"1000"


async def test_an_application_that_reads_slowly_is_not_the_callers_fault(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.4)
        await respond(send, b"%d" % len(await read_body(receive)))

    running = await serve(app, QUICK)
    size = 8_000_000
    caller = await running.call(
        b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size + b"a" * size
    )
    assert (await caller.answer())[2] == b"%d" % size


async def test_a_caller_who_was_not_told_to_continue_may_wait(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.4)
        await respond(send, await read_body(receive))

    running = await serve(app, QUICK)
    caller = await running.call(
        b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n"
    )
    assert (await caller.head())[0] == 100
    caller.send(b"hello")
    assert (await caller.answer())[2] == b"hello"


async def test_a_lingering_caller_is_closed_in_the_end(serve: Serve) -> None:
    running = await serve(echo, ProtocolLimits(linger_timeout=0.1))
    caller = await running.call(b"nonsense\r\n\r\n")
    assert (await caller.answer())[0] == 400
    await eventually(lambda: not running.connections)


async def test_a_caller_who_sends_for_ever_after_its_answer_is_cut(serve: Serve) -> None:
    running = await serve(echo, ProtocolLimits(linger_bytes=100_000, linger_timeout=30))
    caller = await running.call(b"nonsense\r\n\r\n" + b"a" * 1_000_000)
    await caller.until(b"}")
    await eventually(lambda: not running.connections)
