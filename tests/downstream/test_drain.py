"""A drain loses no request that was on its way."""

from __future__ import annotations

import asyncio

from router.downstream.asgi import Receive, Scope, Send
from router.downstream.limits import ProtocolLimits
from tests.downstream.conftest import Serve, echo, eventually, respond

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"


async def test_what_is_under_way_is_finished_and_told_to_be_the_last(serve: Serve) -> None:
    go = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await go.wait()
        await respond(send, b"done")

    running = await serve(app)
    caller = await running.call(GET + GET)
    await eventually(lambda: bool(running.server.server_state.tasks))
    stopping = asyncio.create_task(running.server.shutdown())
    await asyncio.sleep(0.05)
    assert not stopping.done()
    go.set()
    status, fields, body = await caller.answer()
    assert (status, fields[b"connection"], body) == (200, b"close", b"done")
    assert await caller.rest() == b""
    caller.leave()
    await asyncio.wait_for(stopping, 5)


async def test_an_answer_already_begun_is_finished(serve: Serve) -> None:
    go = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"half", "more_body": True})
        await go.wait()
        await send({"type": "http.response.body", "body": b"half"})

    running = await serve(app, ProtocolLimits(drain_grace=0.1))
    caller = await running.call(GET)
    await caller.head()
    stopping = asyncio.create_task(running.server.shutdown())
    await asyncio.sleep(0.05)
    go.set()
    assert await caller.chunks() == b"halfhalf"
    assert await caller.rest() == b""
    await asyncio.wait_for(stopping, 5)


async def test_fresh_and_idle_connections_get_one_more_answer(serve: Serve) -> None:
    running = await serve(echo)
    fresh = [await running.call() for _ in range(8)]
    idle = [await running.call(GET) for _ in range(8)]
    for caller in idle:
        await caller.answer()
    await eventually(lambda: len(running.connections) == 16)
    stopping = asyncio.create_task(running.server.shutdown())
    await asyncio.sleep(0.03)
    for caller in fresh + idle:
        caller.send(GET)
    for caller in fresh + idle:
        status, fields, _ = await caller.answer()
        assert (status, fields[b"connection"]) == (200, b"close")
        assert await caller.rest() == b""
    await asyncio.wait_for(stopping, 5)


async def test_silent_connections_are_closed_after_the_grace(serve: Serve) -> None:
    running = await serve(echo, ProtocolLimits(drain_grace=0.1))
    fresh = await running.call()
    idle = await running.call(GET)
    await idle.answer()
    await eventually(lambda: len(running.connections) == 2)
    began = asyncio.get_running_loop().time()
    await asyncio.wait_for(running.server.shutdown(), 5)
    assert asyncio.get_running_loop().time() - began < 0.6
    assert await fresh.rest() == await idle.rest() == b""


async def test_a_drain_under_load_fails_nobody(serve: Serve) -> None:
    running = await serve(echo, ProtocolLimits(drain_grace=0.2))
    answered = 0

    async def client() -> None:
        nonlocal answered
        caller = await running.call()
        while True:
            caller.send(GET)
            status, fields, _ = await caller.answer()
            assert status == 200
            answered += 1
            if fields.get(b"connection") == b"close":
                return
            await asyncio.sleep(0.003)

    clients = [asyncio.create_task(client()) for _ in range(16)]
    await eventually(lambda: answered > 100)
    await asyncio.wait_for(running.server.shutdown(), 5)
    await asyncio.gather(*clients)
