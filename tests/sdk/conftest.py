"""What the acceptance tests need of the running stack, and how they look at the upstreams."""

from __future__ import annotations

import secrets
import time
from typing import Any, Protocol

import httpx
import jwt


class Stack(Protocol):
    """The router before the example upstreams, as ``tests/conftest.py`` runs them."""

    router_url: str
    origin_url: str
    sso_token: str
    api_key: str
    admin_token: str
    env: dict[str, str]


def marker() -> str:
    """A word that is nobody's data: it finds a request among those the upstreams received."""
    return "".join(secrets.choice("bcdfgklmnprst") + secrets.choice("aeiou") for _ in range(6))


def address() -> str:
    """Somebody's e-mail address."""
    return f"{marker()}@{marker()}.com"


def received(stack: Stack, having: str) -> list[dict[str, Any]]:
    """The requests with ``having`` in body or query that reached the upstreams."""
    entries = httpx.get(f"{stack.origin_url}/__received").json()["received"]
    return [entry for entry in entries if having in entry["body"] or having in entry["query"]]


def fields_of(entry: dict[str, Any]) -> dict[str, str]:
    """A received request's fields."""
    return {name: value for name, value in entry["fields"]}  # noqa: C416 - pairs are lists


def token(stack: Stack, email: str, subject: str = "u-1") -> str:
    """An SSO token for ``email``."""
    now = int(time.time())
    claims = {"sub": subject, "email": email, "iat": now, "exp": now + 600}
    claims |= {
        claim: stack.env[name]
        for claim, name in (("iss", "SSO_JWT_ISS"), ("aud", "SSO_JWT_AUD"))
        if stack.env.get(name)
    }
    return jwt.encode(claims, stack.env["SSO_JWT_SECRET"], algorithm="HS256")


def bearer(credential: str) -> dict[str, str]:
    """The field that carries a token or an API key, as SDKs send it."""
    return {"authorization": f"Bearer {credential}"}
