"""What the phases know of one request beside what plugins may see of it."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from router.downstream.asgi import Downstream
    from router.exchange import Exchange
    from router.limits.policy import Decision
    from router.masking.editor import MaskEditor
    from router.phases.service import Service
    from router.privacy.redact import Redaction
    from router.upstream.upstream import UpstreamResponse


@dataclass(slots=True, repr=False)
class Call:
    """One request under way.

    ``base`` is how the caller addressed the service, without the rest: what an upstream's
    ``Location`` is rewritten to. ``asked_model`` is the model's name as the caller gave it.
    ``body``: what came, once somebody has read it whole, ``decoded``: without the codings it had.
    ``labels``: platform and service for metrics, ``other`` for what no configuration names.
    """

    exchange: Exchange
    downstream: Downstream
    service: Service | None = None
    base: bytes = b""
    cors: tuple[tuple[bytes, bytes], ...] = ()
    decision: Decision | None = None
    redaction: Redaction | None = None
    response: UpstreamResponse | None = None
    mask: MaskEditor | None = None
    asked_model: str = ""
    body: bytes | None = None
    decoded: bool = False
    labels: tuple[str, str] = ("other", "other")

    def elapsed(self) -> float:
        """Seconds since the head was read."""
        return time.perf_counter() - self.exchange.outcome.started
