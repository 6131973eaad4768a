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
from router.exchange import RequestHead, Response
from router.operate.dashboard import page as dashboard
from router.phases import replies

if TYPE_CHECKING:
    from router.auth.chain import AuthChain
    from router.discovery.services import ServiceList
    from router.downstream.asgi import Receive, Scope, Send
    from router.downstream.cors import CorsPolicy
    from router.exchange import Principal
    from router.operate.operators import Operators
    from router.operate.ready import Readiness
    from router.phases.accounting import Accounting
    from router.phases.admission import Admission
    from router.telemetry.metrics import Metrics

_NO_STORE = (b"cache-control", b"no-store")


@dataclass(frozen=True, slots=True)
class Asked:
    """One request for a page: its head, the body where the page takes one, by which listener."""

    head: RequestHead
    body: bytes
    operator: bool
    platform: str | None


@dataclass(frozen=True, slots=True)
class Page:
    """``operators``: everybody else is told that there is nothing here.

    ``judges``: it tells whether a credential holds, so nobody may ask it without end.
    """

    answer: Callable[[Asked], Awaitable[Response]]
    methods: tuple[str, ...] = ("GET", "HEAD")
    operators: bool = False
    judges: bool = False


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
        self._pages = {
            b"/health": Page(self._health),
            b"/ready": Page(self._ready),
            b"/whoami": Page(self._whoami, judges=True),
            b"/services": Page(self._list, judges=True),
            b"/metrics": Page(self._numbers, operators=True),
            b"/dashboard": Page(self._dashboard, ("GET", "HEAD", "POST"), judges=True),
            b"/dashboard/data": Page(self._data, operators=True),
        }
        for name in platforms:
            self._pages[f"/{name}/services".encode()] = Page(self._list, judges=True)

    def at(self, path: bytes) -> Page | None:
        """The page at exactly this raw path."""
        return self._pages.get(path)

    async def serve(
        self, page: Page, scope: Scope, receive: Receive, send: Send, *, private: bool
    ) -> None:
        """Answers for ``page``; ``private``: the request came by the operators' listener."""
        call = self._admission.begin(scope, receive, send)
        head = call.exchange.head
        host = self._operators.platform_of(head.one(b"host") or b"")
        cors = self._cors.get(head.path.split(b"/", 2)[1].decode("latin-1"))
        if cors is None and host is not None:
            cors = self._cors[host]
        if cors is not None:
            call.cors = cors.fields(head.one(b"origin"))
        try:
            operator = self._operators.admits(head, private=private)
            if page.operators and (not operator or (host is not None and not private)):
                raise DownstreamError(404, "there is no such service here")
            if cors is not None and (preflight := cors.preflight(head, page.methods)) is not None:
                call.cors = ()
                await replies.reply(call, preflight)
                return
            if head.method not in page.methods:
                allow = ((b"allow", ", ".join(page.methods).encode()),)
                raise DownstreamError(405, "this page does not know the method", fields=allow)
            if page.judges and not operator:
                self._admission.admit_to_page(call)
            body = await call.downstream.read_all(4096) if head.method == "POST" else b""
            response = await page.answer(Asked(head, body, operator, host))
            if head.method == "POST" and response.status == 404:  # a sign-in with a wrong token
                self._admission.count_failure(call)
            await replies.reply(call, response)
        except GatewayError as error:
            self._admission.count_failures(call, error)
            await replies.refuse(call, error)
        except asyncio.CancelledError:
            call.exchange.outcome.disconnected = not call.downstream.refused
            raise
        finally:
            self._accounting.close(call)

    async def _health(self, _: Asked) -> Response:
        return Response(200, b'{"status":"ok"}', (_NO_STORE,))

    async def _ready(self, asked: Asked) -> Response:
        status, body = await self._readiness.report(details=asked.operator)
        return Response(status, orjson.dumps(body), (_NO_STORE,))

    async def _whoami(self, asked: Asked) -> Response:
        return await whoami(self._chain, asked.head)

    async def _list(self, asked: Asked) -> Response:
        path = asked.head.path
        platform = asked.platform
        if path != b"/services":
            platform = path.split(b"/")[1].decode()
        return self._services.answer(
            platform,
            await self._principal(asked.head),
            by_host=path == b"/services" and platform is not None,
            known=asked.head.one(b"if-none-match"),
        )

    async def _principal(self, head: RequestHead) -> Principal | None:
        """Who asks; None where no credential was presented, 401 where none of them holds."""
        attempts = await self._chain.attempt_all(Credentials(head, ""))
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
            return dashboard.sign_in(self._operators, asked.body)
        return dashboard.show(operator=asked.operator)

    async def _data(self, _: Asked) -> Response:
        return Response(200, orjson.dumps(dashboard.numbers(self._metrics)), (_NO_STORE,))
