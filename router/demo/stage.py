"""The demo's environment: generated secrets, no server but its own two."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

USER = "demo-user"
EMAIL = "jane.roe@example.com"

_FOREIGN = (
    "REDIS_URL",
    "NEON_DATABASE_URL",
    "MAIN_DATABASE_URL",
    "AUTH_GATEWAY_DATABASE_URL",
    "MAIN_FUNCTIONS_URL",
    "MAIN_FUNCTIONS_KEY",
    "AUTH_GATEWAY_FUNCTIONS_URL",
    "AUTH_GATEWAY_FUNCTIONS_KEY",
    "STRIPE_API_KEY",
    "STRIPE_API_BASE",
    "STRIPE_WEBHOOK_SECRET",
    "OUTBOX_WEBHOOK_URL",
    "OUTBOX_WEBHOOK_SECRET",
)
"""What a shell may have set for a true deployment: the demo must not touch any of it."""


@dataclass(frozen=True, slots=True)
class Stage:
    """What the printed commands need."""

    router_url: str
    origin_url: str
    token: str
    api_key: str
    admin_token: str
    data: Path


def environment(inherited: Mapping[str, str], data: Path) -> dict[str, str]:
    """The environment of both processes, but for the upstreams' addresses."""
    kept = {name: value for name, value in inherited.items() if name not in _FOREIGN}
    return kept | {
        "SSO_JWT_SECRET": secrets.token_urlsafe(48),
        "SSO_JWT_ISS": "https://auth.lanonasis.com",
        "SSO_JWT_AUD": "",
        "ORION_SHARED_JWT_SECRET": secrets.token_urlsafe(48),
        "ORION_SHARED_JWT_ISS": "https://lanonasis.com",
        "ORION_SHARED_JWT_AUD": "orion-core",
        "AUTHORIZED_USER_EMAIL": EMAIL,
        "EDGE_FUNCTIONS_KEY": secrets.token_urlsafe(32),
        "WEBHOOK_SECRET": secrets.token_urlsafe(32),
        "ROUTER_ADMIN_TOKEN": secrets.token_urlsafe(24),
        "ROUTER_DATA_DIR": str(data),
    }


def addresses(origin_url: str) -> dict[str, str]:
    """Where the router finds its upstreams: all are the one process of stand-ins."""
    names = ("EDGE_FUNCTIONS_URL", "AUTH_GATEWAY_URL", "CHAT_SERVICE_URL", "FABRIC_URL")
    return dict.fromkeys(names, origin_url)
