"""A JSON document that is there as a whole: only the strings that a search points at are read.

It gives what the walk of :class:`router.body.json_strings.JsonReader` gives, at a fraction of the
cost; what is unusual is left to the walk.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import TYPE_CHECKING, Final

import orjson

from router.body.filters import JOIN_TEXT, Editor, Place
from router.body.json_edit import edited
from router.body.json_layout import depth, layout, punctuation, without_escapes
from router.body.json_paths import NESTED
from router.body.json_text import unescape
from router.body.json_whole import splice
from router.tuples import made

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.body.frames import Change
    from router.body.json_layout import Spot

_SPACE: Final = b" \t\n\r"
_LONGEST_GAP: Final = 4096
"""The walk takes white space up to this length for JSON, and numbers somewhat longer."""

_NO_OPENING: Final = bytes(set(range(256)) - set(b"[{"))

_COMMA = re.compile(rb"[ \t\n\r]*+,")
_SCALAR = re.compile(rb'[ \t\n\r]*+:[ \t\n\r]*+([^ \t\n\r,}\]{\["]*+)')
_MARK = re.compile(rb'"[^"]*+"|([\[{])|[\]}]')


def is_json(raw: bytes) -> bool:
    """Whether ``raw`` is one valid document; the few valid ones that orjson refuses are not."""
    try:
        orjson.loads(raw)
    except orjson.JSONDecodeError:
        return False
    return True


@lru_cache(8)
def _quoted(names: frozenset[str]) -> tuple[bytes, ...]:
    """The tokens of member names that need no escapes."""
    return tuple(b'"%b"' % name.encode() for name in sorted(names))


def places_of(names: frozenset[str], raw: bytes) -> list[int]:
    """Where one of ``names`` stands as a whole string: offsets within it."""
    found: list[int] = []
    for name in _quoted(names):
        at = raw.find(name)
        while at >= 0:
            found.append(at + 1)
            at = raw.find(name, at + 1)
    return found


def edited_document(
    raw: bytes, editor: Editor, points: Sequence[int], drop: frozenset[str], *, max_depth: int
) -> bytes | None:
    r"""``raw``, a valid document without ``\u``, after the editor; None: it has to be walked.

    ``points`` are offsets, at least one: strings without one stay, and for one in a member's name
    all of the member is read. Every name to be dropped has one.
    """
    plain = without_escapes(raw)
    if not _is_usual(raw, plain, max_depth):
        return None
    return _Document(raw, plain, editor, drop).edited(sorted(points))


def _is_usual(raw: bytes, plain: bytes, max_depth: int) -> bool:
    """Whether it is neither too deep nor full of white space."""
    if len(raw) <= min(_LONGEST_GAP, max_depth):
        return True
    if len(raw) <= _LONGEST_GAP and len(raw.translate(None, _NO_OPENING)) <= max_depth:
        return True
    between = plain.split(b'"')[::2]
    marks = punctuation(between)
    if marks.count(b"[") + marks.count(b"{") > max_depth and depth(marks) > max_depth:
        return False
    return max(map(len, between)) <= _LONGEST_GAP


class _Document:
    """One document, taken apart as far as it has to be.

    ``plain`` is ``raw`` without escapes in the way, ``_parts`` are what stands between its strings
    and its strings in turn.
    """

    __slots__ = ("_changes", "_drop", "_editor", "_led", "_parts", "_plain", "_raw", "_spots")

    def __init__(self, raw: bytes, plain: bytes, editor: Editor, drop: frozenset[str]) -> None:
        self._raw = raw
        self._plain = plain
        self._editor = editor
        self._drop = drop
        self._changes: list[Change] = []
        self._parts: list[bytes] = []
        self._spots: tuple[Spot, ...] = ()
        self._led = 0

    def edited(self, points: list[int]) -> bytes:
        """The document with its changes made; ``points`` ascend."""
        raw, plain = self._raw, self._plain
        # Nothing behind the last one matters, unless all that is in a member does.
        last = plain.find(b'"', points[-1])
        self._take_apart(plain if last < 0 else plain[: last + 1])
        number = end = done = 0  # strings so far, where the last one is over, and what goes
        for point in points:
            if point < end:
                continue
            quotes = plain.count(b'"', end, point)
            number += quotes >> 1
            if not quotes & 1:
                end = point
                continue
            start = plain.rindex(b'"', end, point) + 1
            end = plain.index(b'"', point) + 1
            number += 1
            if start < done:
                continue  # within a member that goes
            done = self._read(number - 1, start, end - 1)
            spot = self._spots[number - 1]
            if spot.key and not done:
                number, end, done = self._read_within(spot, number, end)
        return splice(raw, self._changes) if self._changes else raw

    def _take_apart(self, plain: bytes) -> None:
        """Finds the place of every string in ``plain``, a beginning of the document or all of it.

        The places in a beginning are those that the whole begins with.
        """
        self._parts = plain.split(b'"')
        self._spots = layout(punctuation(self._parts[::2]))

    def _read(self, number: int, start: int, end: int) -> int:
        """Edits a string, or drops the member it names: then where that ends, else 0."""
        spot = self._spots[number]
        if spot.key and unescape(self._raw[start:end]) in self._drop:
            begin, done = self._member(start - 1, end + 1)
            self._changes.append((begin, done, b""))
            return done
        self._edit(spot, start, end)
        return 0

    def _read_within(self, name: Spot, number: int, end: int) -> tuple[int, int, int]:
        """Reads all in the member that ``name`` names; where that leaves the search."""
        plain, steps, done = self._plain, name.steps, 0
        self._take_apart(plain)
        spots, size = self._spots, len(steps)
        while number < len(spots) and spots[number].steps[:size] == steps:
            start = plain.index(b'"', end) + 1
            end = plain.index(b'"', start) + 1
            if start >= done:
                done = self._read(number, start, end - 1)
            number += 1
        return number, end, done

    def _edit(self, spot: Spot, start: int, end: int) -> None:
        key, steps = spot
        path: list[str | int] = []
        for step in steps:
            path.append(step if step >= 0 else self._name(~step))  # noqa: PERF401  a loop costs less than a comprehension's frame
        nested = not key and bool(path) and path[-1] in NESTED
        place = made(Place, (tuple(path), key, nested, JOIN_TEXT))
        new = edited(self._raw[start:end], self._editor, place)
        if new is not None:
            self._changes.append((start, end, new))

    def _name(self, number: int) -> str:
        part = 2 * number + 1
        name = self._parts[part]
        if self._plain is not self._raw and name.find(b"__") >= 0:  # may be an escape
            start = sum(map(len, self._parts[:part])) + part
            name = self._raw[start : start + len(name)]
        return unescape(name)

    def _member(self, opening: int, behind: int) -> tuple[int, int]:
        """The span of a member whose name's token is given, with the comma that goes with it.

        That is the one before it; of members before all that stay, the one behind.
        """
        plain = self._plain
        begin = _space_begin(plain, opening)
        leading = plain[begin - 1] == 0x7B or begin == self._led
        if not leading:
            begin = _space_begin(plain, begin - 1)
        end = self._value_end(behind)
        if leading and (comma := _COMMA.match(plain, end)):
            end = self._led = comma.end()
        return begin, end

    def _value_end(self, behind: int) -> int:
        plain = self._plain
        found = _SCALAR.match(plain, behind)
        assert found is not None, "a name is followed by a colon"
        if found[1]:
            return found.end()
        level = 0
        for mark in _MARK.finditer(plain, found.end()):
            if mark[1]:
                level += 1
            elif mark.group() in (b"}", b"]"):
                level -= 1
            if not level:
                return mark.end()
        raise AssertionError("brackets of a valid document are closed")


def _space_begin(raw: bytes, end: int) -> int:
    """Where the white space before ``end`` begins."""
    while raw[end - 1] in _SPACE:
        end -= 1
    return end
