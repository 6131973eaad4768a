"""Request bodies that come piece by piece, and answers that do not wait for them."""

from __future__ import annotations

import asyncio
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING

import pytest

from router.errors import DownstreamError, UpstreamError
from router.upstream.bounds import Timeouts
from tests.upstream.conftest import OriginFactory, UpstreamFactory, get, post, whole
from tests.upstream.origin import OK, Peer

if TYPE_CHECKING:
    from collections.abc import Iterable


class Pieces:
    """A body of given pieces; ``more`` must be set before each."""

    def __init__(self, pieces: Iterable[bytes], length: int | None = None) -> None:
        self.length = length
        self.more = asyncio.Event()
        self.more.set()
        self.reads = 0
        self.reading = False
        self._pieces = iter(pieces)

    async def read(self) -> bytes:
        self.reading = True
        try:
            await self.more.wait()
        finally:
            self.reading = False
        self.reads += 1
        return next(self._pieces, b"")


class Broken(Pieces):
    """Raises where the pieces end: the caller left."""

    async def read(self) -> bytes:
        piece = await super().read()
        if not piece:
            raise DownstreamError(400, "the caller has left")
        return piece


TOO_LARGE = b"HTTP/1.1 413 Content Too Large\r\ncontent-length: 2\r\n\r\nno"


@pytest.mark.parametrize("length", [None, 11])
async def test_a_streamed_body_arrives_framed(
    origin: OriginFactory, upstream: UpstreamFactory, length: int | None
) -> None:
    heard: list[tuple[bytes, bytes]] = []

    async def play(peer: Peer) -> None:
        while True:
            heard.append(await peer.request())
            await peer.say(OK)

    served = await origin(play)
    up = await upstream(served)
    for _ in range(2):
        response = await post(up, Pieces([b"hello", b" ", b"world"], length))
        assert await whole(response) == b"hi"
    assert [body for _, body in heard] == [b"hello world"] * 2
    assert (b"\r\ntransfer-encoding: chunked\r\n" in heard[0][0]) == (length is None)
    assert (b"\r\ncontent-length: 11\r\n" in heard[0][0]) == (length is not None)
    assert len(served.peers) == 1


async def test_pieces_go_out_as_they_come(origin: OriginFactory, upstream: UpstreamFactory) -> None:
    first = asyncio.Event()

    async def play(peer: Peer) -> None:
        await peer.head()
        assert await peer.reader.readexactly(5) == b"hello"
        first.set()
        assert await peer.reader.readexactly(5) == b"world"
        await peer.say(OK)

    up = await upstream(await origin(play))
    body = Pieces([b"hello", b"world"], 10)
    sending = asyncio.create_task(post(up, body))
    await asyncio.wait_for(first.wait(), 1)
    assert await whole(await sending) == b"hi"


@pytest.mark.parametrize("close", [False, True])
@pytest.mark.parametrize("length", [None, 1 << 30])
async def test_an_early_refusal_is_passed_on_and_stops_the_body(
    origin: OriginFactory, upstream: UpstreamFactory, length: int | None, *, close: bool
) -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        await peer.say(TOO_LARGE)
        if not close:
            await peer.left()

    served = await origin(play)
    up = await upstream(served)
    body = Pieces((b"x" * 65536 for _ in range(16384)), length)
    response = await asyncio.wait_for(post(up, body), 2)
    assert response.head.status == 413
    assert not response.sending
    reads = body.reads
    assert await whole(response) == b"no"
    assert body.reads == reads < 200
    assert up.targets[0].idle == 0, "half a request went out on it"


async def test_a_refusal_is_seen_while_the_caller_is_silent(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        await peer.say(TOO_LARGE)
        await peer.left()

    up = await upstream(await origin(play))
    body = Pieces([b"x"], 1)
    body.more.clear()
    async with asyncio.timeout(1):
        response = await post(up, body)
    assert response.head.status == 413
    assert not body.reading, "the caller's side may read on by itself"
    assert body.reads == 0
    response.release()


async def test_an_early_success_lets_the_body_go_on(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n")
        for _ in range(3):
            data = await peer.reader.readexactly(4)
            await peer.say(b"4\r\n" + data + b"\r\n")
        await peer.say(b"0\r\n\r\n")
        await peer.left()

    up = await upstream(await origin(play))
    body = Pieces([b"one.", b"two.", b"six."], 12)
    body.more.clear()
    response = await asyncio.wait_for(post(up, body), 1)
    assert response.sending
    body.more.set()
    assert await whole(response) == b"one.two.six."
    assert not response.sending
    assert up.targets[0].idle == 1


@pytest.mark.parametrize("length", [None, 20])
async def test_a_body_that_breaks_off_never_looks_complete(
    origin: OriginFactory, upstream: UpstreamFactory, length: int | None
) -> None:
    heard = asyncio.Queue[bytes]()

    async def play(peer: Peer) -> None:
        await peer.head()
        try:
            heard.put_nowait(await peer.reader.read())
        except ConnectionError:
            heard.put_nowait(b"")

    up = await upstream(await origin(play))
    with pytest.raises(DownstreamError, match="has left"):
        await post(up, Broken([b"hello"], length))
    assert not (await asyncio.wait_for(heard.get(), 1)).endswith(b"0\r\n\r\n")
    assert up.targets[0].up
    assert up.targets[0].busy == 0


@pytest.mark.parametrize("length", [4, 6])
async def test_a_body_of_another_length_than_said_is_not_sent_on(
    origin: OriginFactory, upstream: UpstreamFactory, length: int
) -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        await peer.left()

    served = await origin(play)
    up = await upstream(served)
    with pytest.raises(DownstreamError):
        await post(up, Pieces([b"hello"], length))
    await asyncio.wait_for(served.peers[0].gone.wait(), 1)


async def test_a_caller_who_leaves_while_sending_stops_the_upstream(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        arrived.set()
        await peer.left()

    arrived = asyncio.Event()
    served = await origin(play)
    up = await upstream(served)
    body = Pieces([b"x"], 2)
    body.more.clear()
    sending = asyncio.create_task(post(up, body))
    await asyncio.wait_for(arrived.wait(), 1)
    sending.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sending
    await asyncio.wait_for(served.peers[0].gone.wait(), 0.3)
    assert up.targets[0].busy == 0


async def test_an_upstream_that_resets_stops_the_reading_of_the_body(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        peer.reset()

    up = await upstream(await origin(play))
    body = Pieces([b"x"], 2)
    body.more.clear()
    with pytest.raises(UpstreamError) as caught:
        await asyncio.wait_for(post(up, body), 1)
    assert caught.value.proxy_error == "connection_terminated"
    await asyncio.sleep(0)
    assert not body.reading


async def test_a_slow_caller_is_not_the_upstreams_fault(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.say(OK)

    up = await upstream(await origin(play), timeouts=Timeouts(first_byte=0.2))
    body = Pieces([b"hello"], 5)
    body.more.clear()
    sending = asyncio.create_task(post(up, body))
    done, _ = await asyncio.wait({sending}, timeout=0.3)
    assert not done
    body.more.set()
    assert await whole(await sending) == b"hi"


async def test_an_upstream_that_reads_nothing_is_given_up(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        await stop.wait()

    stop = asyncio.Event()
    up = await upstream(await origin(play), timeouts=Timeouts(first_byte=0.1))
    body = Pieces((b"x" * 65536 for _ in range(1000)), None)
    with pytest.raises(UpstreamError) as caught:
        await asyncio.wait_for(post(up, body), 2)
    assert caught.value.proxy_error == "http_response_timeout"
    with pytest.raises(UpstreamError) as caught:
        await asyncio.wait_for(post(up, b"x" * 30_000_000), 2)
    assert caught.value.proxy_error == "http_response_timeout"
    stop.set()


async def test_an_answer_before_the_body_was_taken_closes_the_connection(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        await peer.say(OK)
        await peer.left()

    served = await origin(play)
    up = await upstream(served)
    body = Pieces([b"x"], 2)
    body.more.clear()
    response = await post(up, body)
    assert await response.read() == b"hi"
    assert response.sending
    response.release()
    assert up.targets[0].idle == 0
    await asyncio.wait_for(served.peers[0].gone.wait(), 1)
    assert await whole(await get(up)) == b"hi"


async def test_a_refusal_is_not_lost_to_the_reset_behind_it(upstream: UpstreamFactory) -> None:
    """The loop learns of the reset from a failed write, before it has looked at what came."""
    closed = threading.Event()

    def play() -> None:
        peer, _ = listener.accept()
        with peer:
            while b"\r\n\r\n" not in peer.recv(65536):
                pass
            peer.sendall(TOO_LARGE)
            time.sleep(0.02)  # a reset that overtakes the answer would destroy it
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        closed.set()

    class Blocking(Pieces):
        async def read(self) -> bytes:
            if self.reads == 1:
                assert closed.wait(1)
            return await super().read()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=play)
        thread.start()
        up = await upstream(f"http://127.0.0.1:{listener.getsockname()[1]}")
        response = await post(up, Blocking([b"x"] * 9, 9))
        thread.join()
    assert response.head.status == 413
    assert await whole(response) == b"no"
