"""Where each string of a JSON document stands, told by its punctuation alone.

Documents of one kind differ in what their strings and numbers say, hardly ever in how they are
built: what the punctuation tells is worked out once and remembered.
"""

from __future__ import annotations

from functools import lru_cache
from itertools import accumulate
from typing import Final, NamedTuple

from router.body.json_text import BACKSLASH

_MARKS: Final = b'{}[],:"'
_NO_MARKS: Final = bytes(set(range(256)) - set(_MARKS))
_NO_BRACKETS: Final = bytes(set(range(256)) - set(b"{}[]"))
_STEP: Final = {0x7B: 1, 0x5B: 1, 0x7D: -1, 0x5D: -1}
_REMEMBERED: Final = 64
_LONGEST: Final = 512
"""Of the punctuation that is remembered, in bytes: what upstreams make us keep stays small."""


class Spot(NamedTuple):
    """Where a string stands; ``key`` where it is a member name.

    ``steps`` is its path from the root: array indices, and for a member ``~number`` of the string
    that names it.
    """

    key: bool
    steps: tuple[int, ...]


def without_escapes(raw: bytes) -> bytes:
    """``raw``, as long as before, with nothing but delimiters for quotation marks."""
    if BACKSLASH not in raw:
        return raw
    return raw.replace(b"\\\\", b"__").replace(b'\\"', b"__")


def punctuation(between: list[bytes]) -> bytes:
    """The marks of a document by what stands between its strings; ``"`` is a whole string."""
    return b'"'.join(between).translate(None, _NO_MARKS)


def depth(marks: bytes) -> int:
    """How deep the brackets are nested."""
    brackets = marks.translate(None, _NO_BRACKETS)
    return max(accumulate(map(_STEP.__getitem__, brackets)), default=0)


def is_deeper(raw: bytes, limit: int) -> bool:
    """Whether a document's brackets are nested deeper than ``limit``."""
    return depth(punctuation(without_escapes(raw).split(b'"')[::2])) > limit


def layout(marks: bytes) -> tuple[Spot, ...]:
    """The place of every string, for the :func:`punctuation` of a valid document."""
    return _known(marks) if len(marks) <= _LONGEST else _worked_out(marks)


def _worked_out(marks: bytes) -> tuple[Spot, ...]:
    spots: list[Spot] = []
    around: list[tuple[tuple[int, ...], int]] = []
    container: tuple[int, ...] = ()
    place: tuple[int, ...] = ()
    index = 0
    naming = False
    for mark in marks:
        if mark == 0x22:  # a string
            if naming:
                place = (*container, ~len(spots))
            spots.append(Spot(naming, place))
            naming = False
        elif mark == 0x2C:  # ,
            naming = index < 0
            if not naming:
                index += 1
                place = (*container, index)
        elif mark in (0x7B, 0x5B):  # { [
            around.append((container, index))
            container = place
            naming = mark == 0x7B
            index = -1 if naming else 0
            place = (*container, 0)
        elif mark != 0x3A:  # } ]
            container, index = around.pop()
            naming = False
    return tuple(spots)


_known = lru_cache(_REMEMBERED)(_worked_out)
