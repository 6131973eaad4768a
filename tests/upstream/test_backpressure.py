"""Whoever reads slowly slows the other side down, and nothing piles up between them."""

from __future__ import annotations

import asyncio

import pytest

from router.upstream.bounds import Bounds
from tests.upstream.conftest import OriginFactory, UpstreamFactory, get, post, whole
from tests.upstream.origin import OK, Peer
from tests.upstream.test_request_body import Pieces

MANY = 512
PIECE = b"x" * 65536


@pytest.mark.parametrize("chunked", [False, True])
async def test_an_answer_is_read_only_as_fast_as_it_is_taken(
    origin: OriginFactory, upstream: UpstreamFactory, *, chunked: bool
) -> None:
    said = 0

    async def play(peer: Peer) -> None:
        nonlocal said
        await peer.request()
        framing = (
            b"transfer-encoding: chunked"
            if chunked
            else b"content-length: %d" % (MANY * len(PIECE))
        )
        await peer.say(b"HTTP/1.1 200 OK\r\n" + framing + b"\r\n\r\n")
        for _ in range(MANY):
            await peer.say(b"10000\r\n" + PIECE + b"\r\n" if chunked else PIECE)
            said += 1
        if chunked:
            await peer.say(b"0\r\n\r\n")
        await peer.left()

    served = await origin(play)
    up = await upstream(served)
    response = await get(up)
    before = -1
    while said != before:  # until the origin is stopped by us
        before = said
        await asyncio.sleep(0.03)
    assert said < MANY / 2, "more than what sockets hold went out"
    reader = response._connection._reader  # type: ignore[union-attr]
    assert reader.unread <= 2 * Bounds().unread
    total = 0
    while piece := await response.read():
        assert len(piece) <= 2 * Bounds().unread
        total += len(piece)
    response.release()
    assert total == MANY * len(PIECE)
    assert up.targets[0].idle == 1


async def test_a_request_body_is_taken_only_as_fast_as_it_is_read(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await turn.wait()
        peer.writer.transport.resume_reading()  # type: ignore[attr-defined]
        await peer.reader.readexactly(MANY * len(PIECE))
        await peer.say(OK)

    turn = asyncio.Event()
    up = await upstream(await origin(play))
    body = Pieces((PIECE for _ in range(MANY)), MANY * len(PIECE))
    sending = asyncio.create_task(post(up, body))
    before = -1
    while body.reads != before:
        before = body.reads
        await asyncio.sleep(0.03)
    assert body.reads < MANY / 2
    turn.set()
    assert await whole(await sending) == b"hi"


async def test_a_paused_connection_that_is_released_whole_reads_on(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 70000\r\n\r\n" + b"x" * 70000)

    served = await origin(play)
    up = await upstream(served)
    for _ in range(3):
        response = await get(up)
        connection = response._connection
        assert connection is not None
        async with asyncio.timeout(1):
            while not connection._reader.complete:
                await asyncio.sleep(0)
        assert connection._paused
        response.release()
    assert len(await whole(await get(up))) == 70000
    assert len(served.peers) == 1
