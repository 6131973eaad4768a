"""The way out of one connection: bounded, and not for readers who take nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from router.downstream import peer
from router.downstream.deadline import Deadline
from router.turn import LARGE, Turn


class Outlet:
    """Writes to a transport, tells when it is full, and ends it in one of three ways.

    ``stuck`` is called when a caller has taken none of the unsent bytes for ``idle`` seconds;
    the connection is aborted after it.
    """

    __slots__ = (
        "_deadline",
        "_held",
        "_idle",
        "_stuck",
        "_transport",
        "_turn",
        "_unsent",
        "_writable",
        "write_paused",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        loop: asyncio.AbstractEventLoop,
        turn: Turn,
        *,
        high_water: int,
        idle: float,
        stuck: Callable[[], None],
    ) -> None:
        transport.set_write_buffer_limits(high=high_water)
        self.write_paused = False
        self._held = b""
        self._turn = turn
        self._transport = transport
        self._idle = idle
        self._stuck = stuck
        self._deadline = Deadline(loop, self._expired)
        self._unsent = 0
        self._writable = asyncio.Event()

    def write(self, data: bytes) -> None:
        """Writes at the end of the loop's turn, together with other connections; much, at once."""
        if self._held:
            self._held += data
        else:
            self._held = data
            if len(data) < LARGE:
                self._turn.add(self.flush)
        if len(self._held) >= LARGE:
            self.flush()

    def at_turns_end(self, call: Callable[[], None]) -> None:
        """Calls ``call`` when this turn of the loop is over."""
        self._turn.add(call)

    def flush(self) -> None:
        """Writes what is held back."""
        if self._held:
            data, self._held = self._held, b""
            self._transport.write(data)

    def pause(self) -> None:
        """The transport holds more than enough."""
        self.write_paused = True
        self._writable.clear()
        self._watch()

    def resume(self) -> None:
        """The transport has room again."""
        self.write_paused = False
        self._writable.set()
        self._deadline.clear()

    async def writable(self) -> None:
        """Returns once there is room, or nothing to write to any more."""
        while self.write_paused:
            await self._writable.wait()

    def half_close(self) -> None:
        """Ends our side behind what was written, where the transport can (TLS cannot)."""
        self.flush()
        if self._transport.can_write_eof():
            self._transport.write_eof()

    def close(self) -> None:
        """Closes once all is sent, or nothing of it is taken for too long."""
        self.flush()
        self._transport.close()
        if self._transport.get_write_buffer_size():
            self._watch()

    def abort(self, *, reset: bool) -> None:
        """Ends at once; ``reset``: in a way that is no clean end even without any framing."""
        self.flush()
        if reset:
            peer.reset_on_close(self._transport)
        self._transport.abort()

    def lost(self) -> None:
        """The connection is gone: nobody has to wait."""
        self._deadline.close()
        self._held = b""
        self.write_paused = False
        self._writable.set()

    def _watch(self) -> None:
        self._unsent = self._transport.get_write_buffer_size()
        self._deadline.set(self._idle)

    def _expired(self) -> None:
        if self._transport.get_write_buffer_size() < self._unsent:
            self._watch()
        else:
            self._stuck()
            self._transport.abort()
