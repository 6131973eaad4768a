"""The router's own pages, by exact path: discovery for callers, state and numbers for operators."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import orjson

from router.auth.attempt import Credentials
from router.discovery.whoami import whoami
from router.errors import DownstreamError, GatewayError
from router.exchange import Response
from router.operate.dashboard import page as dashboard
from router.phases import replies

if TYPE_CHECKING:
    from router.auth.attempt import Attempt
    from router.auth.chain import AuthChain
    from router.discovery.services import ServiceList
    from router.downstream.asgi import Scope
    from router.downstream.cors import CorsPolicy
    from router.exchange import Principal, RequestHead
    from router.operate.operators import Operators
    from router.operate.ready import Readiness
    from router.phases.accounting import Accounting
    from router.phases.admission import Admission
    from router.phases.call import Call
    from router.telemetry.metrics import Metrics

_NO_STORE = (b"cache-control", b"no-store")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a page: the body where the page takes one, whether from an operator.

    ``platform``: the one whose host it was sent to.
    """

    call: Call
    body: bytes
    operator: bool
    platform: str | None

    @property
    def head(self) -> RequestHead:
        """The request's head."""
        return self.call.exchange.head


@dataclass(frozen=True, slots=True)
class Page:
    """``operators``: everybody else is told that there is nothing here.

    ``judges``: it tells whether a credential holds, so nobody may ask it without end;
    ``knows_operators``: that is, whether one of an operator does.
    """

    answer: Callable[[Asked], Awaitable[Response]]
    methods: tuple[str, ...] = ("GET", "HEAD")
    operators: bool = False
    judges: bool = True
    knows_operators: bool = False

    def check(self, *, shown: bool) -> None:
        """404 for a page of operators that is not to be ``shown``."""
        if self.operators and not shown:
            raise DownstreamError(404, "there is no such service here")

    def check_method(self, method: str) -> None:
        """405 for a method that the page does not know."""
        if method not in self.methods:
            allow = ((b"allow", ", ".join(self.methods).encode()),)
            raise DownstreamError(405, "this page does not know the method", fields=allow)


class Pages:
    """The table of pages and the one way they are served."""

    def __init__(
        self,
        services: ServiceList,
        chain: AuthChain,
        operators: Operators,
        readiness: Readiness,
        metrics: Metrics,
        admission: Admission,
        accounting: Accounting,
        platforms: Mapping[str, CorsPolicy],
    ) -> None:
        self._services = services
        self._chain = chain
        self._operators = operators
        self._readiness = readiness
        self._metrics = metrics
        self._admission = admission
        self._accounting = accounting
        self._cors = platforms
        self._credentials = chain.fields | operators.fields
        self._pages = {
            b"/health": Page(self._health, judges=False),
            b"/ready": Page(self._ready, knows_operators=True),
            b"/whoami": Page(self._whoami),
            b"/services": Page(self._list),
            b"/metrics": Page(self._numbers, operators=True, knows_operators=True),
            b"/dashboard": Page(self._dashboard, ("GET", "HEAD", "POST"), knows_operators=True),
            b"/dashboard/data": Page(self._data, operators=True, knows_operators=True),
        }
        for name in platforms:
            self._pages[f"/{name}/services".encode()] = Page(self._list)

    def at(self, path: bytes) -> Page | None:
        """The page at exactly this raw path."""
        return self._pages.get(path)

    def check(self, page: Page, head: RequestHead) -> None:
        """404 or 405 where ``page`` would answer so to ``head``; counts nothing."""
        operator = self._operators.admits(head)
        page.check(shown=operator and not self._operators.on_platform_host(head))
        page.check_method(head.method)

    async def serve(self, page: Page, scope: Scope, *, private: bool) -> None:
        """Answers for ``page``; ``private``: the request came by the operators' listener."""
        call = self._admission.begin(scope)
        head = call.exchange.head
        host = self._operators.platform_of(head.one(b"host") or b"")
        cors = self._cors.get(head.path.split(b"/", 2)[1].decode("latin-1"))
        if cors is None and host is not None:
            cors = self._cors[host]
        if cors is not None:
            call.cors = cors.fields(head.one(b"origin"))
        try:
            operator = private or self._is_operator(page, call)
            page.check(shown=private or (operator and host is None))
            if cors is not None and (preflight := cors.preflight(head, page.methods)) is not None:
                call.cors = ()
                await replies.reply(call, preflight)
                return
            page.check_method(head.method)
            body = await call.downstream.read_all(4096) if head.method == "POST" else b""
            await replies.reply(call, await page.answer(Asked(call, body, operator, host)))
        except GatewayError as error:
            await replies.refuse(call, error)
        except asyncio.CancelledError:
            call.exchange.outcome.disconnected = not call.downstream.refused
            raise
        except Exception as error:  # noqa: BLE001  as in the gateway
            await replies.fail(call, error)
        finally:
            self._accounting.close(call)

    def _is_operator(self, page: Page, call: Call) -> bool:
        """Whether an operator asks; 429 for others after too many wrong tries.

        The right token always passes: a scraper must not be locked out by whoever guesses from
        its address.
        """
        head = call.exchange.head
        admitted = self._operators.admits(head)
        shows = any(name in self._credentials for name, _ in head.fields)
        if page.judges and shows and not admitted:
            self._admission.admit_to_page(call)
        if page.knows_operators and self._operators.is_tried(head):
            known = self._operators.knows_token(head)
            self._admission.count_operator(call, passed=known)
        return admitted

    async def _attempts(self, call: Call) -> list[Attempt]:
        attempts = await self._chain.attempt_all(Credentials(call.exchange.head, ""))
        self._admission.count_attempts(call, attempts)
        return attempts

    async def _health(self, _: Asked) -> Response:
        return Response(200, b'{"status":"ok"}', (_NO_STORE,))

    async def _ready(self, asked: Asked) -> Response:
        status, body = await self._readiness.report(details=asked.operator)
        return Response(status, orjson.dumps(body), (_NO_STORE,))

    async def _whoami(self, asked: Asked) -> Response:
        return whoami(self._chain, await self._attempts(asked.call))

    async def _list(self, asked: Asked) -> Response:
        path = asked.head.path
        platform = asked.platform
        if path != b"/services":
            platform = path.split(b"/")[1].decode()
        return self._services.answer(
            platform,
            await self._principal(asked.call),
            by_host=path == b"/services" and platform is not None,
            known=asked.head.one(b"if-none-match"),
        )

    async def _principal(self, call: Call) -> Principal | None:
        """Who asks; None where no credential was presented, 401 where none of them holds."""
        attempts = await self._attempts(call)
        if attempts and attempts[-1].principal is not None:
            return attempts[-1].principal
        if any(attempt.outcome == "rejected" for attempt in attempts):
            raise self._chain.refusal(attempts)
        return None

    async def _numbers(self, asked: Asked) -> Response:
        accept = (asked.head.one(b"accept") or b"").decode("latin-1")
        body, media_type = await asyncio.to_thread(self._metrics.exposition, accept)
        return Response(200, body, (_NO_STORE,), media_type.encode())

    async def _dashboard(self, asked: Asked) -> Response:
        if asked.platform is not None:
            raise DownstreamError(404, "there is no such service here")
        if asked.head.method == "POST":
            response = dashboard.sign_in(self._operators, asked.body)
            passed = response.status == 303
            if not passed:
                self._admission.admit_to_page(asked.call)
            self._admission.count_operator(asked.call, passed=passed)
            return response
        return dashboard.show(operator=asked.operator)

    async def _data(self, _: Asked) -> Response:
        return Response(200, orjson.dumps(dashboard.numbers(self._metrics)), (_NO_STORE,))
