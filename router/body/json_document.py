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
    points = sorted(points)
    last = plain.find(b'"', points[-1]) + 1  # nothing behind it matters, as a rule
    edited = _Document(raw, plain, last).edited(editor, points, drop)
    return edited if edited is not None else _Document(raw, plain, 0).edited(editor, points, drop)


def _is_usual(raw: bytes, plain: bytes, max_depth: int) -> bool:
    """Whether it is neither too deep nor full of white space."""
    if len(raw) <= max_depth:
        return True
    if len(raw) <= _LONGEST_GAP and len(raw.translate(None, _NO_OPENING)) <= max_depth:
        return True
    between = plain.split(b'"')[::2]
    marks = punctuation(between)
    if marks.count(b"[") + marks.count(b"{") > max_depth and depth(marks) > max_depth:
        return False
    return max(map(len, between)) <= _LONGEST_GAP


class _Document:
    """One document taken apart, up to ``until`` if that is not 0.

    ``plain`` is ``raw`` without escapes in the way, ``_parts`` are what stands between its strings
    and its strings in turn.
    """

    __slots__ = ("_led", "_parts", "_plain", "_raw", "_spots", "_until")

    def __init__(self, raw: bytes, plain: bytes, until: int) -> None:
        self._raw = raw
        self._plain = plain
        self._until = until
        self._parts = (plain[:until] if until else plain).split(b'"')
        self._spots = layout(punctuation(self._parts[::2]))
        self._led = 0

    def edited(self, editor: Editor, points: list[int], drop: frozenset[str]) -> bytes | None:
        """The document with its changes made; ``points`` ascend. None: all of it is needed."""
        raw, plain, spots = self._raw, self._plain, self._spots
        changes: list[Change] = []
        number = end = done = 0  # strings so far, where the last one is over, where a change is
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
            spot = spots[number]
            number += 1
            if start < done:
                continue  # within a member that goes
            if not spot.key:
                self._edit(spot, start, end - 1, editor, changes)
            elif unescape(raw[start : end - 1]) in drop:
                begin, done = self._member(start - 1, end)
                changes.append((begin, done, b""))
            elif self._until:
                return None
            else:
                self._edit(spot, start, end - 1, editor, changes)
                number, end, done = self._within(spot, number, end, editor, drop, changes)
        return splice(raw, changes) if changes else raw

    def _within(
        self,
        name: Spot,
        number: int,
        end: int,
        editor: Editor,
        drop: frozenset[str],
        changes: list[Change],
    ) -> tuple[int, int, int]:
        """Edits all in the member that ``name`` names; where that leaves the search."""
        plain, spots, size, done = self._plain, self._spots, len(name.steps), 0
        while number < len(spots) and spots[number].steps[:size] == name.steps:
            start = plain.index(b'"', end) + 1
            end = plain.index(b'"', start) + 1
            spot = spots[number]
            number += 1
            if start < done:
                continue
            if spot.key and unescape(self._raw[start : end - 1]) in drop:
                begin, done = self._member(start - 1, end)
                changes.append((begin, done, b""))
                continue
            self._edit(spot, start, end - 1, editor, changes)
        return number, end, done

    def _edit(
        self, spot: Spot, start: int, end: int, editor: Editor, changes: list[Change]
    ) -> None:
        key, steps = spot
        path: list[str | int] = []
        for step in steps:
            path.append(step if step >= 0 else self._name(~step))  # noqa: PERF401  a loop costs less than a comprehension's frame
        nested = not key and bool(path) and path[-1] in NESTED
        new = edited(
            self._raw[start:end], editor, made(Place, (tuple(path), key, nested, JOIN_TEXT))
        )
        if new is not None:
            changes.append((start, end, new))

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
