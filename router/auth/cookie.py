"""The session cookie: a JWT of the single sign-on."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from router.auth.attempt import Attempt, Credentials
from router.auth.jwt import JwtVerifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.auth.issuer import Issuer

_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_MAX_COOKIES = 65536
"""Bytes of Cookie fields that are looked through."""


class SessionCookie:
    """Reads one cookie by its exact ``cookie`` name; no other cookie is ever believed."""

    name = "cookie"
    fields = frozenset({b"cookie"})
    scheme = b"Cookie"

    def __init__(self, cookie: str, issuers: Sequence[Issuer]) -> None:
        if _NAME.fullmatch(cookie) is None:
            raise ValueError(f"not a cookie name: {cookie!r}")
        self._tokens = JwtVerifier(self.name, issuers)
        # RFC 6265 §4.2.1; every match begins at a semicolon, so the search is linear.
        self._pairs = re.compile(
            rb"(?:^|;)[ \t]*" + re.escape(cookie.encode()) + rb"[ \t]*=[ \t]*([^;]*)"
        )
        self._absent = Attempt(self.name, "absent")

    async def attempt(self, credentials: Credentials, now: float) -> Attempt:
        """Verifies the session, if there is exactly one."""
        lines = credentials.head.all(b"cookie")
        if not lines:
            return self._absent
        if sum(map(len, lines)) > _MAX_COOKIES:
            return Attempt(self.name, "rejected", "malformed", "too many cookies")
        sessions = [value for line in lines for value in self._pairs.findall(line)]
        if not sessions:
            return self._absent
        if len(sessions) > 1:
            # Their order is no sign of trust (RFC 6265 §5.4): a sibling host may have set one.
            return Attempt(self.name, "rejected", "malformed", "several session cookies")
        return self._tokens.attempt(sessions[0].rstrip(b" \t"), credentials.service, now)
