"""Whole JSON documents (requests): strict to RFC 8259, looked at token by token, spliced in place.

What was judged is what is sent: nothing is loaded and dumped, duplicate members are all there,
1e400 and integers of any length stay as they are. A UTF-8 byte order mark is tolerated, as
RFC 8259 §8.1 allows, and stays.
"""

from __future__ import annotations

import codecs
import re
import sys
from typing import TYPE_CHECKING, Final, NamedTuple

from router.body.json_grammar import STRICT
from router.body.json_paths import Marks, Path, tree
from router.body.json_text import escape, escape_nested, unescape
from router.body.json_walk import SCALAR, STRING, Status, Step, Walker

if TYPE_CHECKING:
    from collections.abc import Iterable

__all__ = [
    "MalformedJson",
    "StringToken",
    "TooManyStrings",
    "escape",
    "escape_nested",
    "scan",
    "splice",
]

_SPACE = re.compile(rb"[ \t\n\r]*+")
_SCALAR = re.compile(rb"[^ \t\n\r,]++")
_MARKS: Final = Marks()


class MalformedJson(ValueError):  # noqa: N818 - a fixed name of the design
    """Not JSON as RFC 8259 has it, or nested too deep; ``offset`` in bytes."""

    def __init__(self, reason: str, offset: int) -> None:
        super().__init__(f"{reason} at byte {offset}")
        self.offset = offset


class TooManyStrings(ValueError):  # noqa: N818 - a fixed name of the design
    """More tokens than the caller wants to hold in memory."""


class StringToken(NamedTuple):
    """A string, member name or number: ``body[start:end]``, quotation marks included.

    ``path`` as in Place; ``key`` for member names; ``text`` decoded (lone surrogates as they
    are); ``number`` where the token is a number (only on demand), ``text`` then its spelling.
    """

    start: int
    end: int
    path: Path
    key: bool
    text: str
    number: bool = False


def scan(
    body: bytes, *, max_depth: int = 200, max_tokens: int = 100_000, numbers: bool = False
) -> list[StringToken]:
    """Every string token of ``body`` in order, numbers too if asked.

    Raises MalformedJson, and TooManyStrings over ``max_tokens``.
    """
    _check_utf8(body)
    begin = len(codecs.BOM_UTF8) if body.startswith(codecs.BOM_UTF8) else 0
    walker = Walker(STRICT, tree(_MARKS), max_depth=max_depth, limit=sys.maxsize, most=max_tokens)
    steps, end, status = walker.advance(body, begin)
    if status is Status.FULL:
        raise TooManyStrings(f"more than {max_tokens} values")
    if status is Status.DONE:
        end = _space_end(body, end)
    if status is not Status.DONE or end != len(body):
        raise MalformedJson("malformed JSON", _space_end(body, end))
    tokens: list[StringToken] = []
    for step in steps:
        _add(body, step, tokens)
        if numbers and step[0] == SCALAR:
            _add_numbers(body, step, tokens, max_tokens)
    return tokens


def splice(body: bytes, replacements: Iterable[tuple[int, int, bytes]]) -> bytes:
    """``body`` with spans replaced; spans ascend and do not overlap."""
    out: list[bytes] = []
    last = 0
    for start, end, new in replacements:
        out += (body[last:start], new)
        last = end
    out.append(body[last:])
    return b"".join(out)


def _check_utf8(body: bytes) -> None:
    if body.isascii():
        return
    try:
        body.decode()
    except UnicodeDecodeError as error:
        raise MalformedJson("invalid UTF-8", error.start) from None


def _space_end(body: bytes, pos: int) -> int:
    found = _SPACE.match(body, pos)
    return found.end() if found else pos


def _add(body: bytes, step: Step, tokens: list[StringToken]) -> None:
    kind, _, name_start, name_end, start, end, _, path = step
    if name_start >= 0:
        name = str(path[-1])
        tokens.append(StringToken(name_start - 1, name_end + 1, path, True, name))  # noqa: FBT003 - half the cost of keywords
    if kind == STRING:
        text = unescape(body[start:end])
        tokens.append(StringToken(start - 1, end + 1, path, False, text))  # noqa: FBT003 - half the cost of keywords


def _add_numbers(body: bytes, step: Step, tokens: list[StringToken], most: int) -> None:
    _, _, name_start, first, start, end, _, path = step
    if len(tokens) + body.count(b",", start, end) >= most:
        raise TooManyStrings(f"more than {most} values")
    for count, found in enumerate(_SCALAR.finditer(body, start, end), first):
        text = found.group().decode()
        if text[0] not in "tfn":
            below = path if name_start >= 0 or first < 0 else (*path, count)
            tokens.append(StringToken(found.start(), found.end(), below, False, text, True))  # noqa: FBT003 - half the cost of keywords
