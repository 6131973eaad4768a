"""Upstreams that fail, and the RFC 9209 words for it."""

from __future__ import annotations

import asyncio
import socket

import pytest

from router.errors import UpstreamError
from router.upstream.bounds import Timeouts
from tests.upstream.conftest import OriginFactory, UpstreamFactory, get, post, whole
from tests.upstream.origin import OK, Peer

STOPPED_WITHIN = 0.3
SIZED = b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\n"
CHUNKED = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n"


def closed_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


async def test_a_refused_connection(upstream: UpstreamFactory) -> None:
    errors: list[tuple[str, str]] = []
    url = f"http://127.0.0.1:{closed_port()}"
    up = await upstream(url, on_error=lambda name, error: errors.append((name, error)))
    with pytest.raises(UpstreamError) as caught:
        await get(up)
    assert (caught.value.status, caught.value.proxy_error) == (502, "connection_refused")
    assert errors == [("test", "connection_refused")]
    assert "127.0.0.1" not in caught.value.detail


async def test_a_name_that_does_not_exist(upstream: UpstreamFactory) -> None:
    up = await upstream("http://no-such-name.invalid", timeouts=Timeouts(connect=10))
    with pytest.raises(UpstreamError) as caught:
        await get(up)
    assert (caught.value.status, caught.value.proxy_error) == (502, "dns_error")
    assert "invalid" not in caught.value.detail


async def test_a_host_that_does_not_accept(upstream: UpstreamFactory) -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.listen(0)
        address = sock.getsockname()
        fillers = [socket.socket() for _ in range(4)]  # the backlog is full: SYNs are dropped
        for filler in fillers:
            filler.setblocking(False)
            filler.connect_ex(address)
        up = await upstream(f"http://127.0.0.1:{address[1]}", timeouts=Timeouts(connect=0.1))
        with pytest.raises(UpstreamError) as caught:
            await asyncio.wait_for(get(up), 1)
        for filler in fillers:
            filler.close()
    assert (caught.value.status, caught.value.proxy_error) == (504, "connection_timeout")
    assert up.targets[0].busy == 0


@pytest.mark.parametrize(
    ("said", "token"),
    [
        (b"", "connection_terminated"),
        (b"HTTP/1.1 2", "http_response_incomplete"),
        (b"HTTP/1.1 200 OK\r\ncontent-le", "http_response_incomplete"),
        (b"HTTP/1.1 100 Continue\r\n\r\n", "http_response_incomplete"),
        (b"SSH-2.0-OpenSSH_9.6\r\n", "http_protocol_error"),
        (b"HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\n\r\n", "http_upgrade_failed"),
    ],
)
@pytest.mark.parametrize("reset", [False, True])
async def test_no_whole_head(
    origin: OriginFactory, upstream: UpstreamFactory, said: bytes, token: str, *, reset: bool
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.say(said)
        if reset:
            peer.reset()

    served = await origin(play)
    up = await upstream(served, retries=0)
    with pytest.raises(UpstreamError) as caught:
        await post(up, b"x")
    assert (caught.value.status, caught.value.proxy_error) == (502, token)
    assert len(served.peers) == 1, "a POST is not sent twice"
    assert up.targets[0].busy == up.targets[0].idle == 0


@pytest.mark.parametrize(
    ("said", "read", "token"),
    [
        (SIZED + b"12345", b"12345", "http_response_incomplete"),
        (CHUNKED + b"5\r\n12345\r\n", b"12345", "http_response_incomplete"),
        (CHUNKED + b"5\r\n12345\r\n0\r\n", b"12345", "http_response_incomplete"),
        (CHUNKED + b"5\r\n12345\r\nzz\r\n", b"12345", "http_protocol_error"),
        (CHUNKED + b"5\r\n12345678", b"12345", "http_protocol_error"),
    ],
)
async def test_a_truncated_or_broken_body_is_never_complete(
    origin: OriginFactory, upstream: UpstreamFactory, said: bytes, read: bytes, token: str
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.say(said)

    errors: list[str] = []
    up = await upstream(await origin(play), on_error=lambda _, error: errors.append(error))
    response = await get(up)
    got: list[bytes] = []
    with pytest.raises(UpstreamError) as caught:
        await whole(response, got)
    assert not response.complete
    response.release()
    assert b"".join(got) == read
    assert (caught.value.status, caught.value.proxy_error) == (502, token)
    assert errors == [token]
    assert up.targets[0].busy == up.targets[0].idle == 0


async def test_a_reset_ends_even_a_body_that_ends_with_the_connection(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.head()
        await peer.say(b"HTTP/1.1 200 OK\r\n\r\nsome")
        await turn.wait()
        peer.reset()

    turn = asyncio.Event()
    up = await upstream(await origin(play))
    response = await get(up)
    assert await response.read() == b"some"
    turn.set()
    with pytest.raises(UpstreamError) as caught:
        await response.read()
    assert caught.value.proxy_error == "http_response_incomplete"
    response.release()


async def test_a_black_hole_is_given_up_in_time(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.left()

    served = await origin(play)
    up = await upstream(served, timeouts=Timeouts(first_byte=0.1))
    with pytest.raises(UpstreamError) as caught:
        await asyncio.wait_for(get(up), 0.5)
    assert (caught.value.status, caught.value.proxy_error) == (504, "http_response_timeout")
    assert len(served.peers) == 1
    await asyncio.wait_for(served.peers[0].gone.wait(), 0.5)


async def test_a_head_that_drips_is_given_up_in_time(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        while True:
            await peer.say(b"HTTP/1.1 103 Early Hints\r\n\r\n")
            await asyncio.sleep(0.03)

    up = await upstream(await origin(play), timeouts=Timeouts(first_byte=0.15))
    with pytest.raises(UpstreamError) as caught:
        await asyncio.wait_for(get(up), 0.6)
    assert caught.value.proxy_error == "http_response_timeout"


async def test_silence_between_two_pieces_is_bounded(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.say(SIZED)
        for _ in range(4):
            await peer.say(b"x")
            await asyncio.sleep(0.08)
        await peer.left()

    up = await upstream(await origin(play), timeouts=Timeouts(idle=0.25))
    response = await get(up)
    for _ in range(4):
        assert await response.read() == b"x"
    with pytest.raises(UpstreamError) as caught:
        await asyncio.wait_for(response.read(), 1)
    assert (caught.value.status, caught.value.proxy_error) == (504, "http_response_timeout")
    response.release()


@pytest.mark.parametrize(
    ("streaming", "media", "ends"),
    [
        (False, b"application/json", True),
        (True, b"application/json", False),
        (False, b"Text/Event-Stream; charset=utf-8", False),
    ],
)
async def test_the_total_ends_an_answer_but_no_stream(
    origin: OriginFactory, upstream: UpstreamFactory, media: bytes, *, streaming: bool, ends: bool
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.say(SIZED[:-2] + b"content-type: " + media + b"\r\n\r\n")
        for _ in range(10):
            await peer.say(b"x")
            await asyncio.sleep(0.02)

    up = await upstream(await origin(play), timeouts=Timeouts(total=0.1))
    response = await get(up, streaming=streaming)
    if not ends:
        assert await whole(response) == b"x" * 10
        return
    with pytest.raises(UpstreamError) as caught:
        await asyncio.wait_for(whole(response), 1)
    response.release()
    assert caught.value.proxy_error == "http_response_timeout"


async def test_a_caller_who_leaves_while_waiting_stops_the_upstream(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        asked.set()
        await peer.left()

    asked = asyncio.Event()
    served = await origin(play)
    up = await upstream(served)
    waiting = asyncio.create_task(get(up))
    await asyncio.wait_for(asked.wait(), 1)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await asyncio.wait_for(served.peers[0].gone.wait(), STOPPED_WITHIN)
    assert up.targets[0].busy == 0


async def test_all_addresses_of_a_name_are_tried(
    origin: OriginFactory, upstream: UpstreamFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def play(peer: Peer) -> None:
        assert b"\r\nhost: somewhere.test:" in await peer.head()
        await peer.say(OK)

    served = await origin(play)
    looked_up = []

    async def lookup(host: str, port: int, **_: object) -> list[object]:
        looked_up.append(host)
        return [(0, 0, 0, "", (address, port)) for address in ("127.0.0.2", "127.0.0.1")]

    up = await upstream(f"http://somewhere.test:{served.port}")
    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", lookup)
    for _ in range(2):
        assert await whole(await get(up)) == b"hi"
    assert looked_up == ["somewhere.test"] * 2, "again for each new connection"
