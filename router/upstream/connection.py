"""One HTTP/1.1 connection to a target: an asyncio protocol that carries one exchange at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, cast

from router.errors import UpstreamError
from router.upstream import faults, salvage
from router.upstream.deadline import Deadline
from router.upstream.reader import ResponseReader
from router.upstream.sender import Sender

if TYPE_CHECKING:
    import select
    from collections.abc import Callable

    from router.exchange import ResponseHead
    from router.turn import Turn
    from router.upstream.bounds import Bounds, Timeouts
    from router.upstream.request import BodyStream


class Connection(asyncio.BufferedProtocol):
    """Carries exchanges: ``send``, then ``head``, then ``take`` or ``more`` until b"".

    ``buffer`` is what the loop reads into; it is emptied before the loop reads anything else, so
    that all connections of a loop can share one. ``on_closed`` is called once, ``on_lost`` once
    the socket is gone. ``used``: it has carried an exchange before this one.
    """

    __slots__ = (
        "_bounds",
        "_buffer",
        "_busy",
        "_deadline",
        "_error",
        "_on_closed",
        "_on_lost",
        "_paused",
        "_reader",
        "_sender",
        "_timeouts",
        "_total_at",
        "_transport",
        "_waiter",
        "_watch",
        "closed",
        "idle_since",
        "loop",
        "used",
    )

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        buffer: memoryview,
        turn: Turn,
        *,
        timeouts: Timeouts,
        bounds: Bounds,
        on_closed: Callable[[Connection], None],
        on_lost: Callable[[Connection], None],
    ) -> None:
        self.loop = loop
        self._buffer = buffer
        self._timeouts = timeouts
        self._bounds = bounds
        self._on_closed = on_closed
        self._on_lost = on_lost
        self._deadline = Deadline(loop, self._expired)
        self._reader = ResponseReader(bounds)
        self._sender = Sender(self, turn)
        self._transport: asyncio.Transport | None = None
        self._waiter: asyncio.Future[None] | None = None
        self._error: BaseException | None = None
        self._total_at = 0.0
        self._busy = False
        self._paused = False
        self.closed = False
        self.used = False
        self.idle_since = 0.0
        self._watch: select.poll | None = None

    # what the gateway's side does

    def send(self, head: bytes, body: bytes | BodyStream, *, no_body: bool, total: float) -> None:
        """Begins an exchange; ``no_body``: HEAD; ``total``: loop time it must end by, or 0."""
        self._busy = True
        self._total_at = total
        self._reader.begin(no_body=no_body)
        self._sender.begin(head, body)

    async def head(self) -> ResponseHead:
        """The head of the final response, as soon as it has come.

        A refusal stops the sending of the body (RFC 9112 §9.5); a success lets it go on.
        """
        reader = self._reader
        while reader.head is None:
            if self._error is not None:
                raise self._error
            await self._wait()
        self._deadline.clear()
        if reader.event_stream:
            self._total_at = 0.0
        if reader.head.status >= 300 and self._sender.sending:
            await self._sender.stop()
        return reader.head

    def take(self) -> bytes | None:
        """What has come of the body; b"" at its end, None where nothing has come yet."""
        reader = self._reader
        if self._total_at and self.loop.time() > self._total_at and not reader.complete:
            self.fail(faults.timed_out())
        if reader.pieces:
            data = reader.take()
            if self._paused:
                self._read_on()
            return data
        if reader.complete:
            return b""
        if self._error is not None:
            raise self._error
        return None

    async def more(self) -> bytes:
        """Waits for what ``take`` gives."""
        self._arm(self._timeouts.idle)
        while (data := self.take()) is None:
            await self._wait()
        self._deadline.clear()
        return data

    @property
    def sending(self) -> bool:
        """Whether the request body is still on its way."""
        return self._sender.sending

    @property
    def untouched(self) -> bool:
        """Whether nothing at all of a response has come."""
        return not self._reader.started

    @property
    def complete(self) -> bool:
        """Whether the response has come to its end and was taken to its end."""
        return self._reader.complete and not self._reader.pieces

    @property
    def reusable(self) -> bool:
        """Whether this exchange is over and has left the connection clean."""
        reader = self._reader
        return reader.complete and reader.reusable and not self.closed and self._sender.clear

    def rest(self, now: float) -> None:
        """Ends the exchange of a ``reusable`` connection."""
        self._busy = False
        self.used = True
        self.idle_since = now
        self._deadline.clear()
        if self._paused:
            self._read_on()

    def quiet(self) -> bool:
        """Asks the socket itself whether an idle connection is: the loop may not know yet."""
        if self._transport is None:
            return False
        if self._watch is None:
            self._watch = salvage.watch(self._transport)
        return salvage.quiet(self._watch)

    def abort(self) -> None:
        """Closes the socket at once and ends whatever waits on it."""
        if not self.closed:
            if self._transport is not None:
                self._transport.abort()
            self._close()

    def fail(self, error: BaseException) -> None:
        """Ends the exchange with ``error``, unless something ended it before."""
        if self._error is None:
            self._error = error
        self.abort()

    # what the sender says

    def hurry(self) -> None:
        """From now on it is the upstream that is waited for: to take bytes, or to answer."""
        if self._busy and self._reader.head is None and not self.closed:
            self._arm(self._timeouts.first_byte)

    def without_hurry(self) -> None:
        """From now on it is the caller who is waited for."""
        if self._reader.head is None and not self.closed:
            if self._total_at:
                self._deadline.set(self._total_at)
            else:
                self._deadline.clear()

    # what the loop does

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands, TLS included."""
        self._transport = cast("asyncio.Transport", transport)
        self._sender.open(self._transport)
        if self.closed:
            self._transport.abort()

    def get_buffer(self, sizehint: int) -> memoryview:  # noqa: ARG002 -- the loop's signature
        """Where the loop puts what comes."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """``nbytes`` have come: of an answer, or unasked for."""
        if self.closed:
            return
        if not self._busy:
            self.abort()
            return
        reader = self._reader
        try:
            reader.feed(self._buffer[:nbytes])
        except UpstreamError as error:
            self.fail(error)
            return
        if reader.unread > self._bounds.unread and not self._paused:
            self._paused = True
            cast("asyncio.Transport", self._transport).pause_reading()
        if reader.head is not None:
            self._wake()

    def eof_received(self) -> None:
        """The other side ended; over TLS, it is to be seen whether properly."""
        if not self._busy or self.closed:
            self.abort()
            return
        reader = self._reader
        try:
            if salvage.read_rest_of_tls(cast("asyncio.Transport", self._transport), reader):
                reader.eof()
        except UpstreamError as error:
            self.fail(error)
        if not reader.complete:
            self.fail(faults.incomplete(started=reader.started))
        self._wake()

    def pause_writing(self) -> None:
        """The other side does not keep up."""
        self._sender.pause()

    def resume_writing(self) -> None:
        """The other side has caught up."""
        self._sender.resume()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 -- the loop's signature
        """The socket is gone after this."""
        transport, self._transport = self._transport, None
        if not self.closed:
            if self._busy and not self._reader.complete and transport is not None:
                salvage.read_rest(transport, self._reader, self._bounds.unread)
            self._close()
        self._reader.close()
        self._on_lost(self)

    # how

    async def _wait(self) -> None:
        assert self._waiter is None, "one reader at a time"
        self._waiter = self.loop.create_future()
        try:
            await self._waiter
        finally:
            self._waiter = None

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)

    def _read_on(self) -> None:
        self._paused = False
        if not self.closed and self._transport is not None:
            self._transport.resume_reading()

    def _arm(self, seconds: float) -> None:
        at = self.loop.time() + seconds
        self._deadline.set(min(at, self._total_at) if self._total_at else at)

    def _expired(self) -> None:
        """Time is over, unless bytes of the request went out meanwhile and there is time left."""
        left = not self._total_at or self.loop.time() < self._total_at
        if left and self._reader.head is None and self._sender.progressed():
            self._arm(self._timeouts.first_byte)
        else:
            self.fail(faults.timed_out())

    def _close(self) -> None:
        self.closed = True
        self._deadline.close()
        if self._error is None:
            self._error = faults.incomplete(started=self._reader.started)
        self._sender.close()
        self._wake()
        self._on_closed(self)
