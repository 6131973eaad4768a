"""Events that differ from an earlier one in a few strings only, as those of a stream do.

Such an event needs no walk: it is split at its strings, and only strings that differ, and pieces
of lanes, are looked at; for all else the earlier event's output stands.
"""

from __future__ import annotations

import re
from itertools import compress
from operator import ne
from typing import TYPE_CHECKING, Final, NamedTuple

from router.body.filters import Place
from router.body.json_walk import SCALAR, STRING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from router.body.frames import Change
    from router.body.json_walk import Step
    from router.body.lane_rules import LaneKey

_SPLIT = re.compile(rb'("[^"\\]*+(?:\\.[^"\\]*+)*+")', re.DOTALL).split
_NUMBER = re.compile(rb"(:[ ]?)-?[0-9][-+.0-9eE]*+(.*)", re.DOTALL)
_LINE_END = re.compile(rb"[\r\n]")


class Rule(NamedTuple):
    """What to do with a string that differs; ``key`` of its lane, None for a whole text."""

    place: Place
    key: LaneKey | None = None
    dropped: bool = False


_DROPPED: Final = Rule(Place(), dropped=True)


class Repeat:
    """An event taken apart: parts are in turn what stands between strings, and strings.

    ``rules`` are by string: None where another text would mean another event.
    """

    __slots__ = ("_count", "_lanes", "_loose", "_outs", "_parts", "_rules")

    def __init__(
        self, parts: list[bytes], outs: list[bytes], rules: Sequence[Rule | None], loose: set[int]
    ) -> None:
        self._parts = parts
        self._outs = outs
        self._rules = rules
        self._loose = {at for at in loose if parts[at] == outs[at]}
        self._count = range(len(parts))
        self._lanes = [2 * at + 1 for at, rule in enumerate(rules) if rule and rule.key]

    def match(self, raw: bytes) -> tuple[list[bytes], dict[int, tuple[Rule, bytes]]] | None:
        """The output but for some strings, and these by index with their rule and raw content.

        None where ``raw`` is not like this event.
        """
        parts = _SPLIT(raw)
        if len(parts) != len(self._parts):
            return None
        outs = self._outs.copy()
        strings = {at: self._string(at, parts[at]) for at in self._lanes}
        for at in compress(self._count, map(ne, parts, self._parts)):
            part = parts[at]
            if at & 1 == 0:
                if at not in self._loose or not _same_but_number(part, self._parts[at]):
                    return None
                outs[at] = part
                continue
            rule = self._rules[at >> 1]
            if rule is None or _LINE_END.search(part):
                return None
            if not rule.dropped:
                strings[at] = rule, part[1:-1]
        return outs, strings

    def _string(self, at: int, part: bytes) -> tuple[Rule, bytes]:
        rule = self._rules[at >> 1]
        assert rule is not None
        return rule, part[1:-1]


def _same_but_number(one: bytes, other: bytes) -> bool:
    first, second = _NUMBER.fullmatch(one), _NUMBER.fullmatch(other)
    return first is not None and second is not None and first.groups() == second.groups()


def remember(
    raw: bytes, steps: list[Step], changes: list[Change], lanes: Mapping[int, Rule]
) -> Repeat | None:
    """The event as a pattern for later ones; ``changes`` (to ``raw``) without those to lanes.

    ``lanes`` are the rules of lane pieces, by where they start in the data that was walked.
    """
    parts = _SPLIT(raw)
    rules: list[Rule | None] = []
    loose: set[int] = set()
    for kind, _, name_start, _, start, _, node, path in steps:
        if name_start >= 0:
            rules.append(None)
            if kind == SCALAR and not node.fact:
                loose.add(2 * len(rules))
        if kind == STRING:
            place = Place(path, nested=node.nested)
            whole = None if node.fact else Rule(place)
            rules.append(_DROPPED if node.dropped else lanes.get(start, whole))
    if 2 * len(rules) + 1 != len(parts):
        return None
    return Repeat(parts, _outputs(parts, sorted(changes)), rules, loose)


def _outputs(parts: list[bytes], changes: list[Change]) -> list[bytes]:
    """What becomes of each part; a change may cover many."""
    outs: list[bytes] = []
    start = first = 0
    for part in parts:
        end = start + len(part)
        while first < len(changes) and changes[first][1] <= start < end:
            first += 1
        out: list[bytes] = []
        last = start
        for begin, stop, new in changes[first:]:
            if begin >= end:
                break
            out.append(raw_part(part, last - start, begin - start))
            if begin >= start:
                out.append(new)
            last = min(stop, end)
        out.append(part[max(last - start, 0) :])
        outs.append(b"".join(out))
        start = end
    return outs


def raw_part(part: bytes, start: int, end: int) -> bytes:
    """``part[start:end]``, empty where a change began before the part."""
    return part[start : max(start, end)]
