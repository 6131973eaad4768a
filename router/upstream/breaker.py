"""Leaves a target alone that fails again and again; pure, the clock is the caller's."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """Opens after ``failures`` in a row, for ``open`` seconds; then one call probes."""

    failures: int = 5
    open: float = 10.0


BREAKER = BreakerPolicy()


class Breaker:
    """Closed, open until ``until``, then half-open: one probe decides.

    Every ``begin`` is followed by one of ``success``, ``failure``, ``abandon``.
    """

    __slots__ = ("_failures", "_policy", "_probing", "until")

    def __init__(self, policy: BreakerPolicy) -> None:
        self._policy = policy
        self._failures = 0
        self._probing = False
        self.until = 0.0

    @property
    def closed(self) -> bool:
        """Whether calls pass freely."""
        return not self.until

    def allows(self, now: float) -> bool:
        """Whether a call may begin."""
        return not self.until or (now >= self.until and not self._probing)

    def begin(self) -> None:
        """A call that was allowed begins; behind an open breaker it is the probe."""
        if self.until:
            self._probing = True

    def success(self) -> None:
        """The call was answered."""
        self._failures = 0
        self._probing = False
        self.until = 0.0

    def failure(self, now: float) -> None:
        """The call failed, and the target is to blame."""
        self._failures += 1
        if self._probing or self._failures >= self._policy.failures:
            self.until = now + self._policy.open
        self._probing = False

    def abandon(self) -> None:
        """The call ended without telling anything of the target: its caller left, say."""
        self._probing = False
