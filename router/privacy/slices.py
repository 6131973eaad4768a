"""Long work on the event loop, done in slices: others have their turn in between.

Looking through a usual text takes microseconds and is done at once. What takes longer goes on in
slices, one slice of one text in a round of the loop, however many texts wait: so a hostile text
costs its neighbours milliseconds, and long texts share what is left by turns.
"""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from router.privacy.unavailable import PrivacyUnavailableError

if TYPE_CHECKING:
    from collections.abc import Iterator

SLICE: Final = 0.003
"""Seconds of work before the loop has its turn."""


class Slices:
    """Does work that says by yielding where it may be left for a while.

    ``patience``: seconds it may take by the clock, waiting included; ``budget``: of CPU time, both
    for a thousand characters beside a second for any. ``backlog``: characters that may wait.
    """

    def __init__(
        self, *, budget: float = 0.02, patience: float = 0.04, backlog: int = 8 << 20
    ) -> None:
        self._budget = budget
        self._patience = patience
        self._backlog = backlog
        self._waiting = 0
        self._turn = asyncio.Lock()

    async def run(self, work: Iterator[None], size: int) -> None:
        """Does all of ``work`` on ``size`` characters; PrivacyUnavailableError if it may not."""
        if _done(work):
            return
        if self._waiting + size > self._backlog:
            raise PrivacyUnavailableError("overloaded")
        self._waiting += size
        try:
            async with asyncio.timeout(10 + self._patience * size / 1000) as limit:
                await self._go_on(work, 1 + self._budget * size / 1000)
        except TimeoutError:  # the loop's, or that of a pattern
            raise PrivacyUnavailableError("timeout" if limit.expired() else "overrun") from None
        finally:
            self._waiting -= size

    async def _go_on(self, work: Iterator[None], budget: float) -> None:
        while budget > 0:
            await asyncio.sleep(0)
            async with self._turn:
                begun = time.thread_time()
                if _done(work):
                    return
                budget -= time.thread_time() - begun
                await asyncio.sleep(0)  # within the turn: one slice a round, whoever waits
        raise PrivacyUnavailableError("overrun")


def _done(work: Iterator[None]) -> bool:
    """Whether ``work`` ended within a slice."""
    until = time.perf_counter() + SLICE
    return all(time.perf_counter() < until for _ in work)
