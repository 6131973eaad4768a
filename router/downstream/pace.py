"""Whether a request's body comes fast enough."""

from __future__ import annotations

from router.downstream.deadline import Deadline
from router.downstream.limits import ProtocolLimits


class BodyPace:
    """Counts a body in windows of ``body_grace`` seconds, each ended by the deadline.

    A window is opened anew when reading begins again after a pause: a pause is no fault of the
    caller's.
    """

    __slots__ = ("_deadline", "_grace", "_least", "_taken")

    def __init__(self, limits: ProtocolLimits, deadline: Deadline) -> None:
        self._deadline = deadline
        self._grace = limits.body_grace
        self._least = limits.body_rate * limits.body_grace
        self._taken = 0

    def open(self) -> None:
        """Begins a window."""
        self._taken = 0
        self._deadline.set(self._grace)

    def add(self, count: int) -> None:
        """So many bytes of the body have come."""
        self._taken += count

    def too_slow(self) -> bool:
        """Whether the window that has just ended brought less than it must."""
        return self._taken < self._least
