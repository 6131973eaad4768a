"""Everything that can go wrong, as one tree, and how it is told to a caller.

A :class:`GatewayError` is what the gateway answers instead of an upstream. Its ``code`` is the
stable word programs rely on; its body is ``application/problem+json`` (RFC 9457). Texts here
never name a vendor, an upstream host or a piece of code.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

import orjson

_CODES: dict[int, str] = {
    400: "bad_request",
    401: "unauthorized",
    404: "route_not_found",
    405: "method_not_allowed",
    408: "request_timeout",
    413: "content_too_large",
    414: "uri_too_long",
    415: "unsupported_media_type",
    417: "expectation_failed",
    429: "rate_limited",
    431: "header_fields_too_large",
    501: "not_implemented",
    505: "http_version_not_supported",
}


_TITLES = {413: "Content Too Large", 414: "URI Too Long", 422: "Unprocessable Content"}
"""RFC 9110's, where the standard library's differ by Python version."""


class GatewayError(Exception):
    """An answer of the router's own that is not a success.

    ``fields`` are response fields the answer carries beside the usual ones (``WWW-Authenticate``,
    ``Allow``, ``Retry-After`` …); ``members`` are extension members of the problem body.
    """

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        code: str = "",
        title: str = "",
        fields: tuple[tuple[bytes, bytes], ...] = (),
        members: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.detail = detail
        self.code = code or _CODES[status]
        self.title = title or _TITLES.get(status) or HTTPStatus(status).phrase
        self.fields = fields
        self.members = members or {}

    def body(self, request_id: str) -> bytes:
        """The problem body (RFC 9457 §3); ``error`` and ``details`` are what older clients read."""
        return orjson.dumps(
            {
                "type": f"urn:router:problem:{self.code}",
                "title": self.title,
                "status": self.status,
                "detail": self.detail,
                "code": self.code,
                "request_id": request_id,
                "error": self.title,
                "details": self.detail,
                **self.members,
            }
        )


class DownstreamError(GatewayError):
    """The request is at fault: the caller can mend it."""


class UpstreamError(GatewayError):
    """The upstream is at fault; ``proxy_error`` is its RFC 9209 §2.3 error token."""

    def __init__(self, status: int, proxy_error: str, detail: str, *, retry_after: int = 0) -> None:
        fields: list[tuple[bytes, bytes]] = [
            (b"proxy-status", b"router; error=" + proxy_error.encode())
        ]
        if retry_after:
            fields.append((b"retry-after", b"%d" % retry_after))
        super().__init__(status, detail, code=proxy_error, fields=tuple(fields))
        self.proxy_error = proxy_error


class InternalError(GatewayError):
    """The router, or a store it needs, is at fault."""


class FilterError(Exception):
    """A body filter met something it must not let through (or cannot read): the body is cut."""
