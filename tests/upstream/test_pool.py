"""Few connections, used again, bounded in number and age."""

from __future__ import annotations

import asyncio

import pytest

from router.errors import UpstreamError
from router.upstream.bounds import Bounds, Timeouts
from tests.upstream.conftest import OriginFactory, UpstreamFactory, get, post, whole
from tests.upstream.origin import OK, Origin, Peer, forever


class Gate:
    """An origin that answers once it is opened."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.asked = asyncio.Semaphore(0)

    async def play(self, peer: Peer) -> None:
        while True:
            await peer.request()
            self.asked.release()
            await self.open.wait()
            await peer.say(OK)


async def idle(origin: Origin) -> None:
    for peer in origin.peers:
        await asyncio.wait_for(peer.gone.wait(), 1)


async def test_the_connection_used_last_is_used_first(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    served = await origin(forever)
    up = await upstream(served)
    first, second = await get(up), await get(up)
    newest = second._connection
    await whole(first)
    await whole(second)
    assert up.targets[0].idle == 2
    third = await get(up)
    assert third._connection is newest
    await whole(third)


async def test_idle_connections_are_closed_in_time(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    served = await origin(forever)
    up = await upstream(served, bounds=Bounds(idle=0.3))
    await whole(await get(up))
    await asyncio.sleep(0.15)
    one, other = await get(up), await get(up)
    await whole(one)
    await whole(other)
    assert up.targets[0].idle == 2
    await asyncio.wait_for(idle(served), 1)
    assert up.targets[0].idle == 0


async def test_beyond_the_bounds_it_is_503_at_once(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    gate = Gate()
    up = await upstream(await origin(gate.play), bounds=Bounds(connections=2, pending=1))
    calls = [asyncio.create_task(get(up)) for _ in range(3)]
    await gate.asked.acquire()
    await gate.asked.acquire()
    assert up.targets[0].busy == 3
    with pytest.raises(UpstreamError) as caught:
        await asyncio.wait_for(get(up), 0.5)
    assert (caught.value.status, caught.value.proxy_error) == (503, "connection_limit_reached")
    assert (b"retry-after", b"1") in caught.value.fields
    gate.open.set()
    for call in calls[:2]:
        assert await whole(await call) == b"hi"
    assert await whole(await calls[2]) == b"hi"
    assert up.targets[0].up
    assert up.targets[0].busy == 0
    assert up.targets[0].idle == 2


async def test_who_waits_too_long_gets_503(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    gate = Gate()
    up = await upstream(
        await origin(gate.play), bounds=Bounds(connections=1), timeouts=Timeouts(connect=0.05)
    )
    call = asyncio.create_task(get(up))
    await gate.asked.acquire()
    with pytest.raises(UpstreamError) as caught:
        await get(up)
    assert caught.value.proxy_error == "connection_limit_reached"
    gate.open.set()
    assert await whole(await call) == b"hi"
    assert await whole(await get(up)) == b"hi"


async def test_who_waits_gets_the_slot_of_a_connection_that_closed(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    gate = Gate()
    served = await origin(gate.play)
    up = await upstream(served, bounds=Bounds(connections=1))
    call = asyncio.create_task(get(up))
    await gate.asked.acquire()
    waiting = asyncio.create_task(get(up))
    await asyncio.sleep(0)
    call.cancel()
    gate.open.set()
    assert await whole(await asyncio.wait_for(waiting, 1)) == b"hi"
    assert len(served.peers) == 2


@pytest.mark.parametrize("clean", [True, False])
async def test_what_was_given_to_one_who_just_left_is_not_lost(
    origin: OriginFactory, upstream: UpstreamFactory, *, clean: bool
) -> None:
    up = await upstream(await origin(forever), bounds=Bounds(connections=1))
    response = await get(up)
    assert await response.read() == b"hi"
    waiting = asyncio.create_task(get(up))
    await asyncio.sleep(0)
    assert up.targets[0].busy == 2
    if clean:
        response.release()  # the connection is handed over …
    else:
        assert response._connection is not None
        response._connection.abort()  # … or its slot …
    waiting.cancel()  # … to a caller who leaves in that moment
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert up.targets[0].busy == 0
    assert await whole(await asyncio.wait_for(get(up), 1)) == b"hi"


async def test_one_who_left_before_is_passed_over(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    up = await upstream(await origin(forever), bounds=Bounds(connections=1))
    response = await get(up)
    assert await response.read() == b"hi"
    calls = [asyncio.create_task(get(up)) for _ in range(2)]
    await asyncio.sleep(0)
    calls[0].cancel()
    response.release()
    assert await whole(await asyncio.wait_for(calls[1], 1)) == b"hi"
    assert up.targets[0].busy == 0


async def test_a_connection_that_closes_as_it_is_handed_over_is_replaced(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    served = await origin(forever)
    up = await upstream(served, bounds=Bounds(connections=1), retries=0)
    response = await get(up)
    connection = response._connection
    assert connection is not None
    assert await response.read() == b"hi"
    waiting = asyncio.create_task(post(up, b"x"))
    await asyncio.sleep(0)
    response.release()
    connection.abort()
    assert await whole(await asyncio.wait_for(waiting, 1)) == b"hi"
    assert len(served.peers) == 2
    assert up.targets[0].busy == 0


async def test_a_closed_idle_connection_is_not_used(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        await peer.say(OK)
        await close.wait()

    close = asyncio.Event()
    served = await origin(play)
    up = await upstream(served)
    await whole(await get(up))
    close.set()
    await asyncio.wait_for(served.peers[0].gone.wait(), 1)
    assert await whole(await post(up, b"x")) == b"hi"
    assert len(served.peers) == 2


async def test_close_ends_what_is_under_way(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    gate = Gate()
    served = await origin(gate.play)
    up = await upstream(served)
    call = asyncio.create_task(get(up, idempotent=False))
    await gate.asked.acquire()
    await up.close()
    with pytest.raises(UpstreamError):
        await call
    gate.open.set()
    await asyncio.wait_for(idle(served), 1)


async def test_a_cancelled_connect_leaves_nothing(upstream: UpstreamFactory) -> None:
    hung: asyncio.Future[list[object]] = asyncio.get_running_loop().create_future()

    async def lookup(*_: object, **__: object) -> list[object]:
        return await hung

    up = await upstream("http://somewhere.test")
    asyncio.get_running_loop().getaddrinfo = lookup  # type: ignore[method-assign, assignment]
    calls = [asyncio.create_task(get(up)) for _ in range(2)]
    await asyncio.sleep(0)
    assert up.targets[0].busy == 2
    for call in calls:
        call.cancel()
    await asyncio.wait(calls)
    assert up.targets[0].busy == 0
    hung.set_exception(OSError())


async def test_connections_share_a_look_up_that_outlives_who_began_it(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    served = await origin(forever)
    found: asyncio.Future[list[object]] = asyncio.get_running_loop().create_future()
    asked: list[str] = []

    async def lookup(host: str, port: int, **_: object) -> list[object]:
        asked.append(host)
        return await found

    up = await upstream(f"http://somewhere.test:{served.port}")
    asyncio.get_running_loop().getaddrinfo = lookup  # type: ignore[method-assign, assignment]
    calls = [asyncio.create_task(get(up)) for _ in range(3)]
    await asyncio.sleep(0.01)
    calls[0].cancel()
    await asyncio.wait(calls[:1])
    found.set_result([(0, 0, 0, "", ("127.0.0.1", served.port))])
    for call in calls[1:]:
        assert await whole(await asyncio.wait_for(call, 1)) == b"hi"
    assert asked == ["somewhere.test"]
