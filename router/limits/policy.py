"""Rate limits as pure arithmetic: GCRA with an explicit burst, in whole numbers only.

GCRA (ITU-T I.371) keeps one number per key: the theoretical arrival time, when the whole
allowance will be there again. Times are in *ticks*, nanoseconds multiplied by the rule's limit:
then one request is worth exactly ``period`` ticks, and nothing is ever rounded. "5/1m" admits
exactly five at once, then one each 12 s.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from router.errors import DownstreamError
from router.tuples import made

if TYPE_CHECKING:
    from collections.abc import Sequence

_SECOND = 1_000_000_000
_NAME = re.compile(r"[A-Za-z0-9._-]{1,64}")


@dataclass(frozen=True, slots=True)
class Rule:
    """``limit`` requests in ``period`` seconds, ``burst`` of them at once (0: all of them).

    ``id`` tells its counts from those of other rules (one service's per platform, say); ``name``
    is what callers read. ValueError where a number is not positive or the name is not plain.
    """

    id: str
    limit: int
    period: float
    burst: int = 0
    name: str = "default"
    cost: int = field(init=False, repr=False, compare=False)
    """Ticks that one request is worth."""
    allowance: int = field(init=False, repr=False, compare=False)
    """Ticks that may be spent at once."""
    policy: bytes = field(init=False, repr=False, compare=False)
    """Its item of ``RateLimit-Policy``."""
    item: bytes = field(init=False, repr=False, compare=False)
    """Its item of ``RateLimit``, for two numbers."""

    def __post_init__(self) -> None:
        cost = round(self.period * _SECOND)
        if self.limit < 1 or cost < 1 or self.burst < 0:
            raise ValueError("a rate limit needs a positive limit and period")
        if _NAME.fullmatch(self.name) is None:
            raise ValueError(f"not a plain name: {self.name!r}")
        object.__setattr__(self, "burst", self.burst or self.limit)
        object.__setattr__(self, "cost", cost)
        object.__setattr__(self, "allowance", cost * self.burst)
        window = -(-cost // _SECOND)
        object.__setattr__(self, "policy", f'"{self.name}";q={self.limit};w={window}'.encode())
        object.__setattr__(self, "item", b'"%b";r=%%d;t=%%d' % self.name.encode())


class Check(NamedTuple):
    """One rule to be held against one key; ``amount`` is what the call uses up."""

    rule: Rule
    key: str
    amount: int = 1


class State(NamedTuple):
    """How a rule stands for a key: requests left, seconds until all is back, seconds to wait.

    Whole seconds, rounded up: a caller who waits that long is not too early.
    """

    rule: Rule
    remaining: int
    reset: int
    retry_after: int = 0


class Decision(NamedTuple):
    """Whether a call may pass, and how its rules stand, the tightest first."""

    allowed: bool
    states: tuple[State, ...] = ()

    @property
    def retry_after(self) -> int:
        """Whole seconds after which the same call would pass; 0 where it passes."""
        return self.states[0].retry_after if self.states else 0


def judge(check: Check, arrival: int, now: int) -> tuple[int, State]:
    """The new arrival time if the call passes, and how the rule then stands.

    ``arrival`` is the key's arrival time in ticks (0: none), ``now`` nanoseconds of any clock
    that never goes back. Where the call does not pass, ``retry_after`` of the state is not 0 and
    the state is that without the call.
    """
    rule, _, amount = check
    limit, cost, allowance = rule.limit, rule.cost, rule.allowance
    ticks = now * limit
    spent = arrival - ticks if arrival > ticks else 0
    wanted = spent + amount * cost
    second = _SECOND * limit
    if wanted > allowance:
        wait = max(1, -(-(wanted - allowance) // second))
        left = max(0, (allowance - spent) // cost)
        return arrival, State(rule, left, -(-spent // second), wait)
    state = made(State, (rule, (allowance - wanted) // cost, -(-wanted // second), 0))
    return ticks + wanted, state


def standing(check: Check, arrival: int, now: int) -> State:
    """How the rule stands for the key without any call."""
    return judge(Check(check.rule, check.key, 0), arrival, now)[1]


def charged(check: Check, arrival: int, now: int) -> int:
    """The arrival time after a call that has already happened, whatever was left.

    A negative amount gives back. The debt never exceeds the allowance: nobody waits longer than
    it takes to earn that.
    """
    rule = check.rule
    ticks = now * rule.limit
    spent = max(arrival - ticks, 0) + check.amount * rule.cost
    return ticks + min(max(spent, 0), rule.allowance)


def decide(states: Sequence[State]) -> Decision:
    """One decision from how each rule stands: passed only where every rule lets it pass."""
    if len(states) > 1:
        states = sorted(states, key=_tightness)  # who has to wait longest comes first
    return made(Decision, (not (states and states[0].retry_after), tuple(states)))


def _tightness(state: State) -> tuple[int, float]:
    return -state.retry_after, state.remaining / state.rule.burst


def limit_fields(decision: Decision) -> list[tuple[bytes, bytes]]:
    """``RateLimit-Policy``, ``RateLimit`` and, where refused, ``Retry-After``.

    As draft-ietf-httpapi-ratelimit-headers-10 has them, times in whole seconds. Empty where no
    rule was held against the call.
    """
    policies: list[bytes] = []
    items: list[bytes] = []
    for rule, remaining, reset, _ in decision.states:
        policies.append(rule.policy)
        items.append(rule.item % (remaining, reset))
    if not policies:
        return []
    fields = [
        (b"ratelimit-policy", b", ".join(policies)),
        (b"ratelimit", b", ".join(items)),
    ]
    if not decision.allowed:
        fields.append((b"retry-after", b"%d" % decision.retry_after))
    return fields


def refusal(decision: Decision, cause: str = "too many requests") -> DownstreamError:
    """The 429 for a decision that does not allow the call; ``cause`` is told to the caller."""
    return DownstreamError(
        429,
        f"{cause}; try again in {decision.retry_after} s",
        fields=tuple(limit_fields(decision)),
    )
