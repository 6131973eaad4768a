"""One request and its answer, over connections that are used again."""

from __future__ import annotations

import asyncio
import socket

import pytest

from router.exchange import ResponseHead
from router.upstream import salvage
from tests.upstream.conftest import OriginFactory, UpstreamFactory, get, post, whole
from tests.upstream.origin import OK, Peer, forever


async def test_the_answer_comes_back_and_the_connection_is_used_again(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    served = await origin(forever)
    up = await upstream(served)
    for _ in range(3):
        response = await get(up)
        assert response.head == ResponseHead(200, [(b"content-length", b"2")], b"OK")
        assert await whole(response) == b"hi"
    assert len(served.peers) == 1
    assert up.targets[0].idle == 1
    assert up.targets[0].busy == 0


@pytest.mark.parametrize(
    ("method", "body", "framing"),
    [
        (b"GET", b"", b""),
        (b"DELETE", b"", b""),
        (b"POST", b"", b"content-length: 0"),
        (b"GET", b"abc", b"content-length: 3"),
        (b"POST", b"x" * 200_000, b"content-length: 200000"),
    ],
)
async def test_host_and_framing_are_said_once(
    origin: OriginFactory, upstream: UpstreamFactory, method: bytes, body: bytes, framing: bytes
) -> None:
    heard: list[tuple[bytes, bytes]] = []

    async def play(peer: Peer) -> None:
        heard.append(await peer.request())
        await peer.say(OK)

    up = await upstream((await origin(play)).url + "/base")
    fields = [
        (b"x-a", b"1"),
        (b"host", b"evil"),
        (b"content-length", b"9"),
        (b"transfer-encoding", b"chunked"),
        (b"x-a", b"2"),
    ]
    await whole(await up.send(method, b"/p?q=%20", fields, body, idempotent=False, streaming=False))
    lines = [method + b" /base/p?q=%20 HTTP/1.1", b"host: " + up.targets[0].target.encode()]
    lines += [b"x-a: 1", b"x-a: 2"] + ([framing] if framing else [])
    assert heard == [(b"\r\n".join(lines) + b"\r\n\r\n", body)]


@pytest.mark.parametrize("status", [b"204 No Content", b"304 Not Modified", b"200 OK"])
async def test_an_answer_that_cannot_have_a_body_does_not_wait_for_one(
    origin: OriginFactory, upstream: UpstreamFactory, status: bytes
) -> None:
    async def play(peer: Peer) -> None:
        while True:
            head = await peer.head()
            if head.startswith(b"HEAD"):
                await peer.say(b"HTTP/1.1 " + status + b"\r\ncontent-length: 5\r\n\r\n")
            else:
                await peer.say(OK)

    served = await origin(play)
    up = await upstream(served)
    for _ in range(2):
        response = await up.send(b"HEAD", b"/", [], b"", idempotent=True, streaming=False)
        assert await asyncio.wait_for(whole(response), 1) == b""
        assert await whole(await get(up)) == b"hi"
    assert len(served.peers) == 1


@pytest.mark.parametrize(
    "answer",
    [
        OK + b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil",
        OK + b"x",
        b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nhi",
        b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi",
        (
            b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 9\r\n\r\n"
            b"2\r\nhi\r\n0\r\n\r\n"
        ),
    ],
)
async def test_a_doubtful_connection_is_not_used_again(
    origin: OriginFactory, upstream: UpstreamFactory, answer: bytes
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.say(answer)
        await peer.left()

    served = await origin(play)
    up = await upstream(served)
    for _ in range(2):
        response = await get(up)
        assert response.head.status == 200
        assert await whole(response) == b"hi"
        assert up.targets[0].idle == 0
    assert len(served.peers) == 2


async def test_what_comes_between_exchanges_closes_the_connection(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.say(OK)
        await talk.wait()
        await peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil")
        await peer.left()

    talk = asyncio.Event()
    served = await origin(play)
    up = await upstream(served)
    assert await whole(await get(up)) == b"hi"
    talk.set()
    await asyncio.wait_for(served.peers[0].gone.wait(), 1)
    assert up.targets[0].idle == 0
    assert await whole(await get(up)) == b"hi"
    assert len(served.peers) == 2


async def test_an_answer_without_length_ends_with_the_connection(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.say(b"HTTP/1.1 200 OK\r\n\r\nsome")
        await peer.say(b" more")

    up = await upstream(await origin(play))
    assert await whole(await get(up)) == b"some more"
    assert up.targets[0].busy == up.targets[0].idle == 0


async def test_interim_answers_are_consumed(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        while True:
            await peer.request()
            await peer.say(b"HTTP/1.1 100 Continue\r\n\r\n")
            await peer.say(b"HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n" * 5 + OK)

    up = await upstream(await origin(play))
    for _ in range(2):
        response = await get(up)
        assert response.head.fields == [(b"content-length", b"2")]
        assert await whole(response) == b"hi"


async def test_an_event_is_readable_as_soon_as_it_has_come(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.say(
            b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\n"
            b"transfer-encoding: chunked\r\n\r\n"
        )
        for number in range(5):
            await turn.wait()
            turn.clear()
            await peer.say(b"9\r\ndata: %d\n\n\r\n" % number)
        await peer.say(b"0\r\n\r\n")

    turn = asyncio.Event()
    up = await upstream(await origin(play))
    response = await get(up)
    for number in range(5):
        turn.set()
        assert await asyncio.wait_for(response.read(), 1) == b"data: %d\n\n" % number
    assert await response.read() == b""
    response.release()


async def test_small_writes_are_not_delayed(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    up = await upstream(await origin(forever))
    await whole(await get(up))
    (member,) = up._members
    connection = member.pool._idle[0]
    assert connection._transport is not None
    sock = socket.socket(fileno=socket.dup(salvage._fileno(connection._transport)))
    with sock:
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)


async def test_a_release_in_the_middle_stops_the_upstream_at_once(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.say(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nsome")
        await peer.left()

    served = await origin(play)
    up = await upstream(served)
    response = await get(up)
    assert await response.read() == b"some"
    response.release()
    response.release()
    await asyncio.wait_for(served.peers[0].gone.wait(), 0.3)
    assert up.targets[0].busy == up.targets[0].idle == 0
    with pytest.raises(RuntimeError):
        await response.read()


async def test_an_unread_but_whole_answer_leaves_the_connection_usable(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    served = await origin(forever)
    up = await upstream(served)
    (await post(up, b"x")).release()
    assert await whole(await get(up)) == b"hi"
    assert len(served.peers) == 1
