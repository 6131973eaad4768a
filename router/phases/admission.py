"""Phases 2 to 7: from a raw head to a caller who may ask this service now."""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from router.auth.attempt import Credentials
from router.auth.same_site import check_origin, check_same_site, needs_same_site
from router.downstream.asgi import BodyMemory, Downstream
from router.errors import DownstreamError
from router.exchange import ANONYMOUS, Exchange
from router.fields import Network, as_forwarded, client_address, trusts, well_formed_request_id
from router.limits.addresses import address_key
from router.limits.policy import Check, Decision, Rule, refusal
from router.phases.accounting import Accounting, now
from router.phases.call import Call
from router.tuples import made

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from router.auth.attempt import Attempt
    from router.downstream.asgi import Scope
    from router.downstream.cors import CorsPolicy
    from router.exchange import Principal, Response
    from router.limits.memory import MemoryLimiter
    from router.phases.service import Service
    from router.phases.sessions import Sessions
    from router.routes import Routes


def _random_ids() -> Iterator[str]:
    """128 bits each; drawn many at once, since asking the system costs more than all else here."""
    while True:
        drawn = os.urandom(16 * 64).hex()
        for at in range(0, len(drawn), 32):
            yield drawn[at : at + 32]


def point(error: DownstreamError, service: Service) -> None:
    """Lets the challenge of a 401 also say where to get a token, where there is such a place."""
    if service.metadata:
        error.fields = tuple(_pointed(name, value, service) for name, value in error.fields)


def _pointed(name: bytes, value: bytes, service: Service) -> tuple[bytes, bytes]:
    """A challenge that also says where to get a token (RFC 9728 §5.1)."""
    if name == b"www-authenticate":
        value += b', resource_metadata="' + service.metadata + b'"'
    return name, value


class Admission:
    """Says who calls what, and whether now; whatever fails here never reaches an upstream."""

    def __init__(
        self,
        routes: Routes[Service],
        cors: Mapping[str, CorsPolicy],
        addresses: MemoryLimiter,
        principals: MemoryLimiter,
        failures: Rule,
        trusted: Sequence[Network],
        memory: BodyMemory,
        accounting: Accounting,
        sessions: Sessions,
    ) -> None:
        self._routes = routes
        self._cors = cors
        # Apart, so that a flood of addresses cannot push known callers into a shared count.
        self._addresses = addresses
        self._principals = principals
        self._failures = failures
        self._trusted = trusted
        self._memory = memory
        self._accounting = accounting
        self._sessions = sessions
        self._ids = _random_ids()

    def begin(self, scope: Scope) -> Call:
        """Phase 2: request id, clock, the caller's address; what a trusted proxy was asked."""
        downstream = Downstream(scope, self._memory)
        head = downstream.head
        peer = head.peer[0] if head.peer else ""
        client, request_id = peer, None
        if self._trusted and trusts(self._trusted, peer):
            client = client_address(peer, head.fields, self._trusted)
            request_id = well_formed_request_id(head.one(b"x-request-id"))
            head = as_forwarded(head)
        exchange = Exchange(head, request_id or next(self._ids), client)
        exchange.outcome.started = now()
        return Call(exchange, downstream)

    def match(self, call: Call) -> Service:
        """Phase 3: platform, service and rest from the raw target or host; 404, 405, 413."""
        service = self.find(call)
        self._accounting.open(call)
        call.downstream.limit_body(service.max_body)
        return service

    def find(self, call: Call) -> Service:
        """The service that a call is for, noted in it, and what stands on every answer of it."""
        head = call.exchange.head
        host = head.one(b"host") or b""
        method = head.method
        if method == "OPTIONS" and (asked := head.one(b"access-control-request-method")):
            # Without an origin it is no preflight (Fetch §4.8), and the method it has must do.
            method = method if head.one(b"origin") is None else asked.decode("latin-1")
        try:
            found = self._routes.match(method, host, head.path)
        except DownstreamError:
            self._speak_cors(call, host)
            raise
        service = call.service = found.value
        call.labels = service.labels
        call.cors = service.cors.fields(head.one(b"origin"))
        call.exchange.info = service.info
        call.exchange.rest = found.rest
        call.base = head.path[: len(head.path) - len(found.rest)]
        return service

    def _speak_cors(self, call: Call, host: bytes) -> None:
        """For what matched no service: a 404 and a 405 are read by web pages too."""
        first = call.exchange.head.path.split(b"/", 2)[1:2]
        policy = self._cors.get(first[0].decode("latin-1")) if first else None
        if policy is None and (platform := self._routes.platform_of(host)) is not None:
            policy = self._cors[platform]
        if policy is not None:
            call.cors = policy.fields(call.exchange.head.one(b"origin"))

    def preflight(self, call: Call, service: Service) -> Response | None:
        """A browser's question before a call, answered by policy and never forwarded."""
        if call.exchange.head.method != "OPTIONS":
            return None
        answer = service.cors.preflight(call.exchange.head, service.info.methods)
        if answer is not None:
            call.cors = ()
        return answer

    def admit(self, call: Call, service: Service) -> None:
        """Phase 4: limits by address: this service's, and refused credentials of any."""
        call.exchange.principal = ANONYMOUS
        address = address_key(call.exchange.client)
        if service.auth.fields:
            self._refuse_guessers(address)
        if service.limits_by_address:
            self._hit(call, self._addresses, service.limits, address)

    def admit_to_page(self, call: Call) -> None:
        """Phase 4 for a page that judges credentials: 429 after too many that did not hold."""
        self._refuse_guessers(address_key(call.exchange.client))

    def _refuse_guessers(self, address: str) -> None:
        if self._addresses.knows(self._failures, address):
            failed = self.failures(address)
            if not failed.allowed:
                raise refusal(failed, "too many refused credentials from this address")

    def failures(self, address: str) -> Decision:
        """How the limit of refused credentials stands for an address; counts nothing."""
        return self._addresses.peek((Check(self._failures, address),), time.monotonic_ns())

    async def authenticate(self, call: Call, service: Service) -> None:
        """Phase 5: the first credential that passes; 401, 403 for a cookie from elsewhere, 503."""
        self.check_page(call, service)
        try:
            principal = await service.auth.authenticate(
                made(Credentials, (call.exchange.head, service.info.service))
            )
        except DownstreamError as error:
            self._count_failures(call, error)
            point(error, service)
            raise
        if principal.method != "none":
            self._accounting.metrics.auth.add((principal.method, "passed"))
        self.believe(call, service, principal)

    def check_page(self, call: Call, service: Service) -> None:
        """403 for a page of elsewhere, where the service's protocol asks for that."""
        if service.checks_origin:
            check_origin(call.exchange.head, service.origins)

    def believe(self, call: Call, service: Service, principal: Principal) -> None:
        """Notes who calls; 403 for a cookie that came from elsewhere."""
        call.exchange.principal = principal
        head = call.exchange.head
        if needs_same_site(principal, head.method, like_write=service.guarded_reads):
            check_same_site(head, service.origins)

    def _count_failures(self, call: Call, error: DownstreamError) -> None:
        rejected = False
        for attempt in error.members.get("tried", ()):  # type: ignore[attr-defined]
            self._accounting.metrics.auth.add((attempt["method"], attempt["outcome"]))
            rejected = rejected or attempt["outcome"] == "rejected"
        if rejected:
            self._charge(call)

    def count_attempts(self, call: Call, attempts: Sequence[Attempt]) -> None:
        """Counts what was tried at a page; refused credentials are one failure together."""
        for attempt in attempts:
            if attempt.outcome != "absent":
                self._accounting.metrics.auth.add((attempt.method, attempt.outcome))
        if any(attempt.outcome == "rejected" for attempt in attempts):
            self._charge(call)

    def count_operator(self, call: Call, *, passed: bool) -> None:
        """Counts a credential that an operator's should have been."""
        self._accounting.metrics.auth.add(("operator", "passed" if passed else "rejected"))
        if not passed:
            self._charge(call)

    def _charge(self, call: Call) -> None:
        """One credential that did not hold, against its address."""
        check = Check(self._failures, address_key(call.exchange.client))
        self._addresses.charge((check,), time.monotonic_ns())

    def authorise(self, call: Call, service: Service) -> None:
        """Phase 6: platform, subjects, scopes: all that is required was granted, or 403."""
        principal = call.exchange.principal
        if principal.platforms and service.info.platform not in principal.platforms:
            raise DownstreamError(
                403, "this credential is not for this platform", code="platform_not_allowed"
            )
        subjects = service.subjects
        if subjects is not None and not subjects & {principal.email, principal.subject}:
            raise DownstreamError(
                403, "this service is not for this caller", code="subject_not_allowed"
            )
        if service.scopes and not principal.may(service.scopes):
            wanted = " ".join(sorted(service.scopes))
            challenge = f'Bearer realm="router", error="insufficient_scope", scope="{wanted}"'
            raise DownstreamError(
                403,
                f"the credential lacks a scope this service needs: {wanted}",
                code="insufficient_scope",
                fields=((b"www-authenticate", challenge.encode()),),
            )

        self._sessions.check(service.info.service, call.exchange.head.fields, principal.id)

    def limit(self, call: Call, service: Service) -> None:
        """Phase 7: this service's limits for this caller, all of them or none."""
        if service.limits and not service.limits_by_address:
            limiter, key = self._whose(call, service)
            self._hit(call, limiter, service.limits, key)

    def tell_limits(self, call: Call) -> None:
        """How the limits stand, for an answer about which none of them has decided."""
        service = call.service
        if service is None or not service.limits or call.decision is not None:
            return
        _, standing = self.standing(call, service)
        call.decision = Decision(allowed=True, states=standing.states)

    def standing(self, call: Call, service: Service) -> tuple[str, Decision]:
        """Whom the service's limits count, and whether this call would pass; counts nothing."""
        limiter, key = self._whose(call, service)
        checks = [Check(rule, key) for rule in service.limits]
        return key, limiter.peek(checks, time.monotonic_ns())

    def _whose(self, call: Call, service: Service) -> tuple[MemoryLimiter, str]:
        """Whom a service's limits count: the caller, or the address of one who is nobody."""
        principal = call.exchange.principal.id
        if principal and not service.limits_by_address:
            return self._principals, principal
        return self._addresses, address_key(call.exchange.client)

    def _hit(self, call: Call, limiter: MemoryLimiter, rules: Sequence[Rule], key: str) -> None:
        checks = []
        for rule in rules:
            checks.append(made(Check, (rule, key, 1)))  # noqa: PERF401  a loop costs less than a comprehension's frame
        decision = limiter.hit(checks, time.monotonic_ns())
        if not decision.allowed:
            raise refusal(decision)
        call.decision = decision
