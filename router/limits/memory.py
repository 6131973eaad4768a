"""Counts kept in this process: exact for one worker, a share each for several."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, TypeAlias

from router.limits.policy import Check, Decision, Rule, charged, decide, judge, standing

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_KEYS = 100_000
_LOOKED_AT = 4
"""Old keys looked at for each new one: the idle are found faster than new ones come."""
_NEWCOMERS = "\0"

_Place: TypeAlias = tuple[str, int, str]
"""Rule, its limit (a tick is a fraction of it: a changed limit starts anew), key."""


class MemoryLimiter:
    """At most ``max_keys`` counts (and one more for each rule).

    Only a key whose allowance is whole again is forgotten, which changes nothing for it. While
    ``max_keys`` are in use, all further keys of a rule share one count: a flood of made-up keys
    tightens the limit for newcomers, and loosens it for nobody. ``now`` is nanoseconds of a
    monotonic clock. The checks of one call differ in rule or key.
    """

    def __init__(self, *, max_keys: int = _MAX_KEYS) -> None:
        self._max_keys = max_keys
        self._arrivals: OrderedDict[_Place, int] = OrderedDict()

    def hit(self, checks: Sequence[Check], now: int) -> Decision:
        """Lets the call pass and uses up every check, or refuses it and uses up none."""
        places = [self._place(check, now) for check in checks]
        arrivals = [self._arrival(place) for place in places]
        judged = [judge(check, at, now) for check, at in zip(checks, arrivals, strict=True)]
        decision = decide([state for _, state in judged])
        if decision.allowed:
            for place, (arrival, _) in zip(places, judged, strict=True):
                self._arrivals[place] = arrival
            return decision
        return decide(
            [
                state if state.retry_after else standing(check, at, now)
                for check, at, (_, state) in zip(checks, arrivals, judged, strict=True)
            ]
        )

    def peek(self, checks: Sequence[Check], now: int) -> Decision:
        """Whether the call would pass, and how its rules stand without it; uses up nothing."""
        states = []
        for check in checks:
            arrival = self._arrival(self._place(check, now))
            _, state = judge(check, arrival, now)
            states.append(state if state.retry_after else standing(check, arrival, now))
        return decide(states)

    def knows(self, rule: Rule, key: str) -> bool:
        """Whether anything of ``key``'s allowance may be spent; cheaper than to peek."""
        arrivals = self._arrivals
        if len(arrivals) >= self._max_keys:
            return True
        return bool(arrivals) and (rule.id, rule.limit, key) in arrivals

    def charge(self, checks: Sequence[Check], now: int) -> None:
        """Uses up what a call has cost after all; a negative amount gives back."""
        for check in checks:
            place = self._place(check, now)
            self._arrivals[place] = charged(check, self._arrival(place), now)

    def __len__(self) -> int:
        return len(self._arrivals)

    def _place(self, check: Check, now: int) -> _Place:
        rule = check.rule
        place = (rule.id, rule.limit, check.key)
        if place in self._arrivals:
            return place
        self._forget_idle(now)
        if len(self._arrivals) < self._max_keys:
            return place
        return rule.id, rule.limit, _NEWCOMERS

    def _arrival(self, place: _Place) -> int:
        arrival = self._arrivals.get(place)
        if arrival is None:
            # It may have counted among the newcomers until now: their debt comes with it.
            return self._arrivals.get((place[0], place[1], _NEWCOMERS), 0)
        return arrival

    def _forget_idle(self, now: int) -> None:
        for _ in range(min(_LOOKED_AT, len(self._arrivals))):
            place, arrival = self._arrivals.popitem(last=False)
            if arrival > now * place[1]:
                self._arrivals[place] = arrival
