"""A request's head as an ASGI 3 ``http`` scope."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import unquote

from router.downstream import peer
from router.downstream.asgi import Receive, Scope, Send
from router.downstream.head import Head

_ASGI = {"version": "3.0", "spec_version": "2.4"}
_METHODS = b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"


class Addresses:
    """What a connection adds to each of its scopes."""

    __slots__ = ("client", "scheme", "server")

    def __init__(self, transport: asyncio.BaseTransport) -> None:
        self.client = peer.address(transport, "peername")
        self.server = peer.address(transport, "sockname")
        self.scheme = "https" if transport.get_extra_info("sslcontext") else "http"


def http_scope(head: Head, addresses: Addresses, state: dict[str, Any], extension: object) -> Scope:
    """The scope of one request; ``extension`` stands in it as ``extensions["router"]``.

    Decisions read ``raw_path`` and ``query_string``. ``path`` is decoded as ASGI has it, leniently:
    what is not UTF-8 becomes U+FFFD.
    """
    raw_path = head.path
    path = raw_path.decode("ascii")
    return {
        "type": "http",
        "asgi": _ASGI,
        "http_version": head.version,
        "method": head.method,
        "scheme": addresses.scheme,
        "path": unquote(path) if "%" in path else path,
        "raw_path": raw_path,
        "query_string": head.query,
        "root_path": "",
        "headers": head.fields,
        "client": addresses.client,
        "server": addresses.server,
        "state": state,
        "extensions": {"router": extension},
    }


async def answer_asterisk(_scope: Scope, _receive: Receive, send: Send) -> None:
    """``OPTIONS *`` asks about the server, not about any service (RFC 9110 §9.3.7)."""
    await send({"type": "http.response.start", "status": 204, "headers": [(b"allow", _METHODS)]})
    await send({"type": "http.response.body", "body": b""})
