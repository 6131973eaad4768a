"""A text with its escapes undone, once: what a reader behind the router may see in it.

Undone are JSON's and JavaScript's backslashes, percent encoding (RFC 3986 §2.1) and the character
references of XML and HTML, whatever the text is called. What is found then is taken out of the
text as it stands.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_left, bisect_right
from typing import TYPE_CHECKING, Final
from urllib.parse import unquote

from router.privacy.spans import Span

if TYPE_CHECKING:
    from collections.abc import Sequence

_BACKSLASH: Final = (
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[nrtbf]|[!-/:-@\[-`{-~])"
)
_BACKSLASHED: Final = re.compile(_BACKSLASH)
_UNIT: Final = re.compile(
    rf"{_BACKSLASH}|%[0-7][0-9a-fA-F]|(?:%[89a-fA-F][0-9a-fA-F])+"
    r"|&(?:#(?:[0-9]{1,7}|[xX][0-9a-fA-F]{1,6});?|[A-Za-z][A-Za-z0-9]{1,30};)"
)
_SHORT: Final = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


class Spelling:
    """``text`` is another text with its escapes undone; findings lead back to where they stand."""

    __slots__ = ("_plain", "_raw", "text")

    def __init__(self, text: str, plain: Sequence[tuple[int, int]], raw: Sequence[int]) -> None:
        self.text = text
        self._plain = plain
        self._raw = raw

    def back(self, span: Span) -> Span:
        """The finding in the text as it stands; it grows over an escape that it cuts."""
        return Span(self._start(span.start), self._end(span.end), span.entity, span.score)

    def _start(self, at: int) -> int:
        unit = bisect_right(self._plain, at, key=_begin) - 1
        if unit < 0:
            return at
        end = self._plain[unit][1]
        return self._raw[2 * unit] if at < end else self._raw[2 * unit + 1] + at - end

    def _end(self, at: int) -> int:
        unit = bisect_left(self._plain, at, key=_begin) - 1
        if unit < 0:
            return at
        return self._raw[2 * unit + 1] + max(0, at - self._plain[unit][1])


def may_be_spelt(text: str) -> bool:
    """Whether there may be an escape in ``text``; cheap."""
    return "\\" in text or "%" in text or "&" in text


def spelt_out(text: str) -> Spelling | None:
    """``text`` with its escapes undone; None where it has none."""
    if not may_be_spelt(text):
        return None
    out: list[str] = []
    plain: list[tuple[int, int]] = []
    raw: list[int] = []
    done = length = 0
    for found in _UNIT.finditer(text):
        start, end = found.span()
        unit = _undone(found.group())
        length += start - done
        out += text[done:start], unit
        if found.group()[1:] == unit:  # a backslash before what it stands for: that stays in place
            plain.append((length, length))
            raw += start, start + 1
        else:
            plain.append((length, length + len(unit)))
            raw += start, end
        length += len(unit)
        done = end
    if not raw:
        return None
    out.append(text[done:])
    return Spelling("".join(out), plain, raw)


def unbackslashed(text: str) -> str:
    """``text`` without backslashes, which whoever writes it anew puts in as the place asks.

    Percent encoding and character references stay: they may be the value's own, as in a URL.
    """
    return _BACKSLASHED.sub(lambda unit: _undone(unit.group()), text) if "\\" in text else text


def _begin(unit: tuple[int, int]) -> int:
    return unit[0]


def _undone(unit: str) -> str:
    if unit[0] == "%":
        return unquote(unit)
    if unit[0] == "&":
        return html.unescape(unit)
    if unit[1] not in "ux":
        return _SHORT.get(unit[1], unit[1])
    if len(unit) == 12:
        high, low = int(unit[2:6], 16), int(unit[8:], 16)
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))
    return chr(int(unit[2:6], 16))
