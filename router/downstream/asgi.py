"""One request as the phases see it: its head, its body piece by piece, the answer's way back.

It comes in an ASGI scope and goes on with the cycle in it: messages would cost two calls for each
piece. The server cancels the request's task when the caller leaves, so nothing here watches for
that; the body has one reader, the phase that needs it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

from router.downstream.head import CHUNKED
from router.errors import DownstreamError, InternalError
from router.exchange import Fields, RequestHead
from router.tuples import made

if TYPE_CHECKING:
    from router.downstream.cycle import Cycle

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]


_SMALL = 16 * 1024
_UNBOUNDED = 1 << 62


class AnswerCut(Exception):  # noqa: N818  it says what happened to the answer
    """Raised through the server to cut a started answer: never a clean end of half a body."""


class BodyMemory:
    """Bytes of buffered bodies in this process; over ``limit`` callers are asked to wait."""

    __slots__ = ("held", "limit")

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.held = 0

    def take(self, count: int) -> None:
        """Reserves ``count`` bytes; raises 503 ``overloaded`` when they are not there."""
        if self.held + count > self.limit:
            raise InternalError(
                503,
                "too many request bodies are being inspected",
                code="overloaded",
                fields=((b"retry-after", b"1"),),
            )
        self.held += count

    def give_back(self, count: int) -> None:
        """Returns what :meth:`take` reserved."""
        self.held -= count


class Downstream:
    """The caller's side of one exchange.

    ``has_body``: the request was framed with a body, be it of unknown length.
    """

    __slots__ = (
        "_cycle",
        "_held",
        "_limit",
        "_memory",
        "bytes_in",
        "bytes_out",
        "ended",
        "has_body",
        "head",
        "length",
        "started",
        "streams_events",
    )  # fmt: skip

    def __init__(self, scope: Scope, memory: BodyMemory) -> None:
        self._cycle: Cycle = scope["extensions"]["router"]
        method, path, query, fields, version, length, _, _, first = self._cycle.head
        client, scheme = scope["client"], scope["scheme"]
        self.head = made(RequestHead, (method, path, query, fields, client, scheme, version, first))
        self._memory = memory
        self._held = 0
        self.bytes_in = self.bytes_out = 0
        self.started = self.ended = self.streams_events = False
        self.length = None if length == CHUNKED else length
        self.has_body = length != 0
        self._limit = _UNBOUNDED

    @property
    def refused(self) -> int:
        """The status that a caller was told while its body came too slow or malformed; else 0."""
        return self._cycle.refused

    def limit_body(self, limit: int) -> None:
        """Bounds what :meth:`read` gives in all, in bytes; raises 413 for a length over it."""
        if self.length is not None and self.length > limit:
            raise too_large(limit)
        self._limit = limit

    async def read(self) -> bytes:
        """The next piece of the request body, b"" at its end; 413 over the limit."""
        piece = await self._cycle.read()
        if piece is None:
            raise DownstreamError(400, "the request body did not arrive whole")
        return self._counted(piece)

    @property
    def arrived(self) -> bool:
        """Whether a small body is here already: then it is cheaper sent on whole."""
        cycle = self._cycle
        return cycle.body_done and cycle.unread <= _SMALL and not cycle.disconnected

    def take(self) -> bytes:
        """What has ``arrived``, as :meth:`read`."""
        return self._counted(self._cycle.take())

    def _counted(self, piece: bytes) -> bytes:
        self.bytes_in += len(piece)
        if self.bytes_in > self._limit:
            raise too_large(self._limit)
        return piece

    async def read_all(self, limit: int) -> bytes:
        """The whole request body; 413 beyond ``limit`` bytes, 503 when memory is short."""
        if self.length is not None and self.length > limit:
            raise too_large(limit)
        pieces: list[bytes] = []
        size, last = 0, False
        while not last:
            last = self.arrived
            piece = self.take() if last else await self.read()
            size += len(piece)
            if size > limit:
                raise too_large(limit)
            if piece:
                self.hold(len(piece))
                pieces.append(piece)
            last = last or not piece
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def hold(self, count: int) -> None:
        """Charges this exchange with ``count`` buffered bytes, or gives back; 503 when short."""
        self._memory.take(count)
        self._held += count

    def release(self) -> None:
        """Gives the buffered body's memory back; called once, at the end."""
        if self._held:
            self._memory.give_back(self._held)
            self._held = 0

    async def start(self, status: int, fields: Fields) -> None:
        """Sends the answer's head."""
        self.started = True
        await self._cycle.start(status, fields)

    def recall(self) -> bool:
        """Takes back a head of which nothing has left yet; whether it could."""
        if not self._cycle.recall():
            return False
        self.started = self.streams_events = False
        return True

    async def write(self, data: bytes, more: bool) -> None:  # noqa: FBT001  as ASGI says it
        """Sends one piece of the answer's body; waits while the caller does not read."""
        self.bytes_out += len(data)
        self.ended = not more
        await self._cycle.write(data, last=not more)

    async def answer(self, status: int, fields: Fields, body: bytes) -> None:
        """Sends a whole answer, its head and body together."""
        self.started = True
        self.bytes_out += len(body)
        await self._cycle.respond(status, fields, body)


def too_large(limit: int) -> DownstreamError:
    """413 for a body over ``limit`` bytes."""
    return DownstreamError(413, f"the request body is over the limit of {limit} bytes")
