"""The JSON Web Tokens of the stand-ins: signing the SSO's, checking the chat backend's."""

from __future__ import annotations

import secrets
import time
from typing import TYPE_CHECKING, Any

import jwt

if TYPE_CHECKING:
    from router.demo.settings import Settings

LIFETIME = 24 * 3600
"""Seconds an SSO token lives."""

_MOST_SECONDS = 300


def signed(settings: Settings, subject: str, email: str, lifetime: int = LIFETIME) -> str:
    """A JWT as the SSO signs it: HS256, issuer and audience where they are set."""
    now = int(time.time())
    claims: dict[str, Any] = {
        "sub": subject,
        "email": email,
        "iat": now,
        "exp": now + lifetime,
        "jti": secrets.token_hex(8),
    }
    if settings.sso_issuer:
        claims["iss"] = settings.sso_issuer
    if settings.sso_audience:
        claims["aud"] = settings.sso_audience
    return jwt.encode(claims, settings.sso_secret, algorithm="HS256")


def sso_claims(settings: Settings, token: str) -> dict[str, Any] | None:
    """The claims of a good SSO token, else None."""
    try:
        return jwt.decode(
            token,
            settings.sso_secret,
            algorithms=["HS256"],
            issuer=settings.sso_issuer or None,
            audience=settings.sso_audience or None,
            options={"require": ["exp", "sub"]},
        )
    except jwt.InvalidTokenError:
        return None


def orion_fault(settings: Settings, token: str) -> str:
    """What the chat backend finds wrong with a minted token, in its own words; "" for nothing."""
    try:
        claims = jwt.decode(
            token,
            settings.orion_secret,
            algorithms=["HS256"],
            issuer=settings.orion_issuer or None,
            audience=settings.orion_audience,
            options={"require": ["exp", "iat", "sub", "aud"]},
        )
    except jwt.InvalidTokenError as fault:
        return _words(fault, settings)
    if claims["exp"] - claims["iat"] > _MOST_SECONDS:
        return "maxAge exceeded"
    return ""


def orion_subject(token: str) -> str:
    """Whom an already checked token names."""
    claims = jwt.decode(token, options={"verify_signature": False})
    return str(claims["sub"])


def _words(fault: jwt.InvalidTokenError, settings: Settings) -> str:
    """The fault as the Node library of the real backend says it."""
    known = {
        jwt.InvalidSignatureError: "invalid signature",
        jwt.ExpiredSignatureError: "jwt expired",
        jwt.ImmatureSignatureError: "jwt not active",
        jwt.InvalidAudienceError: f"jwt audience invalid. expected: {settings.orion_audience}",
        jwt.InvalidIssuerError: f"jwt issuer invalid. expected: {settings.orion_issuer}",
        jwt.InvalidAlgorithmError: "invalid algorithm",
    }
    return known.get(type(fault), "jwt malformed")
