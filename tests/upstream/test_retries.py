"""What is sent again, and what never."""

from __future__ import annotations

import asyncio
import socket
import threading

import pytest

from router.errors import UpstreamError
from router.upstream.bounds import Bounds
from router.upstream.breaker import BreakerPolicy
from tests.upstream.conftest import OriginFactory, UpstreamFactory, get, post, whole
from tests.upstream.origin import OK, Peer, forever
from tests.upstream.test_faults import closed_port
from tests.upstream.test_request_body import Pieces


async def once(peer: Peer) -> None:
    """Answers one request, and resets at the next."""
    await peer.request()
    await peer.say(OK)
    await peer.request()
    peer.reset()


async def test_an_idempotent_call_on_a_stale_connection_is_sent_again(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    served = await origin(once)
    up = await upstream(served, retries=0)
    for _ in range(3):
        assert await whole(await get(up)) == b"hi"
    assert len(served.peers) == 3
    assert up.targets[0].up


@pytest.mark.parametrize("streamed", [False, True])
async def test_a_post_is_never_sent_twice(
    origin: OriginFactory, upstream: UpstreamFactory, *, streamed: bool
) -> None:
    served = await origin(once)
    up = await upstream(served, retries=3, breaker=BreakerPolicy(failures=1))
    await whole(await get(up))
    with pytest.raises(UpstreamError) as caught:
        await post(up, Pieces([b"x"], 1) if streamed else b"x")
    assert caught.value.proxy_error == "connection_terminated"
    assert len(served.peers) == 1
    assert up.targets[0].up, "a stale connection says nothing of the target"


async def test_a_streamed_body_is_never_sent_twice(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.head()

    served = await origin(play)
    up = await upstream(served, retries=3)
    with pytest.raises(UpstreamError):
        await up.send(b"PUT", b"/", [], Pieces([b"x"], 1), idempotent=True, streaming=False)
    assert len(served.peers) == 1


async def test_a_partial_answer_is_not_asked_for_again(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.say(b"HTTP/1.1 20")

    served = await origin(play)
    up = await upstream(served, retries=3)
    with pytest.raises(UpstreamError) as caught:
        await get(up)
    assert caught.value.proxy_error == "http_response_incomplete"
    assert len(served.peers) == 1


async def test_a_reset_of_an_idempotent_call_is_retried_as_often_as_said(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()

    served = await origin(play)
    up = await upstream(served, retries=2)
    with pytest.raises(UpstreamError) as caught:
        await get(up)
    assert caught.value.proxy_error == "connection_terminated"
    assert len(served.peers) == 3


async def test_another_target_is_tried_when_one_refuses(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    served = await origin(forever)
    up = await upstream(f"http://127.0.0.1:{closed_port()}", served)
    for _ in range(8):
        assert await whole(await post(up, Pieces([b"x"], 1))) == b"hi"
    with pytest.raises(UpstreamError):
        await whole(await get(await upstream(f"http://127.0.0.1:{closed_port()}")))


async def test_a_post_does_not_go_to_a_connection_that_closed_unseen(
    upstream: UpstreamFactory,
) -> None:
    """The origin closes while our loop is held up: the socket knows, the loop does not yet."""
    heard: list[bytes] = []
    answered, closed = threading.Event(), threading.Event()

    def play() -> None:
        for number in range(2):
            peer, _ = listener.accept()
            with peer:
                heard.append(peer.recv(65536))
                peer.sendall(OK)
                if number == 0:
                    assert answered.wait(1)
            closed.set()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=play)
        thread.start()
        up = await upstream(f"http://127.0.0.1:{listener.getsockname()[1]}")
        assert await whole(await post(up, b"1")) == b"hi"
        assert up.targets[0].idle == 1
        answered.set()
        assert closed.wait(1)  # holds the loop up
        assert await whole(await asyncio.wait_for(post(up, b"2"), 1)) == b"hi"
        thread.join()
    assert [request[-1:] for request in heard] == [b"1", b"2"]


async def test_a_fresh_connection_beyond_the_limit_replaces_an_idle_one(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    served = await origin(once)
    up = await upstream(served, bounds=Bounds(connections=1))
    for _ in range(3):
        assert await whole(await get(up)) == b"hi"
    assert len(served.peers) == 3
