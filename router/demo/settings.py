"""What the example upstreams are told at their start: the same names the router reads."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def _random_secret() -> str:
    return secrets.token_urlsafe(32)


@dataclass(frozen=True, slots=True)
class Settings:
    """Secrets the upstreams check or sign with, and how they run.

    ``pace`` is seconds between streamed pieces; ``loopback`` says that only this machine can
    call. An empty ``edge_key``, ``webhook_secret`` or ``orion_secret`` switches that check off.
    Without an ``sso_secret`` tokens are signed with one nobody knows.
    """

    edge_key: str = ""
    sso_secret: str = field(default_factory=_random_secret)
    sso_issuer: str = ""
    sso_audience: str = ""
    orion_secret: str = ""
    orion_issuer: str = ""
    orion_audience: str = "orion-core"
    authorised_email: str = ""
    webhook_secret: str = ""
    pace: float = 0.01
    loopback: bool = True

    @classmethod
    def from_environment(
        cls, environment: Mapping[str, str], *, pace: float, loopback: bool
    ) -> Settings:
        """Reads what the router's own environment names say (``EDGE_FUNCTIONS_KEY`` …)."""
        return cls(
            edge_key=environment.get("EDGE_FUNCTIONS_KEY", ""),
            sso_secret=environment.get("SSO_JWT_SECRET", "") or _random_secret(),
            sso_issuer=environment.get("SSO_JWT_ISS", ""),
            sso_audience=environment.get("SSO_JWT_AUD", ""),
            orion_secret=environment.get("ORION_SHARED_JWT_SECRET", ""),
            orion_issuer=environment.get("ORION_SHARED_JWT_ISS", ""),
            orion_audience=environment.get("ORION_SHARED_JWT_AUD", "") or "orion-core",
            authorised_email=environment.get("AUTHORIZED_USER_EMAIL", ""),
            webhook_secret=environment.get("WEBHOOK_SECRET", ""),
            pace=pace,
            loopback=loopback,
        )
