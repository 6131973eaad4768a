"""Answers that come in pieces, and that stop when their reader leaves."""

from __future__ import annotations

import asyncio
import itertools
from typing import TYPE_CHECKING

import anyio
import orjson
from starlette.responses import Response

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Iterator, Mapping

    from starlette.types import Receive, Scope, Send


def pieces(text: str) -> Iterator[str]:
    """``text`` in cuts of three to five characters, so that every longer word is cut."""
    start = 0
    for size in itertools.cycle((3, 5, 4)):
        if start >= len(text):
            return
        yield text[start : start + size]
        start += size


def event(data: object, name: str = "") -> bytes:
    """One server-sent event with JSON data (WHATWG HTML §9.2)."""
    head = f"event: {name}\n".encode() if name else b""
    return head + b"data: " + orjson.dumps(data) + b"\n\n"


async def paced(chunks: Iterable[bytes], pace: float) -> AsyncIterator[bytes]:
    """``chunks`` one by one, ``pace`` seconds apart."""
    for chunk in chunks:
        yield chunk
        await asyncio.sleep(pace)


class Streamed(Response):
    """A body of unknown length, sent chunk by chunk; ends early when the reader has left."""

    def __init__(
        self, chunks: AsyncIterator[bytes], media_type: str, fields: Mapping[str, str]
    ) -> None:
        super().__init__(headers=fields, media_type=media_type)
        del self.headers["content-length"]
        self._chunks = chunks

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Sends until the chunks end or the reader leaves."""
        del scope
        async with anyio.create_task_group() as group:
            group.start_soon(_cancel_when_gone, receive, group.cancel_scope)
            await send(
                {
                    "type": "http.response.start",
                    "status": self.status_code,
                    "headers": self.raw_headers,
                }
            )
            async for chunk in self._chunks:
                await send({"type": "http.response.body", "body": chunk, "more_body": True})
            await send({"type": "http.response.body", "body": b"", "more_body": False})
            group.cancel_scope.cancel()


class EventStream(Streamed):
    """A stream of server-sent events."""

    def __init__(
        self, events: Iterable[bytes], *, pace: float, fields: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(
            paced(events, pace),
            "text/event-stream",
            {"cache-control": "no-cache", **(fields or {})},
        )


async def _cancel_when_gone(receive: Receive, scope: anyio.CancelScope) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
