r"""How many strings deep a text stands in JSON text, which may come piece by piece.

Tool arguments are JSON in a string, and a string in them may hold JSON again:
``{"body": "{\"to\": \"…\"}"}``. What is put in has to be escaped once for each string it stands in.
A string counts as JSON of its own as long as all of it so far reads like that.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.body.filters import Edit

_UNIT: Final = re.compile(r'[^"\\]+|"|\\u[0-9a-fA-F]{4}|\\[^u]|\\u?[0-9a-fA-F]{0,3}')
_ESCAPE: Final = re.compile(r"(\\+)u[0-9a-fA-F]{4}")
_SHORT: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}
_AWKWARD: Final = re.compile(r'["\\\x00-\x1f]')
_BETWEEN: Final = re.compile(
    r"(?:[\s\[\]},:]|\{(?=\s*(?:\}|\Z))|-?[0-9][-+.0-9eE]*+|true|false|null)*[\[{,:]\s*"
)
_DEEPEST: Final = 5
_MOST_BETWEEN: Final = 4096


def is_awkward(text: str) -> bool:
    """Whether ``text`` is written in another way within a string of JSON."""
    return _AWKWARD.search(text) is not None


def escapes(text: str) -> int:
    r"""How often an escape that ``text`` begins with was escaped: 1 for ``\u003c``, 0 for none."""
    found = _ESCAPE.match(text)
    return len(found[1]).bit_length() if found else 0


class Nesting:
    """Reads JSON text piece by piece and tells how deep in strings its end is."""

    __slots__ = ("_between", "_in_string", "_inner", "_level", "_new", "_rest")

    def __init__(self, level: int = 1) -> None:
        self._level = level
        self._in_string = False
        self._new = False  # nothing but white space in the string so far
        self._inner: Nesting | None = None
        self._rest = ""
        self._between = ""

    def copy(self) -> Nesting:
        """One that may read on without this one's doing so."""
        other = Nesting(self._level)
        other._in_string, other._new = self._in_string, self._new
        other._rest, other._between = self._rest, self._between
        other._inner = self._inner and self._inner.copy()
        return other

    @property
    def depth(self) -> int:
        """In how many strings what comes next stands; 0 between strings."""
        if not self._in_string:
            return 0
        return 1 + (self._inner.depth if self._inner is not None else 0)

    def depths(self, text: str, edits: Sequence[Edit]) -> list[int]:
        """Reads ``text``; how often what each edit puts in has to be escaped, at least once."""
        found: list[int] = []
        at = 0
        for start, end, _ in edits:
            self.read(text[at:start])
            found.append(escapes(text[start:end]) or max(1, self.depth))
            self.read("0")  # stands for what is put in
            at = end
        self.read(text[at:])
        return found

    def read(self, text: str) -> bool:
        """Reads on; False where the text is none of JSON (never at the first level)."""
        text, self._rest = self._rest + text, ""
        for found in _UNIT.finditer(text):
            unit = found.group()
            if found.end() == len(text) and _is_unfinished(unit):
                self._rest = unit
            elif not self._take(unit):
                return False
        return True

    def _take(self, unit: str) -> bool:
        if self._in_string:
            if unit == '"':
                self._in_string, self._inner = False, None
            elif self._new or self._inner is not None:
                self._within(_undone(unit))
            return True
        if unit == '"':
            fits = self._level == 1 or _BETWEEN.fullmatch(self._between) is not None
            self._in_string = self._new = True
            self._between = ""
            return fits
        if self._level > 1:
            self._between += unit
        return len(self._between) <= _MOST_BETWEEN

    def _within(self, text: str) -> None:
        if self._inner is None:
            text = text.lstrip()
            self._new = not text
            if not text or text[0] not in "{[" or self._level >= _DEEPEST:
                return
            self._inner = Nesting(self._level + 1)
        self._new = False
        if not self._inner.read(text):
            self._inner = None


def _undone(unit: str) -> str:
    if unit[0] != "\\":
        return unit
    if len(unit) == 6:
        return chr(int(unit[2:6], 16))
    return _SHORT.get(unit[1:], unit[1:])


def _is_unfinished(unit: str) -> bool:
    return unit[0] == "\\" and (len(unit) == 1 or (unit[1] == "u" and len(unit) < 6))
