"""Phases 8 to 10: plugins, the body, redaction last, and the head that leaves."""

from __future__ import annotations

import asyncio
import logging
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from router import fields
from router.body.encoding import decode_whole
from router.body.json_whole import MalformedJson, TooManyStrings
from router.errors import DownstreamError, GatewayError
from router.masking.requests import inward_json, inward_query
from router.phases.accounting import now
from router.phases.service import is_json
from router.privacy.report import PersonalDataError
from router.privacy.samples import Samples
from router.tuples import made

if TYPE_CHECKING:
    from router.downstream.asgi import Downstream
    from router.exchange import Fields, Response
    from router.masking.editor import Masking
    from router.phases.call import Call
    from router.phases.pseudonyms import Pseudonyms
    from router.phases.service import Destination, Service
    from router.telemetry.metrics import Metrics

_log = logging.getLogger(__name__)

_SAFE = frozenset({"GET", "HEAD", "PUT", "DELETE", "OPTIONS"})
"""Idempotent by method (RFC 9110 §9.2.2)."""


_LONG = 8 * 1024
"""Bytes up to which JSON is taken apart within one turn of the loop."""

_LARGE = 64 * 1024
"""Bytes up to which a body is unpacked within one turn of the loop."""


@dataclass(slots=True)  # not frozen: made for each request, that would cost four times as much
class Outgoing:
    """A request as it leaves: ``body`` whole, or the caller's own to be streamed through."""

    method: bytes
    path: bytes
    fields: Fields
    body: bytes | Downstream
    idempotent: bool


class Draft(NamedTuple):
    """What goes on of what the caller sent; the body as in :class:`Outgoing`."""

    body: bytes | Downstream
    query: bytes
    rest: bytes
    fields: Fields


class Inbound:
    """Turns an admitted request into what its upstream is sent."""

    def __init__(self, metrics: Metrics, max_inspected: int, names: Pseudonyms) -> None:
        self._metrics = metrics
        self._max_inspected = max_inspected
        self._names = names
        self._samples = Samples()

    async def ask_plugins(self, call: Call, service: Service) -> Response | None:
        """Phase 8: the first plugin that answers ends the request."""
        hooks = service.hooks.on_request
        if not hooks:
            return None
        call.exchange.reader = partial(self._body, call, service)
        try:
            for hook in hooks:
                if (answer := await hook(call.exchange)) is not None:
                    return answer
        finally:
            call.exchange.reader = None
        return None

    def destination(self, service: Service) -> Destination:
        """Where the service's calls go; 404 for one that only a plugin answers, and it did not."""
        if service.destination is None:
            raise DownstreamError(404, "there is no such service here")
        return service.destination

    async def prepare(self, call: Call, service: Service, destination: Destination) -> Outgoing:
        """Phases 9 and 10."""
        draft = await self.draft(call, service, destination)
        if service.redactor is not None:
            draft = await self._redact(call, service, draft)
        return self.outgoing(call, destination, draft)

    async def draft(self, call: Call, service: Service, destination: Destination) -> Draft:
        """Phase 9 up to redaction: what would go on if nothing in it were personal."""
        downstream, head = call.downstream, call.exchange.head
        if len(head.all(b"content-type")) > 1:
            raise DownstreamError(400, "the body has several media types")
        body: bytes | Downstream = downstream if downstream.has_body else b""
        if downstream.has_body and service.reads_body(head.one(b"content-type")):
            body = await self._whole(call, service)
        elif call.body is not None:
            body = call.body
        elif downstream.has_body and downstream.arrived:
            body = downstream.take()  # all there is, and the caller's own piece: no copy
        rest, query = call.exchange.rest, head.query
        given = _given(call, destination)
        if service.masking is not None:
            rest, query = rest and inward_query(rest), query and inward_query(query)
        return made(Draft, (body, query, rest, given))

    def outgoing(self, call: Call, destination: Destination, draft: Draft) -> Outgoing:
        """Phase 10: the head round what is left of the caller's own."""
        body, query, rest, given = draft
        method = call.exchange.head.method
        path = destination.path + rest or b"/"
        return Outgoing(
            method.encode(),
            b"%b?%b" % (path, query) if query else path,
            self._fields(call, destination, given),
            body,
            idempotent=destination.idempotent or method in _SAFE,
        )

    async def _whole(self, call: Call, service: Service) -> bytes:
        """The whole body: plugins first, then the model's name as its vendor knows it."""
        body = await self._body(call, service)
        for hook in service.hooks.on_request_body:
            body = await hook(call.exchange, body)
        if service.masking is not None:
            body = await self._in_vendor_words(call, service.masking, body)
        return body

    async def _body(self, call: Call, service: Service) -> bytes:
        """What came, whole and without its codings; read once, however many ask. 413, 503."""
        if call.body is None:
            limit = min(self._max_inspected, service.max_body)
            body = await call.downstream.read_all(limit)
            if codings := call.exchange.head.joined(b"content-encoding"):
                body = await _decoded(call.downstream, body, codings, limit)
                call.decoded = True
            call.body = body
        return call.body

    async def _in_vendor_words(self, call: Call, masking: Masking, body: bytes) -> bytes:
        """JSON whatever it is called, since its reader may see that too."""
        media_type = call.exchange.head.one(b"content-type")
        said = media_type is not None and is_json(media_type)
        if not body or (not said and body.lstrip()[:1] != b"{"):
            return body  # an empty one is none, however it is framed
        try:
            if len(body) > _LONG:
                inward = await asyncio.to_thread(inward_json, body, masking.models)
            else:
                inward = inward_json(body, masking.models)
        except MalformedJson as error:
            if not said:
                return body
            raise DownstreamError(
                400, f"the body is not JSON: {error}", code="malformed_body"
            ) from error
        except TooManyStrings as error:
            raise DownstreamError(413, "the body has too many values to be read") from error
        call.asked_model = inward.asked
        return inward.body

    async def _redact(self, call: Call, service: Service, draft: Draft) -> Draft:
        head, outcome = call.exchange.head, call.exchange.outcome
        assert service.redactor is not None
        assert isinstance(draft.body, bytes)
        began = now()
        try:
            redaction = call.redaction = await service.redactor.redact(
                draft.body,
                head.one(b"content-type"),
                draft.query,
                draft.rest,
                fields=draft.fields,
                tenant=call.exchange.principal.id,
            )
        except GatewayError as error:
            reason = getattr(error, "reason", error.code)
            self._metrics.privacy_failures.add((*service.labels, reason))
            if isinstance(error, PersonalDataError):
                outcome.entities = dict(error.counts)
            raise
        finally:
            outcome.privacy = now() - began
        outcome.entities = dict(redaction.counts)
        for entity, shape in self._samples.new(service.labels, redaction.shapes):
            _log.info("privacy: %s of %s/%s looks like %s", entity, *service.labels, shape)
        return made(Draft, (redaction.body, redaction.query, redaction.rest, redaction.fields))

    def _fields(self, call: Call, destination: Destination, given: Fields) -> Fields:
        """Phase 10: what passes of the caller's lines, then what only the router may say."""
        exchange = call.exchange
        principal = exchange.principal
        request_id = (b"x-request-id", exchange.request_id.encode())
        lines = [*given, request_id, *destination.own_fields]
        if destination.identity != "none":
            lines += self._identity(call, full=destination.identity == "full")
        for credential in destination.credentials:
            lines += credential.fields(principal, time.time())
        return lines

    def _identity(self, call: Call, *, full: bool) -> Fields:
        """Who calls, as far as this upstream is told: an e-mail address only if ``full``."""
        principal, head = call.exchange.principal, call.exchange.head
        lines: Fields = []
        if principal.id:
            user = principal.subject or principal.id
            lines += [
                (b"x-user-id", fields.header_safe(user if full else self._names.of(user))),
                (b"x-auth-method", principal.method.encode()),
                (b"x-scopes", fields.scope_list(principal.scopes)),
            ]
        if full:
            if principal.email:
                lines.append((b"x-user-email", fields.header_safe(principal.email)))
            lines += fields.forwarded_fields(
                call.exchange.client, head.scheme, head.one(b"host") or b""
            )
        return lines


async def _decoded(downstream: Downstream, body: bytes, codings: bytes, limit: int) -> bytes:
    """``body`` unpacked and charged: at once where it stays small, else beside the loop."""
    small = min(limit, _LARGE)
    if len(body) <= small:
        try:
            plain = decode_whole(body, codings, small)
        except DownstreamError as error:
            if error.status != 413 or small == limit:
                raise
        else:
            downstream.hold(len(plain))
            return plain
    downstream.hold(limit)  # what it may become, before it does
    plain = await asyncio.to_thread(decode_whole, body, codings, limit)
    downstream.hold(len(plain) - limit)
    return plain


def _given(call: Call, destination: Destination) -> Fields:
    """The caller's own lines that pass: the allow-list, and the trace that goes on."""
    head = call.exchange.head
    lines = fields.outgoing(head.fields, destination.request_fields)
    if call.decoded:
        lines = [line for line in lines if line[0] != b"content-encoding"]
    if head.one(b"traceparent") is not None:
        lines += fields.trace_fields(head.fields)
    return lines
