"""Tokens and heads as the tests of auth need them; every secret is made on the spot."""

from __future__ import annotations

import hmac
import json
import secrets
import time
from base64 import urlsafe_b64encode
from typing import Any

from router.auth.attempt import Credentials
from router.auth.issuer import Issuer
from router.exchange import RequestHead

SECRET = secrets.token_hex(32).encode()
NOW = float(int(time.time()))
HASHES = {"HS256": "sha256", "HS384": "sha384", "HS512": "sha512"}


def b64(data: bytes) -> bytes:
    return urlsafe_b64encode(data).rstrip(b"=")


def sign(signed: bytes, secret: bytes = SECRET, algorithm: str = "HS256") -> bytes:
    return signed + b"." + b64(hmac.digest(secret, signed, HASHES[algorithm]))


def raw_token(header: bytes, payload: bytes, secret: bytes = SECRET) -> bytes:
    return sign(b64(header) + b"." + b64(payload), secret)


def token(secret: bytes = SECRET, header: dict[str, Any] | None = None, **claims: Any) -> bytes:
    head = {"typ": "JWT", "alg": "HS256", **(header or {})}
    body = {"sub": "u1", "exp": NOW + 600, "iat": NOW, **claims}
    body = {name: value for name, value in body.items() if value is not None}
    signed = b64(json.dumps(head).encode()) + b"." + b64(json.dumps(body).encode())
    return sign(signed, secret, str(head["alg"]) if str(head["alg"]) in HASHES else "HS256")


def sso(**more: Any) -> Issuer:
    return Issuer("sso", (SECRET,), **more)


def asks(*fields: tuple[bytes, bytes], service: str = "ai-chat") -> Credentials:
    return Credentials(RequestHead("POST", b"/lanonasis/api/ai-chat", b"", list(fields)), service)
