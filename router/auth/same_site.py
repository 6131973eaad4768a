"""Cookie-authenticated writes need an origin of the platform's own (CSRF; RFC 6454, Fetch)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.errors import DownstreamError
from router.origins import is_loopback

if TYPE_CHECKING:
    from router.exchange import Principal, RequestHead
    from router.origins import OriginPolicy

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_OWN_SITES = frozenset({b"same-origin", b"same-site", b"none"})


def needs_same_site(principal: Principal, method: str, *, like_write: bool) -> bool:
    """Whether the call acts for a cookie, which browsers attach unasked, and may change things.

    ``like_write``: the service wants its GETs checked as well.
    """
    return principal.method == "cookie" and (like_write or method not in _SAFE)


def check_origin(head: RequestHead, own: OriginPolicy) -> None:
    """Passes a call from an origin of the platform's ``own``, or without one.

    For protocols that ask for it against DNS rebinding (MCP, Streamable HTTP §Security). A page of
    a loopback address may call that same address. DownstreamError 403 ``origin_not_allowed``.
    """
    origins = head.all(b"origin")
    if not origins or (len(origins) == 1 and own.admits(origins[0])):
        return
    host = head.one(b"host") or b""
    if len(origins) > 1 or origins[0].partition(b"://")[2] != host or not is_loopback(host):
        raise DownstreamError(403, "this origin may not call here", code="origin_not_allowed")


def check_same_site(head: RequestHead, own: OriginPolicy) -> None:
    """Passes a call from an origin of the platform's ``own``, or of no browser at all.

    ``Origin`` decides; without it ``Sec-Fetch-Site``; with neither it is no browser. Anything
    not understood is foreign. DownstreamError 403 ``origin_not_allowed``.
    """
    origins = head.all(b"origin")
    if origins:
        allowed = len(origins) == 1 and own.admits(origins[0])
    else:
        sites = head.all(b"sec-fetch-site")
        allowed = not sites or (len(sites) == 1 and sites[0] in _OWN_SITES)
    if not allowed:
        raise DownstreamError(
            403, "a session cookie is not taken from this origin", code="origin_not_allowed"
        )
