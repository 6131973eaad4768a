"""Phases 11 to 14: sent, the answer's head, the text pass, each piece on its way at once."""

from __future__ import annotations

from operator import itemgetter
from typing import TYPE_CHECKING

from router.body.encoding import codings_of, decoder
from router.body.filters import FilterChain
from router.errors import FilterError, UpstreamError
from router.exchange import ANONYMOUS, ResponseHead
from router.fields import end_to_end
from router.masking.fields import (
    REWRITTEN,
    edited_fields,
    masked_fields,
    private_fields,
    response_fields,
)
from router.masking.location import Caller
from router.phases import replies
from router.phases.accounting import now
from router.phases.editing import SEARCHED_AT_ONCE, Editing, edit
from router.phases.sessions import SESSION
from router.phases.text import text_pass
from router.privacy.answer_head import restored_fields

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.body.filters import BodyFilter
    from router.phases.call import Call
    from router.phases.inbound import Outgoing
    from router.phases.service import Destination, Service
    from router.phases.sessions import Sessions
    from router.telemetry.metrics import Metrics
    from router.upstream.response import UpstreamResponse

_BODILESS = (204, 304)
_NAME = itemgetter(0)
_SSE = b"text/event-stream"
_NOBODY = Caller(b"", b"", b"", b"")
"""Where no field speaks of a place, it does not matter who asks."""


class Outbound:
    """Brings an upstream's answer to its caller."""

    def __init__(self, metrics: Metrics, sessions: Sessions) -> None:
        self._metrics = metrics
        self._sessions = sessions

    async def send(
        self, call: Call, service: Service, destination: Destination, request: Outgoing
    ) -> UpstreamResponse:
        """Phase 11: returns when the answer's head is there; 502, 503, 504."""
        upstream = destination.upstream
        outcome, began = call.exchange.outcome, now()
        try:
            response = call.response = await upstream.send(
                request.method,
                request.path,
                request.fields,
                request.body,
                idempotent=request.idempotent,
                streaming=service.info.streaming,
            )
        finally:
            outcome.upstream = now() - began
        self._metrics.upstream_duration.observe((upstream.name,), outcome.upstream)
        return response

    async def open(
        self, call: Call, service: Service, response: UpstreamResponse
    ) -> tuple[ResponseHead, Editing | None]:
        """Phase 12: the head as the caller may see it, and what the body goes through."""
        given = ResponseHead(response.head.status, end_to_end(response.head.fields))
        exchange = call.exchange
        names = set(map(_NAME, given.fields))
        if SESSION in names:
            self._sessions.learn(service.info.service, given.fields, exchange.principal.id)
        caller = _NOBODY if REWRITTEN.isdisjoint(names) else _caller(call, service)
        head = ResponseHead(given.status, response_fields(service.answers, given, caller))
        for hook in service.hooks.on_response:
            await hook(exchange, head)
        if service.hooks.on_response:
            head.fields = masked_fields(service.masking, head.fields)
        restored = call.redaction.values if call.redaction is not None else None
        if restored:
            head.fields = restored_fields(head.fields, restored)
        try:
            editing = self._editing(call, service, given, head, names)
        except FilterError as error:
            raise UpstreamError(502, "http_protocol_error", str(error)) from error
        call.downstream.streams_events = _is(head, _SSE)
        if call.downstream.streams_events:
            head.replace(b"x-accel-buffering", b"no")
        if restored:  # it is another for every caller, whatever its upstream says
            head.replace(b"cache-control", b"private, no-store")
        elif exchange.principal is not ANONYMOUS:
            head.fields = private_fields(head.fields)
        head.fields += replies.own_fields(call)
        return head, editing

    def _editing(
        self,
        call: Call,
        service: Service,
        given: ResponseHead,
        head: ResponseHead,
        names: set[bytes],
    ) -> Editing | None:
        """Decode, then plugins, then the one text pass; None: the body passes as it is.

        How the body is read is what the upstream's own head says, ``given``: a plugin that
        changes ``head`` changes what the caller is told, never whether the body is looked at.
        """
        hooked: list[BodyFilter] = []
        for hook in service.hooks.response_filter:
            made = hook(call.exchange, head)
            if made is not None:
                hooked.append(made)
        text = text_pass(service.masking, call, given)
        if text is None and not hooked:
            return None
        if given.status == 206:
            raise UpstreamError(502, "http_protocol_error", "a part was sent that nobody asked for")
        codings: Sequence[bytes] = ()
        if b"content-encoding" in names:
            codings = codings_of(b",".join(given.all(b"content-encoding")))
        restored = call.redaction is not None and bool(call.redaction.values)
        head.fields = edited_fields(head.fields, restored=restored)
        if text is None or hooked:
            text = FilterChain([*hooked, *([text] if text is not None else [])])
        editing = Editing(decoder(codings) if codings else None, text)
        if service.redactor is not None and service.redactor.searches_answers:
            editing.at_once = SEARCHED_AT_ONCE
        return editing

    async def relay(
        self, call: Call, response: UpstreamResponse, head: ResponseHead, editing: Editing | None
    ) -> None:
        """Phases 13 and 14: what has come is fed, and what comes out is sent at once."""
        outcome, downstream = call.exchange.outcome, call.downstream
        outcome.status = head.status
        outcome.first_byte = call.elapsed()
        if head.status in _BODILESS or call.exchange.head.method == "HEAD":
            await downstream.answer(head.status, head.fields, b"")
        elif editing is None:
            await downstream.start(head.status, head.fields)
            await self._pass(call, response)
        else:
            await edit(downstream, response, head, editing)

    async def _pass(self, call: Call, response: UpstreamResponse) -> None:
        downstream = call.downstream
        while piece := await response.read():
            await downstream.write(piece, more=not response.complete)
        if not downstream.ended:
            await downstream.write(b"", more=False)


def _is(head: ResponseHead, media_type: bytes) -> bool:
    return (head.one(b"content-type") or b"").lower().startswith(media_type)


def _caller(call: Call, service: Service) -> Caller:
    head = call.exchange.head
    host = head.one(b"host") or b""
    by_path = call.base.startswith(b"/" + service.info.platform.encode() + b"/")
    prefix = b"/%b/api/" % service.info.platform.encode() if by_path else b"/api/"
    name, _, port = host.rpartition(b":")
    origin = b"%b://%b" % (head.scheme.encode(), host)
    return Caller(call.base, prefix, origin, (name if port.isdigit() else host).lower())
