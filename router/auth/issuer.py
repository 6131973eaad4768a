"""Who may sign tokens, and what a token of theirs must say (RFC 7519 §4.1, RFC 8725 §3)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from jwt.algorithms import HMACAlgorithm
from jwt.exceptions import InvalidKeyError

from router.auth.compact import Compact, TokenError, claims_of

if TYPE_CHECKING:
    from collections.abc import Mapping

_MAX_TEXT = 256
_LAST_SECOND = 2**53

_DIGEST_SIZES = {"HS256": 32, "HS384": 48, "HS512": 64}
_HASHES = {
    "HS256": HMACAlgorithm(HMACAlgorithm.SHA256),
    "HS384": HMACAlgorithm(HMACAlgorithm.SHA384),
    "HS512": HMACAlgorithm(HMACAlgorithm.SHA512),
}


@dataclass(frozen=True, slots=True)
class Issuer:
    """One who signs tokens, and what a token of theirs must say.

    ``secrets``: any of them verifies, so that one can be rotated. ``algorithms`` are pinned: a
    token cannot choose another. ``issuer`` and ``audience``: "" is not checked. ``claims`` tells
    where ``sub`` and ``email`` are read: ``{"email": "sub"}`` takes both from ``sub``.
    ``services``: those its tokens are good for (empty: all). ``leeway`` (seconds) forgives an
    issuer's clock that is ahead (``nbf``, ``iat``); ``exp`` is never stretched. ValueError where a
    secret is shorter than the hash (RFC 7518 §3.2) or is itself a public key, or an algorithm is
    not known.
    """

    name: str
    secrets: tuple[bytes, ...] = field(repr=False)
    algorithms: tuple[str, ...] = ("HS256",)
    issuer: str = ""
    audience: str = ""
    claims: Mapping[str, str] = field(default_factory=dict)
    services: frozenset[str] = frozenset()
    leeway: float = 5.0

    def __post_init__(self) -> None:
        if not self.secrets or not self.algorithms:
            raise ValueError(f"issuer {self.name}: needs a secret and an algorithm")
        for algorithm in self.algorithms:
            if algorithm not in _DIGEST_SIZES:
                raise ValueError(f"issuer {self.name}: algorithm {algorithm} is not known")
            for secret in self.secrets:
                self._check_secret(secret, algorithm)

    def _check_secret(self, secret: bytes, algorithm: str) -> None:
        size = _DIGEST_SIZES[algorithm]
        if len(secret) < size:
            raise ValueError(f"issuer {self.name}: {algorithm} needs a secret of {size} bytes")
        try:
            _HASHES[algorithm].prepare_key(secret)
        except InvalidKeyError:
            # A public key used as an HMAC secret is one everybody knows (CVE-2016-10555).
            raise ValueError(f"issuer {self.name}: the secret is a public key or a JWK") from None

    def verify(self, token: Compact, now: float) -> tuple[str, str, float]:
        """Subject, e-mail and expiry of ``token``; TokenError where it does not hold."""
        if token.algorithm not in self.algorithms:
            raise TokenError("rejected", "algorithm")
        verify = _HASHES[token.algorithm].verify
        if not any(verify(token.signed, secret, token.signature) for secret in self.secrets):
            raise TokenError("rejected", "signature")
        claims = claims_of(token)
        expires = self._check_times(claims, now)
        self._check_parties(claims)
        subject = _text(claims.get(self.claims.get("sub", "sub")))
        if not subject:
            raise TokenError("rejected", "sub")
        return subject, _text(claims.get(self.claims.get("email", "email"))), expires

    def _check_times(self, claims: dict[str, Any], now: float) -> float:
        expires = _seconds(claims.get("exp"), "exp")
        if expires <= now:
            raise TokenError("expired", "exp")
        for name in ("nbf", "iat"):
            if name in claims and _seconds(claims[name], name) > now + self.leeway:
                raise TokenError("rejected", name)
        return expires

    def _check_parties(self, claims: dict[str, Any]) -> None:
        if self.issuer and claims.get("iss") != self.issuer:
            raise TokenError("rejected", "iss")
        if self.audience:
            audience = claims.get("aud")
            if self.audience not in (audience if isinstance(audience, list) else [audience]):
                raise TokenError("rejected", "aud")


def _seconds(value: object, name: str) -> float:
    """A NumericDate (RFC 7519 §2), and nothing that merely looks like one."""
    # NaN and what overflowed to infinity fail the comparison; True is an int to Python only.
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TokenError("rejected", name)
    if not 0 <= value <= _LAST_SECOND:
        raise TokenError("rejected", name)
    return float(value)


def _text(value: object) -> str:
    """A claim fit to be an identity: it goes into fields, keys and logs; else ""."""
    if not isinstance(value, str) or len(value) > _MAX_TEXT or not value.isprintable():
        return ""
    return value if value == value.strip() else ""
