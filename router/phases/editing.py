"""Phase 14 of an edited answer: fed in small parts, and what comes out sent at once."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING

from router.body.filters import through
from router.errors import FilterError, UpstreamError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from router.body.encoding import Decoder
    from router.body.filters import BodyFilter
    from router.downstream.asgi import Downstream
    from router.exchange import ResponseHead
    from router.upstream.response import UpstreamResponse

_MOST_AT_ONCE = 16 * 1024
"""Bytes a filter is fed in one turn of the loop: tiny events cost it over 1 µs a byte."""

SEARCHED_AT_ONCE = 2 * 1024
"""The same where personal data is looked for in them, which costs up to 8 µs a byte."""


@dataclass(slots=True)  # not frozen: made for each request, that would cost four times as much
class Editing:
    """What an answer's body goes through.

    ``decoder`` stands apart: little may unpack to so much that the loop must have its turn between.
    """

    decoder: Decoder | None
    text: BodyFilter
    at_once: int = _MOST_AT_ONCE
    """Bytes fed in one turn of the loop."""

    def parts(self, piece: bytes) -> Iterable[bytes]:
        """What ``piece`` of an upstream's body is, its codings undone."""
        return (piece,) if self.decoder is None else self.decoder.pieces(piece)

    def whole(self, body: bytes) -> bytes:
        """What becomes of a whole body, its codings undone; FilterError as :meth:`finish`."""
        edited = through(self.text, body)
        if self.decoder is not None:
            self.decoder.flush()
        return edited

    async def whole_by_turns(self, body: bytes) -> bytes:
        """As :meth:`whole`; others have their turn in between."""
        edited: list[bytes] = []
        for start in range(0, len(body), self.at_once):
            edited.append(self.text.feed(body[start : start + self.at_once]))
            await asyncio.sleep(0)
        return b"".join((*edited, self.finish()))

    def finish(self) -> bytes:
        """What was held back; FilterError where a compressed body stops before its end."""
        if self.decoder is not None:
            self.decoder.flush()
        return self.text.flush()


async def edit(
    downstream: Downstream, response: UpstreamResponse, head: ResponseHead, editing: Editing
) -> None:
    """Sends what becomes of the body; one that has come whole gets its length told.

    Raises UpstreamError 502 for a body that cannot be edited.
    """
    parts: Iterable[bytes] = ()
    try:
        if response.head.one(b"content-length") is not None:
            piece = await response.read()
            if response.complete:
                whole, parts = _gathered(piece, editing)
                if len(whole) <= _MOST_AT_ONCE:
                    if len(whole) <= editing.at_once:
                        edited = editing.whole(whole)
                    else:
                        edited = await editing.whole_by_turns(whole)
                    head.fields.append((b"content-length", b"%d" % len(edited)))
                    await downstream.answer(head.status, head.fields, edited)
                    return
            else:
                parts = editing.parts(piece)
        await downstream.start(head.status, head.fields)
        await _feed(downstream, editing, parts)
        while piece := await response.read():
            await _feed(downstream, editing, editing.parts(piece))
        await downstream.write(editing.finish(), more=False)
    except FilterError as error:
        raise UpstreamError(502, "http_protocol_error", str(error)) from error


def _gathered(piece: bytes, editing: Editing) -> tuple[bytes, Iterable[bytes]]:
    """All of a body if it is small, else its beginning; and, in either case, all its parts."""
    if editing.decoder is None:
        return piece, (piece,)
    parts = iter(editing.decoder.pieces(piece))
    whole = b""
    for part in parts:
        whole += part
        if len(whole) > _MOST_AT_ONCE:
            break
    return whole, chain((whole,), parts)


async def _feed(downstream: Downstream, editing: Editing, parts: Iterable[bytes]) -> None:
    """Feeds ``parts``, cut small; others have their turn after each that is not little."""
    text, most = editing.text, editing.at_once
    for part in parts:
        for start in range(0, len(part), most):
            cut = part[start : start + most]
            if edited := text.feed(cut):
                await downstream.write(edited, more=True)
            if len(cut) > most // 4:
                await asyncio.sleep(0)
