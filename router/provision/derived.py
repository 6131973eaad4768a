"""Secrets of the router's own, made of one that every replica has."""

from __future__ import annotations

import hmac
import secrets
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.config.models import Config


def derived(config: Config, purpose: bytes) -> bytes:
    """32 bytes for ``purpose``: the same in every replica and after every start.

    Derived from the session secret, or else from another issuer's; without one, made anew for this
    process.
    """
    for name in (*config.auth.cookie.issuers, *sorted(config.auth.issuers)):
        if given := config.auth.issuers[name].secret.get_secret_value():
            return hmac.digest(given.encode(), purpose, "sha256")
    return secrets.token_bytes(32)
