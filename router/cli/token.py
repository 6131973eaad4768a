"""``router token``: a JWT signed with the SSO secret, for trying things."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING

import jwt

from router.config.values import duration

if TYPE_CHECKING:
    from router.auth.issuer import Issuer


def token(
    issuer: Issuer, *, sub: str, email: str = "", expires: str = "1h", as_json: bool = False
) -> int:
    """Prints a token of ``issuer`` for user ``sub``, alone on stdout; gives the exit code."""
    try:
        lifetime = duration(expires)
    except ValueError as error:
        print(f"router token: expires: {error}", file=sys.stderr)
        return 2
    claims = _claims(issuer, sub, email, lifetime)
    signed = jwt.encode(claims, issuer.secrets[0], issuer.algorithms[0])
    print(json.dumps({"token": signed, "claims": claims}) if as_json else signed)
    return 0


def _claims(issuer: Issuer, sub: str, email: str, lifetime: float) -> dict[str, object]:
    now = int(time.time())
    claims: dict[str, object] = {"iat": now, "exp": now + max(1, round(lifetime))}
    claims[issuer.claims.get("email", "email")] = email
    claims[issuer.claims.get("sub", "sub")] = sub
    claims.update({"iss": issuer.issuer} if issuer.issuer else {})
    claims.update({"aud": issuer.audience} if issuer.audience else {})
    return {name: value for name, value in claims.items() if value != ""}
