"""Cuts a long text into pieces, so that each has a deadline of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

LONGEST: Final = 4 << 10
"""Characters of a piece, beside what it sees of its neighbours."""

_AROUND: Final = 160
_ENDS: Final = ("\n", ". ", " ")


class Piece(NamedTuple):
    """``text`` begins at ``offset`` of the whole; what is found from ``start`` to ``end`` counts.

    Both are places in the whole. What stands before and behind them is seen, so that a name that
    begins here is found whole, and counts in one piece alone.
    """

    text: str
    offset: int
    start: int
    end: int


def pieces(text: str) -> Iterator[Piece]:
    """The pieces of ``text`` in order; cut at a line's, a sentence's, a word's end if there is."""
    start = 0
    while start < len(text):
        end = _end(text, start)
        offset = max(0, start - _AROUND)
        yield Piece(text[offset : end + _AROUND], offset, start, end)
        start = end


def _end(text: str, start: int) -> int:
    most = start + LONGEST
    if most >= len(text):
        return len(text)
    for sign in _ENDS:
        at = text.rfind(sign, start + LONGEST // 2, most)
        if at >= 0:
            return at + len(sign)
    return most
