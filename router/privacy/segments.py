"""Cuts a long text where no recogniser's match can cross, so that each piece has its own deadline.

No pattern enabled by default holds a line end, a quotation mark, an angle bracket, a tabulator or
a semicolon, a comma only before the extension of a phone, and none but ``IBAN_CODE`` (capitals and
digits alone) has letters on both sides of a space.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, NamedTuple

from router.errors import DownstreamError

if TYPE_CHECKING:
    from collections.abc import Iterator

TARGET: Final = 8 << 10
"""Characters a piece is cut to where the text allows: tens of milliseconds when dense."""

LIMIT: Final = 32 << 10
"""Characters without a place to cut at which a text is refused: no prose, no code is like that."""

_LEAD: Final = 160
_CUT: Final = re.compile(r'(?<=[\n\r"<>\t,;])|(?<=[a-z] )(?=[a-z])')


class Segment(NamedTuple):
    """``text[start:]`` of a whole text, from ``lead`` on its own; before that it is context.

    ``offset`` is where ``text`` begins in the whole. A finding that starts before ``lead`` belongs
    to the piece before.
    """

    text: str
    offset: int
    lead: int


def segments(text: str) -> Iterator[Segment]:
    """The pieces of ``text``, in order; raises DownstreamError (413) where it cannot be cut."""
    start = 0
    while len(text) - start > TARGET:
        cut = _cut(text, start)
        yield _segment(text, start, cut)
        start = cut
    if start < len(text) or not text:
        yield _segment(text, start, len(text))


def _cut(text: str, start: int) -> int:
    for begin, end in ((start + TARGET // 2, start + TARGET), (start + TARGET, start + LIMIT)):
        match = _CUT.search(text, begin, min(end, len(text)))
        if match is not None:
            return match.start()
    if len(text) - start > LIMIT:
        raise DownstreamError(413, "a run of text is too long to be inspected")
    return len(text)


def _segment(text: str, start: int, end: int) -> Segment:
    """With the last words before, which may lend a finding their context."""
    if start == 0:
        return Segment(text[:end], 0, 0)
    offset = max(0, start - _LEAD)
    return Segment(text[offset:end], offset, start - offset)
