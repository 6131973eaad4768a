"""The way in of one connection: read no faster than is wanted, and still see a caller leave."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from router.downstream import peer

_WATCH_SECONDS = 0.05


class Inlet:
    """Pauses and resumes a transport. ``left`` is called when a paused peer closes its side.

    A paused transport is told neither of an end nor of a reset, so the kernel is asked.
    """

    __slots__ = ("_handle", "_left", "_loop", "_transport", "paused")

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        left: Callable[[], None],
    ) -> None:
        self.paused = False
        self._transport = transport
        self._loop = loop
        self._left = left
        self._handle: asyncio.TimerHandle | None = None

    def pause(self) -> None:
        """Reads nothing more."""
        self.paused = True
        self._transport.pause_reading()
        if self._handle is None:
            self._handle = self._loop.call_later(_WATCH_SECONDS, self._look)

    def resume(self) -> None:
        """Reads again."""
        self.paused = False
        self._transport.resume_reading()

    def close(self) -> None:
        """Asks no more."""
        self.paused = False
        if self._handle is not None:
            self._handle.cancel()
            self._handle = None

    def _look(self) -> None:
        self._handle = None
        if not self.paused:
            return
        if peer.has_left(self._transport):
            self._left()
        else:
            self._handle = self._loop.call_later(_WATCH_SECONDS, self._look)
