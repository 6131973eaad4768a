"""Cuts a long text into pieces, so that looking through it can be left for a while, or ended."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

_ENDS: Final = ("\n\n", "\n", ". ", " ")


class Piece(NamedTuple):
    """``text`` begins at ``offset`` of the whole; what begins from ``start`` to ``end`` counts.

    Both are places in the whole. What stands before and behind them is seen, so that a finding
    that begins here is found whole, and counts in one piece alone.
    """

    text: str
    offset: int
    start: int
    end: int


def pieces(text: str, longest: int, before: int, behind: int) -> Iterator[Piece]:
    """The pieces of ``text`` in order, of at most ``longest`` characters that count.

    Each also sees ``before`` and ``behind`` as many. Cut at the end of a paragraph, a line, a
    sentence or a word where there is one.
    """
    if len(text) <= longest:
        yield Piece(text, 0, 0, len(text))
        return
    start = 0
    while start < len(text):
        end = _end(text, start, longest)
        offset = max(0, start - before)
        yield Piece(text[offset : end + behind], offset, start, end)
        start = end


def _end(text: str, start: int, longest: int) -> int:
    most = start + longest
    if most >= len(text):
        return len(text)
    for sign in _ENDS:
        at = text.rfind(sign, start + longest // 2, most)
        if at >= 0:
            return at + len(sign)
    return most
