"""The end of an exchange: released and counted at once, told and completed outside the request."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from router.errors import DownstreamError
from router.telemetry.logs import where

if TYPE_CHECKING:
    from collections.abc import Mapping

    from router.exchange import Outcome
    from router.phases.call import Call
    from router.phases.pseudonyms import Pseudonyms
    from router.phases.service import Service
    from router.telemetry.logs import LogWriter
    from router.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

MAX_WAITING = 10_000
"""Ended exchanges that may wait for their line; beyond it lines are dropped and counted."""

_STATUSES = tuple(map(str, range(1000)))
_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Accounting:
    """Counts what ended; ``close`` never waits, lines and ``on_complete`` follow a turn later.

    ``dropped``: exchanges without a line, since too many waited for theirs.
    """

    def __init__(self, metrics: Metrics, writer: LogWriter, names: Pseudonyms) -> None:
        self.metrics = metrics
        self.writer = writer
        self._names = names
        self.dropped = 0
        self._ended: deque[Call] = deque()
        self._due = False

    def open(self, call: Call) -> None:
        """Counts a request that was matched to a service as under way."""
        self.metrics.in_flight.add(call.labels, 1)

    def close(self, call: Call) -> None:
        """Releases what the call held and counts it; called exactly once."""
        outcome = call.exchange.outcome
        if call.response is not None:
            call.response.release()
        call.downstream.release()
        if call.mask is not None:
            outcome.masked, outcome.leaks = call.mask.masked, call.mask.leaks
        outcome.duration = call.elapsed()
        outcome.bytes_in = call.downstream.bytes_in
        outcome.bytes_out = call.downstream.bytes_out
        if refused := call.downstream.refused:
            _refuse(outcome, refused)
        elif outcome.disconnected and not outcome.status:
            outcome.status = 499
        self._count(call)
        if len(self._ended) >= MAX_WAITING:
            self.dropped += 1
            return
        self._ended.append(call)
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._tell)

    def _count(self, call: Call) -> None:
        outcome, metrics, labels = call.exchange.outcome, self.metrics, call.labels
        method = call.exchange.head.method
        metrics.requests.add(
            (*labels, method if method in _METHODS else "other", _STATUSES[outcome.status])
        )
        metrics.duration.observe(labels, outcome.duration)
        if call.service is not None:
            metrics.in_flight.add(labels, -1)
        if outcome.first_byte:
            metrics.first_byte.observe(labels, outcome.first_byte)
            metrics.gateway.observe(labels, outcome.first_byte - outcome.upstream)
        if outcome.disconnected:
            metrics.disconnects.add(labels)
        if outcome.status == 429 and outcome.code:
            metrics.limited.add(labels)
        if outcome.privacy:
            metrics.privacy.observe(labels, outcome.privacy)
        for entity, count in outcome.entities.items():
            metrics.entities.add((*labels, entity), count)
        if outcome.masked:
            metrics.masked.add(labels, outcome.masked)
        if outcome.leaks:
            metrics.leaks.add(labels, outcome.leaks)

    def _tell(self) -> None:
        """Writes the lines of what has ended; yields to the loop after a batch."""
        try:
            for _ in range(min(len(self._ended), 100)):
                call = self._ended.popleft()
                self._tell_of(call)
                if call.service is not None and call.service.hooks.on_complete:
                    self._complete(call, call.service)
        finally:
            self._due = bool(self._ended)
            if self._due:
                asyncio.get_running_loop().call_soon(self._tell)

    def _tell_of(self, call: Call) -> None:
        values = call.exchange.values
        try:
            self._line(call, values)
        except Exception as error:  # noqa: BLE001  plugins' values may raise anything when written
            _log.error("values of %s cannot be written: %s", sorted(values), where(error))
            self._line(call, None)

    def _line(self, call: Call, values: Mapping[str, object] | None) -> None:
        exchange = call.exchange
        outcome, principal = exchange.outcome, exchange.principal
        platform, service = call.labels
        self.writer.put(
            {
                "time": datetime.now(UTC),
                "event": "request",
                "request_id": exchange.request_id,
                "method": exchange.head.method[:32],
                "platform": platform,
                "service": service,
                "status": outcome.status,
                "code": outcome.code or None,
                "principal": self._names.of(principal.id) or None,
                "auth": principal.method,
                "client": exchange.client,
                # To hundredths: ``round`` to two places takes ten times as long.
                "duration_ms": int(outcome.duration * 100_000 + 0.5) / 100,
                "first_byte_ms": int(outcome.first_byte * 100_000 + 0.5) / 100,
                "upstream_ms": int(outcome.upstream * 100_000 + 0.5) / 100,
                "privacy_ms": int(outcome.privacy * 100_000 + 0.5) / 100,
                "bytes_in": outcome.bytes_in,
                "bytes_out": outcome.bytes_out,
                "entities": outcome.entities or None,
                "masked": outcome.masked or None,
                "plugins": values or None,
                "outcome": _word(call),
            }
        )

    def _complete(self, call: Call, service: Service) -> None:
        for hook in service.hooks.on_complete:
            try:
                hook(call.exchange)
            except Exception as error:  # noqa: BLE001  a plugin's fault must not stop the others
                _log.error("on_complete failed: %s", where(error))


def _refuse(outcome: Outcome, status: int) -> None:
    """Notes that the server itself told the caller so, or cut the answer that had begun."""
    if outcome.status:
        outcome.aborted = True
    else:
        outcome.status, outcome.code = status, DownstreamError(status, "").code


def _word(call: Call) -> str:
    outcome = call.exchange.outcome
    if outcome.disconnected:
        return "disconnected"
    if outcome.aborted:
        return "aborted"
    return "refused" if outcome.code else "answered"


now: Final = time.perf_counter
"""The clock every duration of an exchange is taken from, in seconds."""
