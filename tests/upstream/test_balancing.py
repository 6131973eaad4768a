"""Several targets, breakers and health checks, seen from outside."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from router.errors import UpstreamError
from router.upstream.bounds import Timeouts
from router.upstream.breaker import BreakerPolicy
from router.upstream.health import HealthPolicy
from tests.upstream.conftest import OriginFactory, UpstreamFactory, get, whole
from tests.upstream.origin import OK, Peer, forever

if TYPE_CHECKING:
    from router.upstream.upstream import Upstream


async def until(up: Upstream, states: list[bool]) -> None:
    async with asyncio.timeout(2):
        while [target.up for target in up.targets] != states:
            await asyncio.sleep(0.01)


async def test_calls_go_to_the_less_busy(origin: OriginFactory, upstream: UpstreamFactory) -> None:
    served = [await origin(forever), await origin(forever)]
    up = await upstream(*served)
    responses = [await get(up) for _ in range(10)]
    assert [target.busy for target in up.targets] == [5, 5]
    for response in responses:
        await whole(response)


class Moody:
    """Answers while it is well; else says nothing and closes."""

    def __init__(self) -> None:
        self.well = False
        self.asked = 0
        self.status = b"200 OK"

    async def play(self, peer: Peer) -> None:
        while True:
            await peer.request()
            self.asked += 1
            if not self.well:
                return
            await peer.say(b"HTTP/1.1 " + self.status + b"\r\ncontent-length: 2\r\n\r\nhi")


async def test_a_failing_target_is_left_alone_and_probed_by_one(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    moody = Moody()
    served = await origin(moody.play)
    up = await upstream(served, retries=0, breaker=BreakerPolicy(failures=3, open=0.3))
    for _ in range(3):
        with pytest.raises(UpstreamError):
            await get(up)
    assert moody.asked == 3
    assert not up.targets[0].up
    with pytest.raises(UpstreamError) as caught:
        await get(up)
    assert (caught.value.status, caught.value.proxy_error) == (503, "destination_unavailable")
    assert (b"retry-after", b"1") in caught.value.fields
    assert moody.asked == 3
    await asyncio.sleep(0.35)
    moody.well = True
    calls = await asyncio.gather(*(get(up) for _ in range(5)), return_exceptions=True)
    answered = [call for call in calls if not isinstance(call, BaseException)]
    assert len(answered) == 1
    assert moody.asked == 4
    await whole(answered[0])
    assert up.targets[0].up


async def test_a_cancelled_probe_lets_another_probe(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.request()
        if peer.number == 0:
            return
        if peer.number == 1:
            asked.set()
            await peer.left()
        await peer.say(OK)

    asked = asyncio.Event()
    served = await origin(play)
    up = await upstream(served, retries=0, breaker=BreakerPolicy(failures=1, open=0.05))
    with pytest.raises(UpstreamError):
        await get(up)
    await asyncio.sleep(0.07)
    probe = asyncio.create_task(get(up))
    await asyncio.wait_for(asked.wait(), 1)
    probe.cancel()
    await asyncio.wait((probe,))
    assert await whole(await get(up)) == b"hi"


async def test_an_error_status_is_an_answer(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    moody = Moody()
    moody.well, moody.status = True, b"500 Oh"
    up = await upstream(await origin(moody.play), breaker=BreakerPolicy(failures=1))
    for _ in range(3):
        assert (await get(up)).head.status == 500
    assert up.targets[0].up


async def test_health_checks_take_a_target_out_and_in_again(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    moody, other = Moody(), Moody()
    moody.well = other.well = True
    served = [await origin(moody.play), await origin(other.play)]
    up = await upstream(*served, health=HealthPolicy(b"/health", interval=0.08))
    await until(up, [True, True])
    moody.status = b"503 No"
    await until(up, [False, True])
    for _ in range(5):
        assert (await get(up)).head.status == 200
    other.well = False
    await until(up, [False, False])
    with pytest.raises(UpstreamError) as caught:
        await get(up)
    assert caught.value.proxy_error == "destination_unavailable"
    moody.status = b"302 Found"
    await until(up, [True, False])


async def test_a_health_check_that_hangs_is_a_failure(
    origin: OriginFactory, upstream: UpstreamFactory
) -> None:
    async def play(peer: Peer) -> None:
        await peer.left()

    up = await upstream(
        await origin(play),
        health=HealthPolicy(b"/health", interval=0.08),
        timeouts=Timeouts(first_byte=30),
    )
    await until(up, [False])
