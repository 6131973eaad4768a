"""Each decision that the router makes for one request, told instead of acted on.

The phases' own parts decide, in the gateway's order. Left out is what leaves a trace: limits are
looked at and not hit, plugins are named and not run, nothing is sent.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any, Protocol

from router.auth.attempt import Credentials
from router.errors import DownstreamError, GatewayError
from router.limits.addresses import address_key
from router.limits.policy import refusal
from router.operate import explain_access as access
from router.operate import explain_answer as answers
from router.operate.explain_document import Explanation
from router.operate.explain_privacy import View, unread
from router.operate.explain_request import scope_of
from router.operate.explain_route import route, why_none
from router.phases.admission import point
from router.plugin import Hooks
from router.privacy.request import Sent

if TYPE_CHECKING:
    from router.config.models import Config
    from router.exchange import RequestHead
    from router.operate.explain_request import Asked
    from router.phases.admission import Admission
    from router.phases.call import Call
    from router.phases.inbound import Draft, Inbound
    from router.phases.service import Service


class OwnPages(Protocol):
    """The router's own pages."""

    def at(self, head: RequestHead) -> dict[str, object] | None:
        """What there is to say of the page at a head's path; None where none is."""
        ...

    def check(self, head: RequestHead) -> None:
        """Raises the GatewayError that the page there would answer."""
        ...


class Explainer:
    """Asks the parts of a provisioned router; ``ready`` waits for what privacy has to load."""

    def __init__(
        self,
        config: Config,
        admission: Admission,
        inbound: Inbound,
        pages: OwnPages,
        ready: Callable[[], Awaitable[None]],
    ) -> None:
        self._config = config
        self._admission = admission
        self._inbound = inbound
        self._pages = pages
        self._ready = ready

    async def explain(self, asked: Asked, *, show_values: bool = False) -> dict[str, Any]:
        """The document: every decision in the order in which it is made, None where none was."""
        told = Explanation(show_values)
        call: Call | None = None
        try:
            call = self._admission.begin(scope_of(asked))
            await self._follow(told, call)
        except GatewayError as error:
            told.refuse(error)
        finally:
            if call is not None:
                call.downstream.release()
        return told.document

    async def _follow(self, told: Explanation, call: Call) -> None:
        head = call.exchange.head
        told["request"] = {
            "method": head.method,
            "path": head.path.decode("latin-1"),
            "host": (head.one(b"host") or b"").decode("latin-1"),
            "client": call.exchange.client,
        }
        told.step = "page"
        if (page := self._pages.at(head)) is not None:
            told["page"] = page
            self._pages.check(head)
            told.answered("the router's own page")
            return
        service = self._match(told, call)
        told.step = "preflight"
        if self._admission.preflight(call, service) is not None:
            told.answered("the platform's CORS policy")
            return
        await self._admit(told, call, service)
        await self._forward(told, call, service)

    def _match(self, told: Explanation, call: Call) -> Service:
        told.step = "route"
        try:
            service = self._admission.find(call)
        except GatewayError as error:
            if error.status == 404:
                told["route"] = {"why": why_none(self._config, call.exchange.head)}
            raise
        told["route"] = route(call, service)
        call.downstream.limit_body(service.max_body)
        return service

    async def _admit(self, told: Explanation, call: Call, service: Service) -> None:
        told.step = "limits by address"
        told["limits"] = []
        if service.auth.fields:
            self._guesses(told, call)
        if service.limits_by_address:
            self._limit(told, call, service, at="address")
        await self._authenticate(told, call, service)
        told.step = "access"
        told["access"] = access.access(
            service, call.exchange.principal, show_values=told.show_values
        )
        self._admission.authorise(call, service)
        told.step = "limits"
        if not service.limits_by_address:
            self._limit(told, call, service, at="principal")

    def _guesses(self, told: Explanation, call: Call) -> None:
        key = address_key(call.exchange.client)
        told.document["limits"] += access.limits(
            self._admission.failures(key),
            key,
            of="refused credentials",
            at="address",
            show_values=told.show_values,
        )
        self._admission.admit_to_page(call)

    def _limit(self, told: Explanation, call: Call, service: Service, *, at: str) -> None:
        key, decision = self._admission.standing(call, service)
        told.document["limits"] += access.limits(
            decision, key, of="requests", at=at, show_values=told.show_values
        )
        if not decision.allowed:
            raise refusal(decision)

    async def _authenticate(self, told: Explanation, call: Call, service: Service) -> None:
        told.step = "authentication"
        auth = told.document["auth"] = {"open": not service.auth_names, "tried": [], "caller": None}
        self._admission.check_page(call, service)
        made = await service.auth.attempt_all(Credentials(call.exchange.head, service.info.service))
        auth["tried"] = access.attempts(service, made)
        try:
            principal = service.auth.judged(made)
        except DownstreamError as error:
            point(error, service)
            raise
        if made:
            auth["caller"] = access.caller(principal, show_values=told.show_values)
        self._admission.believe(call, service, principal)

    async def _forward(self, told: Explanation, call: Call, service: Service) -> None:
        told.step = "plugins"
        told["plugins"] = _hooks(service.hooks)
        if service.destination is None and service.hooks.on_request:
            told.answered("a plugin")
            return
        service = replace(service, hooks=Hooks())
        destination = self._inbound.destination(service)
        told.step = "body"
        draft = await self._inbound.draft(call, service, destination)
        seen = draft if told.show_values else unread(draft)
        clear = told.show_values
        if service.redactor is not None:
            told.step = "privacy"
            draft, seen, clear = await self._redact(told, call, service, draft)
        told.step = "forwarding"
        outgoing = self._inbound.outgoing(call, destination, draft)
        shown = self._inbound.outgoing(call, destination, seen)
        settings = self._config.upstreams[destination.upstream.name]
        told["upstream"] = answers.upstream(
            destination.upstream.name,
            settings.targets,
            outgoing,
            shown,
            answers.secret_fields(service, destination, call.exchange.principal),
            show_values=told.show_values,
        )
        told.document["upstream"]["body"] = answers.body(outgoing, shown, clear=clear)
        told["answer"] = answers.answer(self._config, call, service)
        told["outcome"] = "forwarded"

    async def _redact(
        self, told: Explanation, call: Call, service: Service, draft: Draft
    ) -> tuple[Draft, Draft, bool]:
        """What is left of a draft, what of that is shown, and whether its body may be."""
        await self._ready()
        assert service.redactor is not None
        assert isinstance(draft.body, bytes)
        tenant = call.exchange.principal.id
        media_type = call.exchange.head.one(b"content-type") or b""
        sent = Sent(draft.body, media_type, draft.query, draft.rest, draft.fields)
        view = View(service.redactor, tenant, show_values=told.show_values)
        await view.look(sent)
        told.document["request"]["path"] = (call.base + view.rest(sent.rest)).decode("latin-1")
        try:
            redaction = call.redaction = await service.redactor.redact(
                *sent[:4], fields=sent.fields, tenant=tenant
            )
        except GatewayError:
            told["privacy"] = view.document(service.privacy_mode, None)
            raise
        told["privacy"] = view.document(service.privacy_mode, redaction)
        left = draft._replace(
            body=redaction.body,
            query=redaction.query,
            rest=redaction.rest,
            fields=redaction.fields,
        )
        clear = told.show_values or (view.has_looked and answers.is_text(media_type))
        return left, view.shown(left, redaction), clear


def _hooks(hooks: Hooks) -> list[dict[str, str]]:
    """The plugins that a request would meet, hook by hook; none of them is run."""
    return [
        {"plugin": str(getattr(getattr(hook, "__self__", None), "name", "?")), "hook": name}
        for name in (one.name for one in dataclasses.fields(hooks))
        for hook in getattr(hooks, name)
    ]
