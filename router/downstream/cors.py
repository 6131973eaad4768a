"""CORS (Fetch §3.2): which web pages may call, told by the platform's policy and nothing else."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from router.exchange import RequestHead, Response

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from router.origins import OriginPolicy

_MAX_AGE = 600
"""Seconds a browser may remember a preflight; more would outlive a change of the config."""
_MAX_NAMES = 64
_MAX_NAMES_BYTES = 4096
_TOKEN = re.compile(rb"[!#$%&'*+.^_`|~0-9a-z-]+")
_ANY_METHOD = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")

_REQUEST_FIELDS = frozenset(
    {
        b"accept",
        b"accept-language",
        b"authorization",
        b"cache-control",
        b"content-language",
        b"content-type",
        b"idempotency-key",
        b"if-match",
        b"if-modified-since",
        b"if-none-match",
        b"last-event-id",
        b"range",
        b"traceparent",
        b"tracestate",
        b"x-api-key",
        b"x-request-id",
        b"x-requested-with",
    }
)
_REQUEST_PREFIXES = (b"mcp-", b"x-stainless-")
"""Families whose members come and go with versions of a protocol or of SDKs."""

_EXPOSED = (
    b"Cache-Status, ETag, Link, Location, Mcp-Session-Id, RateLimit, RateLimit-Policy,"
    b" Retry-After, Server-Timing, WWW-Authenticate, X-Privacy, X-Request-Id"
)
_VARY = (b"vary", b"Origin")
_VARY_PREFLIGHT = (
    b"vary",
    b"Origin, Access-Control-Request-Method, Access-Control-Request-Headers",
)


class CorsPolicy:
    """One platform's policy: pages of its ``own`` origins may call, with credentials.

    A foreign page is told nothing, which its browser reads as a refusal; ``null`` is foreign
    (every sandboxed frame is ``null``). ``request_fields`` are what its services take beside the
    usual ones, ``exposed`` what its pages may read beside the usual ones.
    """

    def __init__(
        self,
        own: OriginPolicy,
        *,
        request_fields: Iterable[str] = (),
        exposed: Iterable[str] = (),
        max_age: int = _MAX_AGE,
    ) -> None:
        self._own = own
        self._names = _REQUEST_FIELDS | {name.lower().encode("ascii") for name in request_fields}
        names = b", ".join([_EXPOSED, *(name.encode("ascii") for name in exposed)])
        self._exposed = (b"access-control-expose-headers", names)
        self._max_age = (b"access-control-max-age", b"%d" % max_age)

    def fields(self, origin: bytes | None) -> tuple[tuple[bytes, bytes], ...]:
        """What an answer carries, errors too, to a request with this ``Origin`` (None: none).

        ``Vary`` always: the answer could differ for another page, and caches must know.
        """
        if origin is None or not self._own.admits(origin):
            return (_VARY,)
        return (*_granted(origin), self._exposed, _VARY)

    def preflight(self, head: RequestHead, methods: Sequence[str]) -> Response | None:
        """The answer to a preflight for a route with these ``methods`` (none: any).

        None where ``head`` is no preflight. It never reaches an upstream and needs no credential:
        browsers send none with it (Fetch §4.8).
        """
        if head.method != "OPTIONS" or head.one(b"access-control-request-method") is None:
            return None
        origins = head.all(b"origin")
        if not origins:
            return None
        if len(origins) > 1 or not self._own.admits(origins[0]):
            return Response(204, fields=(_VARY_PREFLIGHT,))
        return Response(
            204,
            fields=(
                *_granted(origins[0]),
                (b"access-control-allow-methods", ", ".join(methods or _ANY_METHOD).encode()),
                *self._allowed(head.all(b"access-control-request-headers")),
                self._max_age,
                _VARY_PREFLIGHT,
            ),
        )

    def _allowed(self, lines: list[bytes]) -> list[tuple[bytes, bytes]]:
        """Those of the fields asked for that are taken from pages."""
        asked = b",".join(lines)
        if len(asked) > _MAX_NAMES_BYTES:
            return []
        names = [name.strip(b" \t").lower() for name in asked.split(b",", _MAX_NAMES)]
        taken = [name for name in names[:_MAX_NAMES] if self._takes(name)]
        return [(b"access-control-allow-headers", b", ".join(taken))] if taken else []

    def _takes(self, name: bytes) -> bool:
        if name in self._names:
            return True
        return name.startswith(_REQUEST_PREFIXES) and _TOKEN.fullmatch(name) is not None


def _granted(origin: bytes) -> tuple[tuple[bytes, bytes], ...]:
    return (
        (b"access-control-allow-origin", origin),
        (b"access-control-allow-credentials", b"true"),
    )
