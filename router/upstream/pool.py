"""The connections to one target: few, warm, and the most recently used first."""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING

from router.upstream import faults
from router.upstream.connection import Connection

if TYPE_CHECKING:
    from router.turn import Turn
    from router.upstream.bounds import Bounds, Timeouts
    from router.upstream.connect import Connector


class Pool:
    """Idle connections are kept newest last; ``busy`` counts those lent out, and who waits.

    A slot is taken before a connection opens and freed when it closes, or passed on to who waits
    longest, together with the connection where that is clean.
    """

    __slots__ = (
        "_all",
        "_bounds",
        "_buffer",
        "_connector",
        "_gone",
        "_idle",
        "_loop",
        "_slots",
        "_sweeper",
        "_timeouts",
        "_turn",
        "_waiting",
    )

    def __init__(
        self,
        connector: Connector,
        loop: asyncio.AbstractEventLoop,
        buffer: memoryview,
        turn: Turn,
        timeouts: Timeouts,
        bounds: Bounds,
    ) -> None:
        self._connector = connector
        self._loop = loop
        self._buffer = buffer
        self._turn = turn
        self._timeouts = timeouts
        self._bounds = bounds
        self._slots = 0
        self._idle: list[Connection] = []
        self._all: set[Connection] = set()
        self._waiting: deque[asyncio.Future[Connection | None]] = deque()
        self._sweeper: asyncio.TimerHandle | None = None
        self._gone: asyncio.Event | None = None

    @property
    def busy(self) -> int:
        """Exchanges under way, and callers who wait for a connection."""
        return self._slots - len(self._idle) + len(self._waiting)

    @property
    def idle(self) -> int:
        """Connections that wait for use."""
        return len(self._idle)

    def take(self, now: float, *, sure: bool) -> Connection | None:
        """The idle connection used last, if any is good.

        ``sure`` asks its socket whether the other side has closed it: for what must not be sent
        twice (RFC 9112 §9.3.1).
        """
        oldest = now - self._bounds.idle
        while self._idle:
            connection = self._idle.pop()
            if connection.idle_since >= oldest and not (sure and not connection.quiet()):
                return connection
            connection.abort()
        return None

    async def open(self) -> Connection:
        """A connection that was never used, or one that another caller has just done with.

        503 at once where too many wait already, and where none comes free within the time to
        connect.
        """
        while self._slots >= self._bounds.connections:
            if self._idle:
                self._idle[0].abort()
                continue
            given = await self._queue()
            if given is None:
                self._slots -= 1  # the slot came with it and is taken again below
                break
            if not given.closed:
                return given
        self._slots += 1
        connection = Connection(
            self._loop,
            self._buffer,
            self._turn,
            timeouts=self._timeouts,
            bounds=self._bounds,
            on_closed=self._closed,
            on_lost=self._lost,
        )
        try:
            await self._connector.connect(connection)
        except BaseException:
            connection.abort()
            raise
        self._all.add(connection)
        return connection

    def give(self, connection: Connection) -> None:
        """Takes a connection back after its exchange: clean, it is lent again; else it closes."""
        if not connection.reusable:
            connection.abort()
            return
        connection.rest(self._loop.time())
        if not self._hand(connection):
            self._idle.append(connection)
            self._sweep_later(connection)

    async def close(self) -> None:
        """Closes every connection and waits until the sockets are gone."""
        if self._sweeper is not None:
            self._sweeper.cancel()
        self._connector.close()
        for connection in tuple(self._all):
            connection.abort()
        if self._all:
            self._gone = asyncio.Event()
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(1):
                    await self._gone.wait()

    async def _queue(self) -> Connection | None:
        """Waits for a connection, or for leave to open one."""
        if len(self._waiting) >= self._bounds.pending:
            raise faults.full()
        waiter: asyncio.Future[Connection | None] = self._loop.create_future()
        self._waiting.append(waiter)
        try:
            async with asyncio.timeout(self._timeouts.connect):
                return await waiter
        except BaseException as error:
            self._decline(waiter)
            if isinstance(error, TimeoutError):
                raise faults.full() from None
            raise

    def _decline(self, waiter: asyncio.Future[Connection | None]) -> None:
        """Who waited has left; what was given to it in the same moment goes to the next."""
        if not waiter.done() or waiter.cancelled():
            with contextlib.suppress(ValueError):
                self._waiting.remove(waiter)
            return
        given = waiter.result()
        if given is None:
            self._free()
        elif not given.closed:
            self.give(given)

    def _free(self) -> None:
        if not self._hand(None):
            self._slots -= 1

    def _hand(self, connection: Connection | None) -> bool:
        """Passes a connection, or a slot (None), to who waits longest; whether any did."""
        while self._waiting:
            waiter = self._waiting.popleft()
            if not waiter.done():
                waiter.set_result(connection)
                return True
        return False

    def _closed(self, connection: Connection) -> None:
        with contextlib.suppress(ValueError):
            self._idle.remove(connection)
        self._free()

    def _lost(self, connection: Connection) -> None:
        self._all.discard(connection)
        if self._gone is not None and not self._all:
            self._gone.set()

    def _sweep_later(self, oldest: Connection) -> None:
        if self._sweeper is None:
            at = oldest.idle_since + self._bounds.idle
            self._sweeper = self._loop.call_at(at, self._sweep)

    def _sweep(self) -> None:
        """Closes what has been idle for too long; the oldest stand first."""
        self._sweeper = None
        oldest = self._loop.time() - self._bounds.idle
        while self._idle and self._idle[0].idle_since <= oldest:
            self._idle[0].abort()
        if self._idle:
            self._sweep_later(self._idle[0])
