"""Raw origins that play bytes, and upstreams towards them; every test runs on both loops."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, Protocol

import pytest_asyncio
import uvloop

from router.upstream.target import Target
from router.upstream.upstream import Upstream, UpstreamResponse
from tests.upstream.origin import Origin, Peer

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable, Mapping

    import pytest


def pytest_asyncio_loop_factories(
    config: pytest.Config, item: pytest.Item
) -> Mapping[str, Callable[[], asyncio.AbstractEventLoop]]:
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}


class OriginFactory(Protocol):
    def __call__(
        self, play: Callable[[Peer], Awaitable[None]], **options: Any
    ) -> Awaitable[Origin]: ...


class UpstreamFactory(Protocol):
    def __call__(self, *origins: Origin | str, **options: Any) -> Awaitable[Upstream]: ...


@pytest_asyncio.fixture
async def origin() -> AsyncIterator[OriginFactory]:
    origins: list[Origin] = []

    async def start(play: Callable[[Peer], Awaitable[None]], **options: Any) -> Origin:
        made = Origin(play)
        origins.append(made)
        await made.start(**options)
        return made

    yield start
    for made in origins:
        await made.stop()


@pytest_asyncio.fixture
async def upstream() -> AsyncIterator[UpstreamFactory]:
    upstreams: list[Upstream] = []

    async def start(*origins: Origin | str, **options: Any) -> Upstream:
        urls = [o if isinstance(o, str) else o.url for o in origins]
        made = Upstream("test", [Target.parse(url) for url in urls], **options)
        await made.startup()
        upstreams.append(made)
        return made

    yield start
    for made in upstreams:
        await made.close()


async def get(upstream: Upstream, path: bytes = b"/", **options: Any) -> UpstreamResponse:
    options = {"idempotent": True, "streaming": False} | options
    return await upstream.send(b"GET", path, [], b"", **options)


async def post(upstream: Upstream, body: Any, **options: Any) -> UpstreamResponse:
    options = {"idempotent": False, "streaming": False} | options
    return await upstream.send(b"POST", b"/", [], body, **options)


async def whole(response: UpstreamResponse, pieces: list[bytes] | None = None) -> bytes:
    """The rest of the body, also put into ``pieces``; the response is released."""
    pieces = [] if pieces is None else pieces
    while piece := await response.read():
        pieces.append(piece)
    assert response.complete
    response.release()
    return b"".join(pieces)
