"""Counts kept in this process: exact for one worker, a share each for several."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING, TypeAlias

from router.limits.policy import Check, Decision, Rule, State, charged, decide, judge, standing

if TYPE_CHECKING:
    from collections.abc import Sequence

_MAX_KEYS = 100_000
_LOOKED_AT = 4
"""Old keys looked at for each new one: the idle are found faster than new ones come."""
_NEWCOMERS = "\0"

_Place: TypeAlias = tuple[str, int, str]
"""Rule, its limit (a tick is a fraction of it: a changed limit starts anew), key."""


class MemoryLimiter:
    """About ``max_keys`` counts: over it go one for each rule, and what a single call brings.

    Only a key whose allowance is whole again is forgotten, which changes nothing for it. While
    ``max_keys`` are in use, all further keys of a rule share one count: a flood of made-up keys
    tightens the limit for newcomers, and loosens it for nobody. ``now`` is nanoseconds of a
    monotonic clock. The checks of one call differ in rule.
    """

    def __init__(self, *, max_keys: int = _MAX_KEYS) -> None:
        self._max_keys = max_keys
        self._arrivals: OrderedDict[_Place, int] = OrderedDict()

    def hit(self, checks: Sequence[Check], now: int) -> Decision:
        """Lets the call pass and uses up every check, or refuses it and uses up none."""
        spent: list[tuple[_Place, int]] = []
        states: list[State] = []
        for check in checks:
            place, arrival = self._find(check, now)
            after, state = judge(check, arrival, now)
            if state.retry_after:
                return self.peek(checks, now)
            spent.append((place, after))
            states.append(state)
        self._arrivals.update(spent)
        return decide(states)

    def peek(self, checks: Sequence[Check], now: int) -> Decision:
        """Whether the call would pass, and how its rules stand without it; uses up nothing."""
        states = []
        for check in checks:
            _, arrival = self._find(check, now)
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
            place, arrival = self._find(check, now)
            self._arrivals[place] = charged(check, arrival, now)

    def __len__(self) -> int:
        return len(self._arrivals)

    def _find(self, check: Check, now: int) -> tuple[_Place, int]:
        """Where the check's count is kept, and its arrival time."""
        rule, key, _ = check
        place = (rule.id, rule.limit, key)
        arrival = self._arrivals.get(place)
        if arrival is not None:
            return place, arrival
        self._forget_idle(now)
        shared = (rule.id, rule.limit, _NEWCOMERS)
        # It may have counted among the newcomers until now: their debt comes with it.
        debt = self._arrivals.get(shared, 0)
        return (place if len(self._arrivals) < self._max_keys else shared), debt

    def _forget_idle(self, now: int) -> None:
        for _ in range(min(_LOOKED_AT, len(self._arrivals))):
            place, arrival = self._arrivals.popitem(last=False)
            if arrival > now * place[1]:
                self._arrivals[place] = arrival
