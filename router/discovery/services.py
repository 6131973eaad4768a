"""``/services``: what there is, as callers may know it. Never an upstream, a vendor, a secret."""

from __future__ import annotations

import time
from hashlib import blake2b
from typing import TYPE_CHECKING

import orjson

from router.exchange import Response
from router.limits.policy import Check

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.exchange import Principal
    from router.limits.memory import MemoryLimiter
    from router.phases.service import Service


class ServiceList:
    """The compiled services, told as JSON; one entry a service and platform, in config order."""

    def __init__(self, services: Sequence[Service], limiter: MemoryLimiter) -> None:
        self._services = services
        self._limiter = limiter

    def answer(
        self,
        platform: str | None,
        principal: Principal | None,
        *,
        by_host: bool,
        known: bytes | None,
    ) -> Response:
        """The list of one platform, or of all; 304 where ``known`` is its entity tag.

        With a ``principal`` only what it may call, and what is left of its limits.
        """
        entries = [
            self._entry(service, principal, by_host=by_host)
            for service in self._services
            if platform in (None, service.info.platform)
            and (principal is None or may_call(principal, service))
        ]
        body = orjson.dumps({"services": entries})
        tag = b'"' + blake2b(body, digest_size=12).hexdigest().encode() + b'"'
        fields = (
            (b"etag", tag),
            (b"cache-control", b"private, no-cache"),
            (b"vary", b"Authorization, Cookie, X-API-Key, Host"),
        )
        if known is not None and tag in [
            one.strip().removeprefix(b"W/") for one in known.split(b",")
        ]:
            return Response(304, b"", fields)
        return Response(200, body, fields)

    def _entry(
        self, service: Service, principal: Principal | None, *, by_host: bool
    ) -> dict[str, object]:
        info = service.info
        path = f"/api/{info.service}"
        return {
            "name": info.service,
            "title": info.title,
            "summary": info.summary,
            "platform": info.platform,
            "methods": info.methods,
            "url": path if by_host else f"/{info.platform}{path}",
            "auth": service.auth_names,
            "scopes": sorted(service.scopes),
            "limits": [rule.name.replace("-per-", "/") for rule in service.limits],
            "privacy": service.privacy_mode,
            "masking": service.masking is not None,
            "streaming": info.streaming,
            "status": _status(service),
            "remaining": self._remaining(service, principal),
        }

    def _remaining(self, service: Service, principal: Principal | None) -> int | None:
        """Calls left under the tightest limit; None without a credential or a limit."""
        if principal is None or not service.limits or service.limits_by_address:
            return None
        now = time.monotonic_ns()
        checks = [Check(rule, principal.id) for rule in service.limits]
        return min(state.remaining for state in self._limiter.peek(checks, now).states)


def _status(service: Service) -> str:
    """``up``, ``degraded`` when a target of several is left alone, ``down`` when all are."""
    if service.destination is None:
        return "up"
    up = [target.up for target in service.destination.upstream.targets]
    if all(up):
        return "up"
    return "degraded" if any(up) else "down"


def may_call(principal: Principal, service: Service) -> bool:
    """Whether the chain, the platforms, the subjects and the scopes of ``service`` let it pass."""
    if service.auth_names and principal.method not in service.auth_names:
        return False
    if principal.platforms and service.info.platform not in principal.platforms:
        return False
    if service.subjects is not None and not (
        service.subjects & {principal.email, principal.subject}
    ):
        return False
    return principal.may(service.scopes)
