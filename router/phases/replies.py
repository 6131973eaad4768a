"""Fields every answer carries, and the answers that are the router's own."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from router.downstream.asgi import AnswerCut
from router.errors import GatewayError, InternalError
from router.exchange import Response, ResponseHead
from router.limits.policy import limit_fields
from router.telemetry.logs import where

if TYPE_CHECKING:
    from router.exchange import Fields
    from router.phases.call import Call

_log = logging.getLogger(__name__)

_PROBLEM = (b"content-type", b"application/problem+json")
_NOSNIFF = (b"x-content-type-options", b"nosniff")


def own_fields(call: Call) -> Fields:
    """Request id, limits, CORS, timing: what stands on every answer, errors too."""
    fields = [(b"x-request-id", call.exchange.request_id.encode()), _NOSNIFF, *call.cors]
    if call.decision is not None:
        fields += limit_fields(call.decision)
    fields.append((b"server-timing", _timing(call)))
    found = call.redaction
    if found is not None and found.counts and call.service is not None:
        mode = call.service.privacy_mode
        assert mode != "off"  # then nothing was redacted
        fields.append((b"x-privacy", found.summary(mode)))
    return fields


def _timing(call: Call) -> bytes:
    outcome = call.exchange.outcome
    upstream, privacy = _hundredths(outcome.upstream), _hundredths(outcome.privacy)
    gateway = max(0, _hundredths(call.elapsed()) - upstream - privacy)
    return b"gateway;dur=%d.%02d, privacy;dur=%d.%02d, upstream;dur=%d.%02d" % (
        gateway // 100, gateway % 100, privacy // 100, privacy % 100,
        upstream // 100, upstream % 100,
    )  # fmt: skip


def _hundredths(seconds: float) -> int:
    """Hundredths of a millisecond."""
    return int(seconds * 100_000 + 0.5) if seconds > 0 else 0


async def reply(call: Call, response: Response) -> None:
    """Sends an answer that a plugin or a policy gave instead of an upstream."""
    fields = [*own_fields(call), *response.fields]
    if response.body:
        fields.append((b"content-type", response.media_type))
    call.exchange.outcome.status = response.status
    await _answer(call, ResponseHead(response.status, fields), response.body)


async def _answer(call: Call, head: ResponseHead, body: bytes) -> None:
    """A whole answer; HEAD tells the length of the body it leaves out (RFC 9110 §9.3.2)."""
    if head.status not in (204, 304):
        head.replace(b"content-length", b"%d" % len(body))
    told = b"" if call.exchange.head.method == "HEAD" else body
    await call.downstream.answer(head.status, head.fields, told)


async def refuse(call: Call, error: GatewayError) -> None:
    """Tells the caller of ``error``: a problem, or what is left to tell once an answer has begun.

    An event stream gets one ``error`` event and ends; any other body is cut, so that its end is
    never taken for the end of the message.
    """
    outcome, downstream = call.exchange.outcome, call.downstream
    outcome.code = error.code
    body = error.body(call.exchange.request_id)
    if downstream.started and not downstream.recall():
        outcome.aborted = True
        if not downstream.streams_events:
            raise AnswerCut(error.code)
        # The upstream may have stopped within a line: what it began must not swallow the event.
        await downstream.write(b"\n\nevent: error\ndata: " + body + b"\n\n", more=False)
        return
    outcome.status = error.status
    fields = [*own_fields(call), _PROBLEM, (b"cache-control", b"no-store"), *error.fields]
    await _answer(call, ResponseHead(error.status, fields), body)


async def fail(call: Call, error: Exception) -> None:
    """Tells the caller of a fault of the router's own, and the log where it was."""
    _log.error("fault in the router: %s", where(error))
    await refuse(call, InternalError(500, "the router failed", code="internal_error"))
