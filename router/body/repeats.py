"""Events that differ from an earlier one in a few strings only, as those of a stream do.

Such an event needs no walk: it is split at its strings, and only strings that differ, and pieces
of lanes, are looked at; for all else the earlier event's output stands.
"""

from __future__ import annotations

import re
from itertools import compress
from operator import ne
from typing import TYPE_CHECKING, Final, NamedTuple

from router.body.filters import Join, Place
from router.body.json_walk import SCALAR, STRING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from router.body.frames import Change
    from router.body.json_walk import Step
    from router.body.lane_rules import LaneKey

_STRING: Final = rb'[^"\\]*+(?:\\.[^"\\]*+)*+'
_TOKENS = re.compile(rb'("' + _STRING + rb'")', re.DOTALL).split
_CONTENTS = re.compile(rb'"(' + _STRING + rb')"', re.DOTALL).split
_NUMBER = re.compile(rb"(:[ ]?)-?[0-9][-+.0-9eE]*+(.*)", re.DOTALL)
_MOST_STEPS: Final = 512
_LINE_END = re.compile(rb"[\r\n]")


class Rule(NamedTuple):
    """What to do with a string that differs; ``key`` of its lane, None where it has none."""

    place: Place
    key: LaneKey | None = None
    dropped: bool = False

    @property
    def is_piece(self) -> bool:
        """Whether the string is looked at even where it is what it was."""
        return self.key is not None or (self.place.nested and self.place.join is not Join.TEXT)


_DROPPED: Final = Rule(Place(), dropped=True)


class Repeat:
    """An event taken apart: tokens are in turn what stands between strings, and strings.

    ``outs`` is what becomes of each token, quotation marks and all; ``rules`` are by string: None
    where another text would mean another event.
    """

    __slots__ = ("_count", "_lanes", "_numbers", "_outs", "_parts", "_rules")

    def __init__(
        self,
        tokens: list[bytes],
        outs: list[bytes],
        rules: Sequence[Rule | None],
        numbers: set[int],
    ) -> None:
        self._parts = [one[1:-1] if at & 1 else one for at, one in enumerate(tokens)]
        self._outs = outs
        self._rules = rules
        self._numbers = numbers
        self._count = range(len(tokens))
        self._lanes = [
            (2 * at + 1, rule) for at, rule in enumerate(rules) if rule and rule.is_piece
        ]

    def match(self, raw: bytes) -> tuple[list[bytes], dict[int, tuple[Rule, bytes]]] | None:
        """The output but for some strings, and these by index with their rule and raw content.

        None where ``raw`` is not like this event.
        """
        parts = _CONTENTS(raw) if b"\\" in raw else raw.split(b'"')
        if len(parts) != len(self._parts):
            return None
        outs = self._outs.copy()
        strings = {at: (rule, parts[at]) for at, rule in self._lanes}
        for at in compress(self._count, map(ne, parts, self._parts)):
            part = parts[at]
            if at & 1 == 0:
                out = _renumbered(part, self._parts[at], outs[at]) if at in self._numbers else None
                if out is None:
                    return None
                outs[at] = out
                continue
            rule = self._rules[at >> 1]
            if rule is None or _LINE_END.search(part):
                return None
            if not rule.dropped:
                strings[at] = rule, part
        return outs, strings


def _renumbered(part: bytes, before: bytes, out: bytes) -> bytes | None:
    """The output for a part that differs in its number only, from the one before; else None."""
    now, then = _NUMBER.fullmatch(part), _NUMBER.fullmatch(before)
    if now is None or then is None or now.groups() != then.groups():
        return None
    if then[2].endswith(out):
        return out  # the number was dropped
    if before.startswith(out) and len(out) >= then.start(2):
        return part[: now.start(2) + len(out) - then.start(2)]
    return None


def remember(
    raw: bytes, steps: list[Step], changes: list[Change], strings: Mapping[int, Rule]
) -> Repeat | None:
    """The event as a pattern for later ones; ``changes`` (to ``raw``) without those to lanes.

    ``strings`` are the rules of strings, by where they start in the data that was walked.
    """
    if len(steps) > _MOST_STEPS:
        return None
    parts = _TOKENS(raw)
    rules: list[Rule | None] = []
    numbers: set[int] = set()
    for kind, _, name_start, _, start, _, node, _ in steps:
        if name_start >= 0:
            rules.append(None)
            if kind == SCALAR and not node.fact:
                numbers.add(2 * len(rules))
        if kind == STRING:
            rules.append(_DROPPED if node.dropped else None if node.fact else strings[start])
    if 2 * len(rules) + 1 != len(parts):
        return None
    return Repeat(parts, _outputs(parts, sorted(changes)), rules, numbers)


def _outputs(parts: list[bytes], changes: list[Change]) -> list[bytes]:
    """What becomes of each part; a change may cover many."""
    outs: list[bytes] = []
    start = first = 0
    for part in parts:
        end = start + len(part)
        out: list[bytes] = []
        last = at = start
        number = first
        while number < len(changes) and (at := changes[number][0]) < end:
            _, stop, new = changes[number]
            out.append(part[last - start : max(at, last) - start])
            if at >= start:
                out.append(new)
            last = min(max(stop, last), end)
            if stop > end:
                break
            number += 1
        first = number
        out.append(part[last - start :])
        outs.append(b"".join(out))
        start = end
    return outs
