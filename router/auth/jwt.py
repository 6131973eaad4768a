"""Verifying JSON Web Tokens for one method, and knowing again those that held."""

from __future__ import annotations

from hashlib import blake2b
from typing import TYPE_CHECKING

from router.auth.attempt import EVERYTHING, Attempt
from router.auth.compact import MAX_TOKEN, Compact, TokenError, parse
from router.auth.identities import Identities
from router.exchange import Principal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.auth.issuer import Issuer

_CACHE_SECONDS = 60.0
_CACHE_SIZE = 4096
_NOT_EVEN_SIGNED = frozenset({"algorithm", "signature"})


class JwtVerifier:
    """Turns tokens of ``issuers`` into attempts of ``method``.

    A token that held is known again by its digest, for a minute at most and never beyond its
    ``exp``. Which issuers count depends on the service asked for, so a token known for one such
    service is not thereby known for another.
    """

    def __init__(self, method: str, issuers: Sequence[Issuer]) -> None:
        self._method = method
        self._person = method.encode()[: blake2b.PERSON_SIZE]
        self._anywhere = tuple(issuer for issuer in issuers if not issuer.services)
        self._by_service = {
            service: tuple(one for one in issuers if not one.services or service in one.services)
            for issuer in issuers
            for service in issuer.services
        }
        self._known: Identities[Attempt] = Identities(_CACHE_SIZE)

    def attempt(self, token: bytes, service: str, now: float) -> Attempt:
        """Verifies ``token`` (any bytes) for ``service`` at ``now`` (seconds since the epoch)."""
        if len(token) > MAX_TOKEN:
            return Attempt(self._method, "rejected", "malformed", "longer than a token may be")
        issuers = self._by_service.get(service)
        if issuers is None:
            issuers, service = self._anywhere, ""
        key = (blake2b(token, digest_size=32, person=self._person).digest(), service)
        known = self._known.get(key, now)
        if known is not None:
            return known
        try:
            principal, expires = self._verify(parse(token), issuers, now)
        except TokenError as error:
            return Attempt(self._method, "rejected", error.reason, str(error))
        attempt = Attempt(self._method, "passed", principal=principal)
        self._known.keep(key, attempt, now, min(expires, now + _CACHE_SECONDS))
        return attempt

    def _verify(
        self, token: Compact, issuers: tuple[Issuer, ...], now: float
    ) -> tuple[Principal, float]:
        refusal = TokenError("rejected", "no issuer is good for this service")
        told = False
        for issuer in issuers:
            try:
                subject, email, expires = issuer.verify(token, now)
            except TokenError as error:
                # The issuer whose signature it bears tells best why it does not hold.
                if not told:
                    refusal, told = error, str(error) not in _NOT_EVEN_SIGNED
                continue
            return self._principal(subject, email, expires), expires
        raise refusal

    def _principal(self, subject: str, email: str, expires: float) -> Principal:
        return Principal(
            id=f"user:{subject}",
            method=self._method,
            subject=subject,
            email=email,
            scopes=EVERYTHING,
            expires_at=expires,
        )
