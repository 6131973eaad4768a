"""The user-sync functions that cron calls with the webhook secret."""

from __future__ import annotations

import hmac
import time
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from router.demo.vendor import json_object

if TYPE_CHECKING:
    from starlette.requests import Request

HOPS = {
    "batch-sync-users": "main -> auth-gateway",
    "receive-user-sync": "auth-gateway",
    "batch-sync-to-neon": "auth-gateway -> neon",
}
"""Each sync function, and the hop it reports."""

_KNOWN_USERS = 16


class Sync:
    """One sync function; ``secret`` is compared with ``X-Webhook-Secret`` (empty: not checked)."""

    def __init__(self, hop: str, secret: str) -> None:
        self._hop = hop
        self._secret = secret.encode()

    async def __call__(self, request: Request) -> Response:
        """Takes ``{}``, ``{"users": […]}`` or ``{"debug": true}``; tells what was synced."""
        given = request.headers.get("x-webhook-secret", "").encode("latin-1")
        if self._secret and not hmac.compare_digest(given, self._secret):
            return JSONResponse({"error": "Unauthorized"}, 401)
        asked = await json_object(request)
        if asked is None:
            return JSONResponse({"success": False, "error": "Invalid JSON"}, 400)
        return JSONResponse(self._report(asked))

    def _report(self, asked: dict[str, Any]) -> dict[str, Any]:
        users = asked.get("users")
        total = len(users) if isinstance(users, list) else _KNOWN_USERS
        stats = {"total": total, "synced": total, "skipped": 0, "failed": 0, "duration_ms": 12}
        report: dict[str, Any] = {"success": True, "hop": self._hop, "stats": stats}
        if asked.get("debug") is True:
            report["debug"] = {"at": int(time.time()), "received": sorted(asked)}
        return report
