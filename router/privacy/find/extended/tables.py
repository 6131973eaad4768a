"""What the head of a column says of a value in it: tables carry no other word."""

from __future__ import annotations

import re
from typing import Final

_LONGEST_HEADER: Final = 400
_LONGEST_ROW: Final = 1000
"""Characters before a value that are looked at; longer rows are no tables."""
_FURTHEST: Final = 16 << 10

_CELL: Final = re.compile(r'(?:"(?:[^"\n]|"")*+"|[^,;|\t\n"])*+')
_SEPARATORS: Final = ",;|\t"
_FEWEST: Final = 3
"""Columns that a table has at least."""


def header_over(text: str, start: int, end: int) -> str:
    """The head of the column in which the cell ``text[start:end]`` stands; "" if there is none.

    The head is the first line of the block that has a value's line in it, and parts its cells with
    the same character; it may not hold digits, or it would be a row itself.
    """
    line = text.rfind("\n", max(0, start - _LONGEST_ROW), start) + 1
    if not line or text[end : end + 1] not in ("", "\n", "\r", " ", '"', *_SEPARATORS):
        return ""
    top = text.rfind("\n\n", max(0, line - _FURTHEST), line)
    top = 0 if top < 0 else top + 2
    bottom = text.find("\n", top, top + _LONGEST_HEADER)
    if not top <= bottom < line:
        return ""
    header = text[top:bottom]
    separator = max(_SEPARATORS, key=header.count)
    heads = header.split(separator)
    at = _column(text, line, start, separator)
    if len(heads) < _FEWEST or at >= len(heads) or any(map(str.isdigit, header)):
        return ""
    return heads[at]


def _column(text: str, line: int, start: int, separator: str) -> int:
    """How many cells end before ``start``; separators between quotation marks end none."""
    at, column = line, 0
    while at < start:
        match = _CELL.match(text, at, start)
        at = start if match is None else match.end()
        if at < start:
            column += text[at] == separator
            at += 1
    return column
