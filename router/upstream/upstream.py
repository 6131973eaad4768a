"""One upstream: several targets that serve the same, and the rules of sending to them."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING

from router.errors import UpstreamError
from router.turn import Turn
from router.upstream.balancer import Member, pick, unavailable
from router.upstream.bounds import BOUNDS, TIMEOUTS, Bounds, Timeouts
from router.upstream.breaker import BREAKER, Breaker, BreakerPolicy
from router.upstream.connect import Connector
from router.upstream.health import HealthCheck, HealthPolicy
from router.upstream.pool import Pool
from router.upstream.request import BodyStream, encode_head
from router.upstream.response import UpstreamResponse
from router.upstream.tls import tls_context, verifies

if TYPE_CHECKING:
    import ssl
    from collections.abc import Callable, Sequence

    from router.exchange import Fields
    from router.upstream.connection import Connection
    from router.upstream.target import Target

__all__ = ["BodyStream", "TargetStatus", "Upstream", "UpstreamResponse"]

_READ_BUFFER = 64 * 1024


@dataclass(frozen=True, slots=True)
class TargetStatus:
    """What operators may know of a target."""

    target: str
    up: bool
    busy: int
    idle: int


@dataclass(slots=True)
class _Call:
    """One request as ``send`` got it; ``deadline`` is a loop time, 0 is none."""

    method: bytes
    path: bytes
    fields: Fields
    body: bytes | BodyStream
    replayable: bool
    deadline: float


class _UnansweredError(Exception):
    """``error`` befell a request that may be sent again; never leaves this module.

    ``stale``: on a connection that had been idle. ``reached``: there was a connection.
    """

    def __init__(self, error: UpstreamError, *, stale: bool, reached: bool) -> None:
        super().__init__(error.proxy_error)
        self.error = error
        self.stale = stale
        self.reached = reached


class Upstream:
    """``startup``, then ``send`` as often as wanted, then ``close``.

    ``on_error(upstream, error)`` is called with the RFC 9209 token of each failure a caller saw.
    """

    def __init__(
        self,
        name: str,
        targets: Sequence[Target],
        *,
        timeouts: Timeouts = TIMEOUTS,
        tls: ssl.SSLContext | None = None,
        retries: int = 1,
        breaker: BreakerPolicy = BREAKER,
        health: HealthPolicy | None = None,
        bounds: Bounds = BOUNDS,
        on_error: Callable[[str, str], None] | None = None,
    ) -> None:
        if not targets:
            raise ValueError("an upstream has at least one target")
        if tls is not None and not verifies(tls):
            raise ValueError("TLS towards upstreams is always verified")
        if tls is None and any(target.secure for target in targets):
            tls = tls_context()
        self.name = name
        self._targets = tuple(targets)
        self._timeouts = timeouts
        self._tls = tls
        self._retries = retries
        self._breaker = breaker
        self._health = health
        self._bounds = bounds
        self._on_error = on_error
        self._members: tuple[Member, ...] = ()
        self._checks: list[HealthCheck] = []

    async def startup(self) -> None:
        """Makes the pools on the running loop and begins the health checks; connects nothing."""
        loop = asyncio.get_running_loop()
        buffer = memoryview(bytearray(_READ_BUFFER))
        self._loop = loop
        turn = Turn(loop)
        self._members = tuple(self._member(target, loop, buffer, turn) for target in self._targets)
        if self._health is not None:
            self._checks = [HealthCheck(member, self._health) for member in self._members]
            for check in self._checks:
                check.start()

    async def close(self) -> None:
        """Closes every connection, whatever is under way on it."""
        for check in self._checks:
            await check.stop()
        for member in self._members:
            await member.pool.close()

    @property
    def targets(self) -> list[TargetStatus]:
        """Each target by its authority, and how it is."""
        return [
            TargetStatus(m.target.authority.decode(), m.up, m.pool.busy, m.pool.idle)
            for m in self._members
        ]

    async def send(
        self,
        method: bytes,
        path: bytes,
        fields: Fields,
        body: bytes | BodyStream,
        *,
        idempotent: bool,
        streaming: bool,
    ) -> UpstreamResponse:
        """Sends a request and returns once the head of its answer is there.

        ``path`` is raw, with the query; the target's base path is put before it. ``fields`` need
        no Host and no framing. Sent again, at most ``retries`` times, only where nothing of an
        answer came and either no target was reached or the call is ``idempotent`` and its body
        whole. Raises UpstreamError (502, 503, 504), or what reading ``body`` raised. Cancelled,
        it leaves nothing behind.
        """
        now = self._loop.time()
        total = self._timeouts.total
        deadline = 0.0 if streaming or not total else now + total
        call = _Call(method, path, fields, body, idempotent and isinstance(body, bytes), deadline)
        member = pick(self._members, now)
        tried: tuple[Member, ...] = ()
        fresh = False
        while member is not None:
            try:
                return await self._try(call, member, fresh=fresh)
            except _UnansweredError as failure:
                fresh = True
                if failure.stale:
                    continue
                tried += (member,)
                if len(tried) > self._retries:
                    raise self._counted(failure.error) from None
                member = self._next(member, tried, failure)
        raise self._counted(unavailable(self._members, now))

    def _next(self, member: Member, tried: tuple[Member, ...], failure: _UnansweredError) -> Member:
        """Where to go after a failure: elsewhere if there is another target, else once more."""
        now = self._loop.time()
        other = pick(self._members, now, tried)
        if other is not None:
            return other
        if failure.reached and member.allows(now):
            return member
        raise self._counted(failure.error) from None

    async def _try(self, call: _Call, member: Member, *, fresh: bool) -> UpstreamResponse:
        """One exchange with one member, up to the answer's head."""
        head = encode_head(member.target, call.method, call.path, call.fields, call.body)
        pool = member.pool
        connection: Connection | None = None
        member.breaker.begin()
        try:
            if not fresh:
                connection = pool.take(self._loop.time(), sure=not call.replayable)
            if connection is None:
                connection = await pool.open()
            connection.send(head, call.body, no_body=call.method == b"HEAD", total=call.deadline)
            answer = await connection.head()
        except UpstreamError as error:
            raise self._judged(error, call, member, connection, fresh=fresh) from None
        except BaseException:
            member.breaker.abandon()
            if connection is not None:
                connection.abort()
            raise
        member.breaker.success()
        return UpstreamResponse(answer, connection, pool, on_error=self._failed)

    def _judged(
        self,
        error: UpstreamError,
        call: _Call,
        member: Member,
        connection: Connection | None,
        *,
        fresh: bool,
    ) -> Exception:
        """What a failure before the head says of the member, and whether to send again.

        A connection that was idle and turns out closed says nothing (RFC 9112 §9.3.1).
        """
        silent = (
            connection is not None
            and connection.untouched
            and error.proxy_error == "connection_terminated"
        )
        stale = silent and not fresh and connection is not None and connection.used
        if connection is not None:
            connection.abort()
        if stale or error.proxy_error == "connection_limit_reached":
            member.breaker.abandon()
        else:
            member.breaker.failure(self._loop.time())
        if connection is None or (silent and call.replayable):
            return _UnansweredError(error, stale=stale, reached=connection is not None)
        return self._counted(error)

    def _counted(self, error: UpstreamError) -> UpstreamError:
        self._failed(error.proxy_error)
        return error

    def _failed(self, error: str) -> None:
        if self._on_error is not None:
            self._on_error(self.name, error)

    def _member(
        self, target: Target, loop: asyncio.AbstractEventLoop, buffer: memoryview, turn: Turn
    ) -> Member:
        connector = Connector(target, self._tls, self._timeouts.connect)
        pool = Pool(connector, loop, buffer, turn, self._timeouts, self._bounds)
        return Member(target, pool, Breaker(self._breaker))
