"""A request that nobody has sent: read as the server reads one, its body there at once."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import TYPE_CHECKING, Final, NamedTuple
from urllib.parse import urlsplit

from router.downstream.limits import ProtocolLimits
from router.downstream.reader import RequestReader

if TYPE_CHECKING:
    from collections.abc import Iterable

    from router.downstream.asgi import Scope
    from router.downstream.head import Head

_LINE_END: Final = re.compile("[\r\n\0]")
_FRAMING: Final = ("content-length", "transfer-encoding")


class Asked(NamedTuple):
    """A request as an operator types it in; ``head`` are its bytes up to the empty line."""

    head: bytes
    body: bytes
    scheme: str
    client: str


def asked(
    method: str, url: str, headers: Iterable[str], body: bytes | None, *, client: str, host: str
) -> Asked:
    """The request for a ``url``, or for a path at ``host``; ``headers`` are ``Name: value``.

    ``body`` None: it has none. ``client`` is an IP address. ValueError for what no client sends.
    """
    ip_address(client)
    scheme, authority, target = "http", host, url
    if url.lower().startswith(("http://", "https://")):
        parts = urlsplit(url)
        scheme, authority = parts.scheme, parts.netloc
        target = url[url.index("//") + 2 + len(parts.netloc) :]
        target = target if target.startswith("/") else f"/{target}"
    target = target.partition("#")[0]  # no client sends it (RFC 9110 §7.1)
    lines = [_field(line) for line in headers]
    names = {name.lower() for name, _ in lines}
    if "host" not in names:
        lines.insert(0, ("Host", authority))
    if body is not None and names.isdisjoint(_FRAMING):
        lines.append(("Content-Length", str(len(body))))
    text = [f"{method.upper()} {target} HTTP/1.1", *(f"{name}: {value}" for name, value in lines)]
    if any(_LINE_END.search(line) for line in text):
        raise ValueError("a line of a request's head has no line end in it")
    head = "".join(f"{line}\r\n" for line in text) + "\r\n"
    return Asked(head.encode("utf-8", "surrogateescape"), body or b"", scheme, client)


def _field(line: str) -> tuple[str, str]:
    name, colon, value = line.partition(":")
    if not colon or not name.strip():
        raise ValueError("a header is given as 'Name: value'")
    return name, value.strip()


def scope_of(one: Asked) -> Scope:
    """What the server hands on for it; DownstreamError for what it refuses to read."""
    reader = RequestReader(ProtocolLimits())
    reader.feed(one.head)
    head = reader.next_head()
    assert head is not None, "it ends with an empty line, or is over the limit"
    return {
        "type": "http",
        "client": (one.client, 0),
        "scheme": one.scheme,
        "extensions": {"router": Arrived(head, one.body)},
    }


class Arrived:
    """A request that is all there: what of :class:`router.downstream.cycle.Cycle` reading needs."""

    __slots__ = ("_body", "head")

    body_done = True
    disconnected = False
    refused = 0

    def __init__(self, head: Head, body: bytes) -> None:
        self.head = head
        self._body = body

    @property
    def unread(self) -> int:
        """Bytes not taken yet."""
        return len(self._body)

    def take(self) -> bytes:
        """The body; b"" once it was taken."""
        body, self._body = self._body, b""
        return body

    async def read(self) -> bytes:
        """As :meth:`take`: there is nothing to wait for."""
        return self.take()
