"""What reached the upstreams: the last requests, readable at ``GET /__received``.

This is how the demo and the tests show that personal data left the router as placeholders.
"""

from __future__ import annotations

import time
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_KEPT = 100
_BODY_LIMIT = 256 * 1024


@dataclass(slots=True)
class Received:
    """One request as it came, and how its exchange ended; times in seconds since the epoch."""

    method: str
    path: str
    query: str
    fields: list[tuple[str, str]]
    at: float
    body: bytearray = field(default_factory=bytearray)
    size: int = 0
    status: int = 0
    complete: bool = False
    disconnected: bool = False

    def shown(self) -> dict[str, Any]:
        """The request as JSON; ``body`` is text, its first 256 KiB."""
        return {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "fields": self.fields,
            "at": self.at,
            "body": self.body.decode("utf-8", "replace"),
            "size": self.size,
            "status": self.status,
            "complete": self.complete,
            "disconnected": self.disconnected,
        }


class Inbox:
    """The last 100 requests, oldest first."""

    def __init__(self) -> None:
        self._received: deque[Received] = deque(maxlen=_KEPT)

    def add(self, received: Received) -> None:
        """Keeps ``received``; the oldest goes when there are too many."""
        self._received.append(received)

    def route(self) -> Route:
        """``GET /__received?last=N&path=PREFIX`` lists, ``DELETE /__received`` forgets."""
        return Route("/__received", self._serve, methods=["GET", "DELETE"])

    async def _serve(self, request: Request) -> Response:
        if request.method == "DELETE":
            self._received.clear()
            return Response(status_code=204)
        prefix = request.query_params.get("path", "")
        last = request.query_params.get("last", "")
        kept = [entry for entry in self._received if entry.path.startswith(prefix)]
        chosen = kept[-int(last) :] if last.isdigit() and int(last) else kept
        return JSONResponse({"received": [entry.shown() for entry in chosen]})


class Recorder:
    """ASGI wrapper that puts every request that passes into an inbox."""

    def __init__(self, app: ASGIApp, inbox: Inbox) -> None:
        self._app = app
        self._inbox = inbox

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Records the exchange while ``app`` serves it."""
        if scope["type"] != "http" or scope["path"].startswith("/__"):
            await self._app(scope, receive, send)
            return
        entry = _entry(scope)
        self._inbox.add(entry)

        async def recorded_receive() -> Message:
            message = await receive()
            _note_received(entry, message)
            return message

        async def recorded_send(message: Message) -> None:
            _note_sent(entry, message)
            await send(message)

        await self._app(scope, recorded_receive, recorded_send)


def _entry(scope: Scope) -> Received:
    return Received(
        method=scope["method"],
        path=scope["raw_path"].decode("latin-1"),
        query=scope["query_string"].decode("latin-1"),
        fields=[(n.decode("latin-1"), v.decode("latin-1")) for n, v in scope["headers"]],
        at=time.time(),
    )


def _note_received(entry: Received, message: Message) -> None:
    if message["type"] == "http.disconnect":
        entry.disconnected = not entry.complete
        return
    body = message.get("body", b"")
    entry.size += len(body)
    entry.body += body[: max(0, _BODY_LIMIT - len(entry.body))]


def _note_sent(entry: Received, message: Message) -> None:
    if message["type"] == "http.response.start":
        entry.status = message["status"]
    elif message["type"] == "http.response.body" and not message.get("more_body", False):
        entry.complete = True
