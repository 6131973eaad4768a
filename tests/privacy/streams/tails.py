"""Which end of a text may begin a placeholder, said as plainly as possible."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_LONGEST: Final = 90
_PAIRS: Final = (("<", ">"), ("&lt;", "&gt;"), ("&#60;", "&#62;"), ("&#x3c;", "&#x3e;"))
_SLASHED: Final = (("<", ">"), ("u003c", "u003e"))


def held(text: str, names: Iterable[str]) -> int:
    """Where the longest end of ``text`` begins that is a beginning of an issued placeholder."""
    lowered = [name.lower() for name in names]
    for start in range(max(0, len(text) - _LONGEST), len(text)):
        if text[start] in "<&\\" and _begins(text[start:].lower(), lowered):
            return start
    return len(text)


def _begins(tail: str, names: list[str]) -> bool:
    return any(
        _fits(tail, opening, name, closing)
        for name in names
        for opening, closing in _spellings(tail)
    )


def _spellings(tail: str) -> Iterator[tuple[str, str]]:
    yield from _PAIRS
    run = len(tail) - len(tail.lstrip("\\"))
    if run:
        for opening, closing in _SLASHED:
            yield "\\" * run + opening, "\\" * run + closing


def _fits(tail: str, opening: str, name: str, closing: str) -> bool:
    if len(tail) <= len(opening):
        return opening.startswith(tail)
    if not tail.startswith(opening):
        return False
    at = len(opening)
    for letter in name:
        if letter == "_":
            while at < len(tail) and tail[at] == "\\":
                at += 1
        if at == len(tail):
            return True
        if tail[at] != letter:
            return False
        at += 1
    return tail[at:] != closing and closing.startswith(tail[at:])
