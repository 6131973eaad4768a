"""``Authorization: Bearer …`` (RFC 6750 §2.1): a JWT, or an API key as SDKs send it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from router.auth.attempt import Attempt, Credentials
from router.auth.jwt import JwtVerifier

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.auth.api_key import ApiKeys
    from router.auth.issuer import Issuer

_BEARER = re.compile(rb"bearer(?: +(.*))?", re.IGNORECASE | re.DOTALL)
_KEY = b"sk_"


class Bearer:
    """Tokens of ``issuers``; and API keys, where ``api_keys`` are given."""

    name = "bearer"
    fields = frozenset({b"authorization"})
    scheme = b"Bearer"

    def __init__(self, issuers: Sequence[Issuer], *, api_keys: ApiKeys | None = None) -> None:
        self._tokens = JwtVerifier(self.name, issuers)
        self._api_keys = api_keys
        self._absent = Attempt(self.name, "absent")

    async def attempt(self, credentials: Credentials, now: float) -> Attempt:
        """Verifies the token, if there is exactly one; another scheme is not ours to judge."""
        lines = credentials.head.all(b"authorization")
        if not lines:
            return self._absent
        if len(lines) > 1:
            return Attempt(self.name, "rejected", "malformed", "several Authorization lines")
        match = _BEARER.fullmatch(lines[0])
        if match is None:
            return self._absent
        token = match[1] or b""
        if self._api_keys is not None and token.startswith(_KEY):
            return await self._api_keys.check(token, self.name, now)
        return self._tokens.attempt(token, credentials.service, now)
