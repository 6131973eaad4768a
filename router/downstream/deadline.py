"""Deadlines that are moved for nearly nothing."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable


class Deadline:
    """Calls ``expired`` once a time is reached that may be moved freely before.

    Moving it later only stores a number: the loop's timer, when it fires early, is armed again
    for the rest. So a busy connection arms one timer a minute, not two a request.
    """

    __slots__ = ("_armed_for", "_due", "_expired", "_handle", "_loop")

    def __init__(self, loop: asyncio.AbstractEventLoop, expired: Callable[[], None]) -> None:
        self._loop = loop
        self._expired: Callable[[], None] | None = expired
        self._handle: asyncio.TimerHandle | None = None
        self._armed_for = math.inf
        self._due = math.inf

    def set(self, seconds: float) -> None:
        """Due in ``seconds`` from now, whatever was set before."""
        self._due = self._loop.time() + seconds
        if self._due < self._armed_for:
            self._arm(seconds)

    def bring_forward(self, seconds: float) -> None:
        """Due in ``seconds`` at the latest."""
        if self._loop.time() + seconds < self._due:
            self.set(seconds)

    def clear(self) -> None:
        """Not due until set again."""
        self._due = math.inf

    def close(self) -> None:
        """Never due again."""
        self._expired = None
        self._due = math.inf
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _arm(self, seconds: float) -> None:
        if self._handle is not None:
            self._handle.cancel()
        self._armed_for = self._due
        self._handle = self._loop.call_later(seconds, self._fire)

    def _fire(self) -> None:
        self._handle = None
        self._armed_for = math.inf
        if self._due == math.inf or self._expired is None:
            return
        rest = self._due - self._loop.time()
        if rest > 0:
            self._arm(rest)
        else:
            self._due = math.inf
            self._expired()
