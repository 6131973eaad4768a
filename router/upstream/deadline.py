"""A deadline that moves at every read, over a loop timer that seldom does."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Callable


class Deadline:
    """Calls ``expire`` once the time set last has passed.

    Moving the deadline later, or clearing it, touches no timer: the timer looks again when it
    fires. That makes a timeout per read cost an assignment.
    """

    __slots__ = ("_at", "_due", "_expire", "_loop", "_timer")

    def __init__(self, loop: asyncio.AbstractEventLoop, expire: Callable[[], None]) -> None:
        self._loop = loop
        self._expire = expire
        self._at = 0.0
        self._due = 0.0
        self._timer: asyncio.TimerHandle | None = None

    def set(self, at: float) -> None:
        """Expires at loop time ``at`` and not before."""
        self._at = at
        if self._timer is None or at < self._due:
            self._arm(at)

    def clear(self) -> None:
        """Expires no more."""
        self._at = 0.0

    def close(self) -> None:
        """Lets the timer go, and with it whatever ``expire`` holds."""
        self._at = 0.0
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _arm(self, at: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._due = at
        self._timer = self._loop.call_at(at, self._fire)

    def _fire(self) -> None:
        self._timer = None
        if not self._at:
            return
        if self._loop.time() < self._at:
            self._arm(self._at)
            return
        self._at = 0.0
        self._expire()
