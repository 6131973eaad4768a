"""Neither side makes the router hold what the other does not take."""

from __future__ import annotations

import asyncio
import socket
from typing import Any

import pytest

from router.downstream.asgi import Receive, Scope, Send
from router.downstream.limits import ProtocolLimits
from tests.downstream.conftest import Running, Serve, eventually, read_body, respond

MIB = 1048576
GET = b"GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
SMALL_WINDOW: Any = {"limit": 4096}


def unsent(running: Running) -> int:
    (connection,) = running.connections
    size: int = connection.outlet._transport.get_write_buffer_size()
    return size


class Flood:
    """Answers with ``pieces`` of ``size`` bytes; counts those that left it."""

    def __init__(self, size: int, pieces: int) -> None:
        self.size, self.pieces, self.sent, self.stopped = size, pieces, 0, False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        piece = b"a" * self.size
        try:
            await send({"type": "http.response.start", "status": 200, "headers": []})
            for _ in range(self.pieces):
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                self.sent += self.size
            await send({"type": "http.response.body", "body": b""})
        finally:
            self.stopped = True


@pytest.mark.parametrize(("size", "pieces"), [(1000, 20000), (100_000, 200), (24 * MIB, 1)])
async def test_a_caller_who_does_not_read_holds_the_application(
    serve: Serve, size: int, pieces: int
) -> None:
    flood = Flood(size, pieces)
    running = await serve(flood)
    caller = await running.call(GET, **SMALL_WINDOW)
    await eventually(lambda: running.connections[0].outlet.write_paused)
    for _ in range(20):
        assert unsent(running) <= 262144
        await asyncio.sleep(0)
    assert not flood.stopped
    assert (await caller.head())[0] == 200
    received = 0
    while count := int(await caller.until(b"\r\n"), 16):
        await caller.reader.readexactly(count + 2)
        received += count
    assert received == size * pieces


async def test_a_caller_who_takes_nothing_is_cut(serve: Serve) -> None:
    flood = Flood(65536, 10**6)
    running = await serve(flood, ProtocolLimits(write_idle=0.1))
    await running.call(GET, **SMALL_WINDOW)
    await eventually(lambda: flood.stopped)
    await eventually(lambda: not running.connections)


async def test_a_caller_who_takes_little_is_not_cut(serve: Serve) -> None:
    flood = Flood(65536, 10**6)
    running = await serve(flood, ProtocolLimits(write_idle=0.15))
    caller = await running.call(GET, **SMALL_WINDOW)
    await eventually(lambda: running.connections[0].outlet.write_paused)
    for _ in range(8):
        await caller.reader.readexactly(MIB)
        await asyncio.sleep(0.05)
    assert not flood.stopped


async def test_an_answer_that_is_never_taken_does_not_outlive_its_connection(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, b"a" * 8 * MIB, 200, (b"connection", b"close"))

    running = await serve(app, ProtocolLimits(write_idle=0.1))
    await running.call(GET, **SMALL_WINDOW)
    await eventually(lambda: bool(running.connections))
    await eventually(lambda: not running.connections)


async def test_a_caller_who_half_closes_and_takes_nothing_is_cut(serve: Serve) -> None:
    flood = Flood(30000, 10**6)
    running = await serve(flood, ProtocolLimits(write_idle=0.1))
    caller = await running.call(GET, **SMALL_WINDOW)
    await eventually(lambda: bool(running.connections) and unsent(running) > 0)
    caller.writer.write_eof()
    await eventually(lambda: flood.stopped)
    await eventually(lambda: not running.connections)


async def test_an_application_that_does_not_read_holds_the_caller(serve: Serve) -> None:
    go = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await go.wait()
        body = await read_body(receive)
        await respond(send, b"%d" % len(body))

    running = await serve(app)
    size = 8 * MIB
    caller = await running.call(b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n" % size)
    caller.send(b"a" * size)
    await eventually(lambda: bool(running.connections) and running.connections[0]._inlet.paused)
    cycle = running.connections[0]._cycle
    for _ in range(20):
        assert cycle.unread <= 65536 + 262144
        await asyncio.sleep(0.001)
    go.set()
    assert (await caller.answer())[2] == b"%d" % size


async def test_pipelined_bytes_are_bounded_and_all_answered(serve: Serve) -> None:
    go = asyncio.Event()
    begun = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        begun.append(scope["raw_path"])
        await go.wait()
        await respond(send, scope["raw_path"])

    running = await serve(app)
    count = 15000
    caller = await running.call(
        b"".join(b"GET /%d HTTP/1.1\r\nHost: x\r\n\r\n" % number for number in range(count))
    )
    await eventually(lambda: bool(running.connections) and running.connections[0]._inlet.paused)
    assert running.connections[0]._reader.pending <= 65536 + 262144
    assert begun == [b"/0"], "one request at a time"
    go.set()
    for number in range(500):
        assert (await caller.answer())[2] == b"/%d" % number


async def test_one_byte_chunks_are_bounded_too(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, b"%d" % len(await read_body(receive)))

    running = await serve(app)
    caller = await running.call(
        b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n"
        + b"1\r\nx\r\n" * 60000
        + b"0\r\n\r\n"
        + GET
    )
    assert (await caller.answer())[2] == b"60000"
    assert (await caller.answer())[2] == b"0"


async def test_small_pieces_leave_at_once(serve: Serve) -> None:
    """An event waits neither for more of its kind nor for an acknowledgement."""
    step = asyncio.Event()

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        for number in range(3):
            await step.wait()
            step.clear()
            await send({"type": "http.response.body", "body": b"%d" % number, "more_body": True})
        await send({"type": "http.response.body", "body": b""})

    running = await serve(app)
    caller = await running.call(GET)
    assert (await caller.head())[0] == 200, "the head does not wait for a body"
    loop = asyncio.get_running_loop()
    took = []
    for number in range(3):
        began = loop.time()
        step.set()
        assert await caller.until(b"\r\n") == b"1\r\n"
        assert await caller.until(b"\r\n") == b"%d\r\n" % number
        took.append(loop.time() - began)
    assert min(took) < 0.03
    sock = running.connections[0].outlet._transport.get_extra_info("socket")
    assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_head_and_body_leave_in_one_piece(serve: Serve) -> None:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await respond(send, b"body")

    running = await serve(app)
    loop = asyncio.get_running_loop()
    with socket.create_connection(("127.0.0.1", running.port)) as sock:
        sock.setblocking(False)
        await loop.sock_sendall(sock, GET)
        assert (await loop.sock_recv(sock, 65536)).endswith(b"body")
