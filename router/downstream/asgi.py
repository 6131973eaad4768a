"""One request seen through ASGI: its head, its body piece by piece, and the answer's way back.

The server cancels the request's task when the caller leaves, so nothing here watches for that:
``receive`` has one consumer, the phase that reads the body.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import TYPE_CHECKING, Any, TypeAlias

from router.downstream.head import CHUNKED
from router.errors import DownstreamError, InternalError
from router.exchange import Fields, RequestHead, ResponseHead

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
    """The caller's side of one exchange."""

    __slots__ = (
        "_read_all",
        "_receive",
        "_send",
        "bytes_in",
        "bytes_out",
        "cycle",
        "ended",
        "head",
        "length",
        "limit",
        "memory",
        "started",
        "streams_events",
        "taken",
    )  # fmt: skip

    def __init__(self, scope: Scope, receive: Receive, send: Send, memory: BodyMemory) -> None:
        self.cycle: Cycle = scope["extensions"]["router"]
        method, path, query, fields, version, length, _, _, first = self.cycle.head
        client, scheme = scope["client"], scope["scheme"]
        self.head = RequestHead(method, path, query, fields, client, scheme, version, first)
        self._receive = receive
        self._send = send
        self.memory = memory
        self.taken = 0
        self.bytes_in = self.bytes_out = 0
        self.started = self.ended = self.streams_events = False
        self.length = None if length == CHUNKED else length
        self.limit = _UNBOUNDED
        self._read_all = self.length == 0

    @property
    def refused(self) -> int:
        """The status that a caller was told while its body came too slow or malformed; else 0."""
        return self.cycle.refused

    @property
    def has_body(self) -> bool:
        """Whether the request was framed with a body, be it of unknown length."""
        return self.length != 0

    def limit_body(self, limit: int) -> None:
        """Bounds what :meth:`read` gives in all, in bytes; raises 413 for a length over it."""
        if self.length is not None and self.length > limit:
            raise too_large(limit)
        self.limit = limit

    async def read(self) -> bytes:
        """The next piece of the request body, b"" at its end; 413 over the limit."""
        while not self._read_all:
            message = await self._receive()
            if message["type"] != "http.request":
                raise DownstreamError(400, "the request body did not arrive whole")
            self._read_all = not message.get("more_body", False)
            body: bytes = message.get("body", b"")
            if body:
                self.bytes_in += len(body)
                if self.bytes_in > self.limit:
                    raise too_large(self.limit)
                return body
        return b""

    @property
    def arrived(self) -> bool:
        """Whether a small body is here already: then it is cheaper sent on whole."""
        return self.cycle.body_done and self.cycle.unread <= _SMALL

    async def read_all(self, limit: int) -> bytes:
        """The whole request body; 413 beyond ``limit`` bytes, 503 when memory is short."""
        if self.length is not None and self.length > limit:
            raise too_large(limit)
        pieces: list[bytes] = []
        size = 0
        while not self._read_all:
            if piece := await self.read():  # the end of a chunked body may come alone
                size += len(piece)
                if size > limit:
                    raise too_large(limit)
                self.hold(len(piece))
                pieces.append(piece)
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)

    def hold(self, count: int) -> None:
        """Charges this exchange with ``count`` buffered bytes, or gives back; 503 when short."""
        self.memory.take(count)
        self.taken += count

    def release(self) -> None:
        """Gives the buffered body's memory back; called once, at the end."""
        self.memory.give_back(self.taken)
        self.taken = 0

    async def start(self, status: int, fields: Fields) -> None:
        """Sends the answer's head."""
        self.started = True
        await self._send({"type": "http.response.start", "status": status, "headers": fields})

    def recall(self) -> bool:
        """Takes back a head of which nothing has left yet; whether it could."""
        if not self.cycle.recall():
            return False
        self.started = self.streams_events = False
        return True

    async def write(self, data: bytes, more: bool) -> None:  # noqa: FBT001  reads like ASGI
        """Sends one piece of the answer's body; waits while the caller does not read."""
        self.bytes_out += len(data)
        self.ended = not more
        await self._send({"type": "http.response.body", "body": data, "more_body": more})

    async def answer(self, head: ResponseHead, body: bytes) -> None:
        """Sends a whole answer."""
        if head.status not in (204, 304):
            head.replace(b"content-length", b"%d" % len(body))
        await self.start(head.status, head.fields)
        await self.write(body, more=False)


def too_large(limit: int) -> DownstreamError:
    """413 for a body over ``limit`` bytes."""
    return DownstreamError(413, f"the request body is over the limit of {limit} bytes")
