"""One caller's connection: which request is read, answered, refused, and when it all ends."""

from __future__ import annotations

import asyncio
import enum
import uuid
from typing import Any, cast

from router.downstream import peer
from router.downstream.answer import Answer, problem_answer
from router.downstream.cycle import Cycle
from router.downstream.deadline import Deadline
from router.downstream.dispatch import Dispatcher
from router.downstream.head import Head
from router.downstream.inlet import Inlet
from router.downstream.outlet import Outlet
from router.downstream.pace import BodyPace
from router.downstream.reader import RequestReader
from router.downstream.scope import Addresses
from router.downstream.shared import Shared
from router.errors import DownstreamError, GatewayError, InternalError


class Phase(enum.Enum):
    """What the reading side waits for."""

    IDLE = enum.auto()  # a request's first byte
    HEAD = enum.auto()  # the rest of a head
    BUSY = enum.auto()  # the body, or the end of the answer
    LEFTOVER = enum.auto()  # the rest of a body nobody wants, to keep the connection
    LINGER = enum.auto()  # the caller's close; whatever comes is thrown away
    CLOSED = enum.auto()


IDLE, HEAD, BUSY, LEFTOVER, LINGER, CLOSED = Phase
"""By these names, since an attribute of an enum costs a call (CPython 3.11)."""


class HttpConnection(asyncio.Protocol):
    """Reads requests one at a time, and lets a task answer each.

    At most one request is under way. What comes behind it waits, unread and bounded, so that the
    end of the stream is seen while an answer is being made: the answer's task is cancelled then.
    """

    outlet: Outlet
    _inlet: Inlet
    _dispatcher: Dispatcher
    _addresses: Addresses

    def __init__(
        self,
        shared: Shared,
        config: Any,
        server_state: Any,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        self._shared = shared
        self._limits = shared.limits
        self._app = config.loaded_app
        self._server = server_state
        self._app_state = app_state
        self._loop = _loop or asyncio.get_running_loop()
        self._reader = RequestReader(shared.limits)
        self._deadline = Deadline(self._loop, self._expired)
        self._cycle: Cycle | None = None
        self._phase = IDLE
        self._fresh = True
        self._pace = BodyPace(shared.limits, self._deadline)
        self._discarded = 0

    # What the transport calls

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins to wait for the first request."""
        # uvloop's transports are not asyncio's by inheritance.
        stream = cast("asyncio.Transport", transport)
        limits = self._limits
        peer.send_at_once(transport)
        self._inlet = Inlet(stream, self._loop, self._vanished)
        self.outlet = Outlet(
            stream,
            self._loop,
            self._shared.turn(self._loop),
            high_water=limits.write_high_water,
            idle=limits.write_idle,
            stuck=self._leave,
        )
        self._addresses = Addresses(transport)
        self._dispatcher = Dispatcher(
            self._app, self._app_state, self._server.tasks, self._loop, self._addresses
        )
        self._server.connections.add(self)
        self._deadline.set(self._shared.fresh_seconds())

    def data_received(self, data: bytes) -> None:
        """Reads on."""
        if self._phase is LINGER:
            self._discard(len(data))
        else:
            self._reader.feed(data)
            self._advance()

    def eof_received(self) -> None:
        """The caller has left, perhaps within a request."""
        if self._phase is CLOSED or self._phase is LINGER:
            return
        cycle = self._cycle
        if cycle is None:
            cut_short = self._phase is HEAD
        else:
            cut_short = self._reader.body_open and not cycle.started
        self._leave()
        if cut_short:
            error = DownstreamError(400, "The request ended too early.")
            self._write_problem(error, self._id_of(error, cycle))
        self._close()

    def connection_lost(self, _exc: Exception | None) -> None:
        """The end, whoever brought it about."""
        self._phase = CLOSED
        self._server.connections.discard(self)
        self._deadline.close()
        self._inlet.close()
        self.outlet.lost()
        self._leave()

    def pause_writing(self) -> None:
        """The caller does not take what is written."""
        self.outlet.pause()

    def resume_writing(self) -> None:
        """It does again."""
        self.outlet.resume()

    # What uvicorn calls

    def shutdown(self) -> None:
        """Drains: the request under way is finished, one that is on its way still answered."""
        self._shared.draining = True
        cycle = self._cycle
        if cycle is not None:
            if not cycle.started:
                cycle.answer.keep_alive = False
        elif self._phase is IDLE:
            self._deadline.bring_forward(self._limits.drain_grace)

    # What a cycle calls

    def answer_context(self) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        """See :class:`Wire`."""
        return self._shared.clock.now(), self._server.default_headers

    def can_stay(self) -> bool:
        """See :class:`Wire`. A long or unknown rest of a body is not worth waiting for."""
        left = self._reader.body_left
        if left == 0:
            return True
        uninvited = self._cycle is not None and self._cycle.expects_continue
        return left is not None and left <= self._limits.reuse_bytes and not uninvited

    def body_taken(self) -> None:
        """See :class:`Wire`."""
        if self._inlet.paused:
            self._regulate()

    def finished(self, cycle: Cycle) -> None:
        """See :class:`Wire`."""
        self._server.total_requests += 1
        self._cycle = None
        reader = self._reader
        if not (reader.pending or reader.body_open):
            if cycle.answer.keep_alive:
                self._wait_for_request()
            else:
                self._close()
        elif not cycle.answer.keep_alive:
            self._linger()
        elif reader.body_open:
            self._phase = LEFTOVER
            self._deadline.set(self._limits.linger_timeout)
            self._regulate()
        else:
            self._advance()

    def failed(self, cycle: Cycle) -> None:
        """See :class:`Wire`."""
        self._cycle = None
        if cycle.started:
            self._abort(cycle)
        else:
            error = InternalError(500, "The request could not be served.", code="internal_error")
            self._write_problem(error, uuid.uuid4().hex)
            self._linger()

    # Reading

    def _advance(self) -> None:
        if self._phase is LINGER or self._phase is CLOSED:
            return
        try:
            self._read()
        except DownstreamError as error:
            self._refuse(error)
        else:
            self._regulate()

    def _read(self) -> None:
        reader = self._reader
        if reader.body_open:
            self._take_body()
        if self._cycle is not None or reader.body_open:
            return
        head = reader.next_head()
        if head is not None:
            self._begin(head)
        elif not reader.pending:
            self._wait_for_request()
        elif self._phase is not HEAD:
            self._phase = HEAD
            if not self._fresh:
                self._deadline.set(self._limits.head_timeout)

    def _wait_for_request(self) -> None:
        if self._phase is not IDLE:
            self._phase = IDLE
            self._deadline.set(self._shared.idle_seconds())

    def _begin(self, head: Head) -> None:
        self._phase = BUSY
        self._fresh = False
        answer = Answer(
            head.method, head.version, keep_alive=head.keep_alive and not self._shared.draining
        )
        cycle = self._cycle = Cycle(self, answer, head)
        self._take_body()
        if self._reader.body_open:
            self._pace.open()
        self._dispatcher.start(head, cycle)

    def _take_body(self) -> None:
        reader = self._reader
        data = reader.take_body() if reader.body_open else b""
        self._pace.add(len(data))
        done = not reader.body_open
        if done:
            self._deadline.clear()
        elif reader.body_waiting:
            self._loop.call_soon(self._advance)
        if self._cycle is not None:
            self._cycle.feed(data, done=done)

    def _regulate(self) -> None:
        """Reads no faster than the application does."""
        cycle, limits = self._cycle, self._limits
        full = cycle is not None and (
            cycle.unread > limits.body_high_water or self._reader.pending > limits.pipeline_bytes
        )
        if full is self._inlet.paused:
            return
        if full:
            self._inlet.pause()
        else:
            self._inlet.resume()
            if self._phase is BUSY and self._reader.body_open:
                self._pace.open()

    def _discard(self, count: int) -> None:
        self._discarded += count
        if self._discarded > self._limits.linger_bytes:
            self._close()

    # Deadlines

    def _expired(self) -> None:
        if self._phase is HEAD:
            self._refuse(DownstreamError(408, "The request head took too long."))
        elif self._phase is BUSY:
            self._judge_body()
        else:
            self._close()

    def _judge_body(self) -> None:
        uninvited = self._cycle is not None and self._cycle.expects_continue
        if self._pace.too_slow() and not (self._inlet.paused or uninvited):
            self._refuse(DownstreamError(408, "The request body came too slowly."))
        else:
            self._pace.open()

    # Ending

    def _leave(self) -> None:
        """Stops the answer nobody waits for."""
        cycle = self._cycle
        if cycle is not None:
            self._cycle = None
            cycle.cut()

    def _vanished(self) -> None:
        self._leave()
        self._phase = CLOSED
        self.outlet.abort(reset=False)

    def _refuse(self, error: DownstreamError) -> None:
        """Answers a request that cannot be read, or cuts the answer that was begun."""
        cycle = self._cycle
        self._cycle = None
        request_id = self._id_of(error, cycle)
        if cycle is not None:
            cycle.cut(error.status)
            if cycle.started:
                self._abort(cycle)
                return
        self._write_problem(error, request_id)
        self._linger()

    def _id_of(self, error: GatewayError, cycle: Cycle | None) -> str:
        """An id for a refusal, which is told of where the application has not seen the request."""
        request_id = uuid.uuid4().hex
        if self._shared.on_reject is not None and (cycle is None or not cycle.begun):
            peer = self._addresses.client
            self._shared.on_reject(error, request_id, peer[0] if peer else "")
        return request_id

    def _write_problem(self, error: GatewayError, request_id: str) -> None:
        self.outlet.write(problem_answer(error, request_id, self._shared.clock.now()))
        self.outlet.flush()

    def _linger(self) -> None:
        """Ends our side, and reads on for a while: a reset could overtake the answer."""
        self._phase = LINGER
        self._reader.drop()
        self.outlet.half_close()
        self._regulate()
        self._deadline.set(self._limits.linger_timeout)

    def _close(self) -> None:
        self._phase = CLOSED
        self.outlet.close()

    def _abort(self, cycle: Cycle) -> None:
        self._phase = CLOSED
        self.outlet.abort(reset=cycle.answer.delimited_by_close)
