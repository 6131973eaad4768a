"""A caller who leaves stops the work done for it at once, whatever else it has sent."""

from __future__ import annotations

import asyncio
import socket
import struct

import pytest

from router.downstream.asgi import BodyMemory, Downstream, Receive, Scope, Send
from router.downstream.limits import ProtocolLimits
from router.errors import DownstreamError
from tests.downstream.conftest import Serve, eventually, respond

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
WHOLE = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\nhello"
UPLOAD = b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 100000000\r\n\r\n"


class Work:
    """An application that works until it is stopped, and tells what it saw."""

    def __init__(self, *, begins_answer: bool = False) -> None:
        self.begins_answer = begins_answer
        self.running = 0
        self.begun = 0
        self.cancelled: list[tuple[bool, int]] = []
        self.told: list[str] = []
        self.read = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.begun += 1
        self.running += 1
        extension = scope["extensions"]["router"]
        downstream = Downstream(scope, BodyMemory(1 << 20))
        try:
            if self.begins_answer:
                await send({"type": "http.response.start", "status": 200, "headers": []})
                await send({"type": "http.response.body", "body": b"a", "more_body": True})
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            self.cancelled.append((extension.disconnected, extension.refused))
            self.told.append((await receive())["type"])
            assert not downstream.arrived
            if downstream.has_body:
                with pytest.raises(DownstreamError):
                    await downstream.read()
            self.read += 1
            with pytest.raises(OSError):
                await send({"type": "http.response.body", "body": b""})
            raise
        finally:
            self.running -= 1


@pytest.mark.parametrize("how", ["leave", "reset", "half-close"])
@pytest.mark.parametrize(
    ("sent", "begins_answer"),
    [
        (GET, False),
        (GET, True),
        (GET + GET, False),
        (GET + GET[:20], True),
        (WHOLE, False),
        (WHOLE, True),
        (UPLOAD, False),
        (UPLOAD + b"a" * 1000, True),
        (UPLOAD + b"a" * 120_000, False),
        (UPLOAD + b"a" * 120_000, True),
    ],
)
async def test_the_task_is_cancelled_and_gets_no_half_body_for_a_whole_one(
    serve: Serve, sent: bytes, begins_answer: bool, how: str
) -> None:
    work = Work(begins_answer=begins_answer)
    running = await serve(work)
    caller = await running.call(sent)
    await eventually(lambda: work.running == 1)
    # Behind more than both kernels hold, an end of the stream could not even reach us.
    await eventually(lambda: not caller.writer.transport.get_write_buffer_size())
    if how == "leave":
        caller.leave()
    elif how == "reset":
        caller.reset()
    else:
        caller.writer.write_eof()
    took = await eventually(lambda: work.running == 0)
    assert took < 0.1
    assert (work.cancelled, work.told) == ([(True, 0)], ["http.disconnect"])
    assert work.read == 1
    assert work.begun == 1, "a pipelined request of a caller who left is not begun"
    await eventually(lambda: not running.connections)


@pytest.mark.parametrize(
    "rest",
    [
        b"Content-Length: 10\r\n\r\nhello",
        b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n",
    ],
)
async def test_half_a_body_is_never_told_as_whole(serve: Serve, rest: bytes) -> None:
    messages = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        while True:
            messages.append(await receive())

    running = await serve(app)
    caller = await running.call(b"POST /a HTTP/1.1\r\nHost: x\r\n" + rest)
    await eventually(lambda: bool(messages))
    caller.writer.write_eof()
    status, fields, _ = await caller.answer()
    assert (status, fields[b"connection"]) == (400, b"close")
    assert await caller.rest() == b""
    assert messages == [{"type": "http.request", "body": b"hello", "more_body": True}]
    assert running.rejected == [], "it left; nothing was wrong with what it said"


async def test_receive_waits_for_the_caller_to_leave(serve: Serve) -> None:
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(await receive())
        try:
            await receive()
        finally:
            seen.append(await receive())

    running = await serve(app)
    caller = await running.call(GET)
    await eventually(lambda: len(seen) == 1)
    caller.leave()
    await eventually(lambda: len(seen) == 2)
    assert seen == [
        {"type": "http.request", "body": b"", "more_body": False},
        {"type": "http.disconnect"},
    ]


async def test_receive_tells_the_end_once_the_answer_is_complete(serve: Serve) -> None:
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        async def watch() -> None:
            seen.append(await receive())
            seen.append(await receive())

        watching = asyncio.create_task(watch())
        await asyncio.sleep(0)
        await respond(send, b"done")
        await watching

    running = await serve(app)
    caller = await running.call(GET)
    assert (await caller.answer())[2] == b"done"
    await eventually(lambda: len(seen) == 2)
    assert seen[1] == {"type": "http.disconnect"}


async def test_a_body_that_turns_bad_is_refused_and_its_work_stopped(serve: Serve) -> None:
    work = Work()
    running = await serve(work)
    caller = await running.call(
        b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    await eventually(lambda: work.running == 1)
    caller.send(b"5\r\nhello\r\nnonsense\r\n")
    status, _, _ = await caller.answer()
    assert status == 400
    assert await caller.rest() == b""
    assert (work.cancelled, work.told) == ([(True, 400)], ["http.disconnect"])
    assert running.rejected == [], "the application knows of it, and tells"


async def test_a_body_that_turns_bad_cuts_an_answer_already_begun(serve: Serve) -> None:
    work = Work(begins_answer=True)
    running = await serve(work)
    caller = await running.call(
        b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
    )
    assert (await caller.head())[0] == 200
    caller.send(b"nonsense\r\n")
    assert await caller.rest() in (b"1\r\na\r\n", b"")
    assert work.cancelled == [(True, 400)]


async def test_nobody_is_left_behind_when_callers_come_and_go(serve: Serve) -> None:
    work = Work()
    running = await serve(work, ProtocolLimits())
    callers = [await running.call(GET) for _ in range(30)]
    await eventually(lambda: work.running == 30)
    for caller in callers:
        caller.reset()
    await eventually(lambda: work.running == 0)
    await eventually(lambda: not running.connections and not running.server.server_state.tasks)


async def test_a_reset_is_seen_behind_full_buffers(serve: Serve) -> None:
    work = Work()
    running = await serve(work)
    caller = await running.call(UPLOAD + b"a" * 8_000_000)
    await eventually(lambda: work.running == 1)
    sock = caller.writer.get_extra_info("socket")
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    caller.reset()
    assert await eventually(lambda: work.running == 0) < 0.2
    assert work.cancelled == [(True, 0)]


async def test_a_request_whose_caller_leaves_before_it_begins_leaves_no_task(serve: Serve) -> None:
    work = Work()
    running = await serve(work)
    caller = await running.call()
    (connection,) = running.connections
    connection.data_received(GET)  # and the end of the stream in the same turn of the loop
    connection.eof_received()
    await eventually(lambda: not running.server.server_state.tasks)
    assert work.begun == 0
    caller.leave()
