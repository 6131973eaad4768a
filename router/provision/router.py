"""One router: every part made and joined, started and ended in order."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING

from router.discovery.services import ServiceList
from router.downstream.asgi import BodyMemory
from router.errors import GatewayError, InternalError
from router.gateway import Gateway
from router.limits.memory import MemoryLimiter
from router.limits.policy import Rule
from router.operate.operators import Operators
from router.operate.ready import Readiness
from router.pages import Pages
from router.phases.accounting import Accounting
from router.phases.admission import Admission
from router.phases.inbound import Inbound
from router.phases.outbound import Outbound
from router.phases.pseudonyms import Pseudonyms
from router.phases.sessions import Sessions
from router.provision.chains import Chains
from router.provision.derived import derived
from router.provision.plugins import Plugins
from router.provision.privacy import Privacy
from router.provision.services import Compiler
from router.stores.keys import SqliteKeys
from router.telemetry.metrics import Metrics

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from router.config.models import Config
    from router.phases.service import Service
    from router.routes import Routes
    from router.telemetry.logs import LogWriter
    from router.upstream.upstream import Upstream

_log = logging.getLogger(__name__)

NOTE_SECONDS = 10.0
"""How often it is written when keys were last used."""

PRIVACY_PATIENCE = 60.0
"""Seconds the analyzer may take to load before it is told as a fault."""


@dataclass(frozen=True, slots=True, repr=False)
class Router:
    """The parts that the application, the listeners and the command line need."""

    gateway: Gateway
    pages: Pages
    readiness: Readiness
    metrics: Metrics
    writer: LogWriter
    drain: float
    upstreams: tuple[Upstream, ...]
    plugins: Plugins
    privacy: Privacy
    chains: Chains
    keys: SqliteKeys
    tasks: list[asyncio.Task[None]]

    async def startup(self) -> None:
        """Opens what needs a running loop; the analyzer loads beside, `/ready` waits for it."""
        for upstream in self.upstreams:
            await upstream.startup()
        await self.plugins.startup()
        await self.privacy.startup(self.readiness)
        self.tasks.append(asyncio.create_task(self._note_key_uses()))

    async def _note_key_uses(self) -> None:
        while True:
            await asyncio.sleep(NOTE_SECONDS)
            await self._note_once()

    async def _note_once(self) -> None:
        try:
            await self.chains.settle()
        except InternalError as error:
            _log.warning("the use of keys could not be noted: %s", error.detail)

    async def settled(self) -> None:
        """Returns when nothing is starting any more."""
        await self.privacy.until_ready(PRIVACY_PATIENCE)

    async def shutdown(self) -> None:
        """Ends everything in reverse order, also after a start that failed half-way."""
        for task in self.tasks:
            task.cancel()
        await self._note_once()
        await self.privacy.shutdown()
        await self.plugins.shutdown()
        for upstream in self.upstreams:
            await upstream.close()
        await self.keys.close()

    def on_reject(self, error: GatewayError, request_id: str, peer: str) -> None:
        """Counts a request that was refused before it could be read, and says why."""
        self.metrics.requests.add(("other", "other", "other", str(error.status)))
        self.writer.write(
            "rejected",
            request_id=request_id,
            status=error.status,
            code=error.code,
            detail=error.detail,
            client=peer,
        )


def provision(
    config: Config, writer: LogWriter, plugin_folder: Path, *, read_only: bool = False
) -> Router:
    """The router of ``config``. Raises ConfigProblems for what only its parts can know.

    ``read_only``: its stores write nothing; for looking at a router, not for serving.
    """
    metrics = Metrics()
    keys = SqliteKeys(config.stores.file("keys"), read_only=read_only)
    chains = Chains(config.auth, keys)
    plugins = Plugins(config, plugin_folder)
    privacy = Privacy(config)
    compiler = Compiler(config, chains, privacy, plugins.hooks, _counting(metrics))
    upstreams = tuple(compiler.upstreams.values())
    names = Pseudonyms(derived(config, b"pseudonyms"))
    accounting = Accounting(metrics, writer, names)
    _watch(metrics, upstreams, writer, accounting)
    principals = MemoryLimiter()
    routes = compiler.routes()
    sessions = Sessions()
    admission = _admission(config, compiler, routes, principals, accounting, sessions)
    readiness = _readiness(config, keys, upstreams)
    return Router(
        gateway=Gateway(
            admission,
            Inbound(metrics, config.server.max_inspected_body, names),
            Outbound(metrics, sessions),
            accounting,
        ),
        pages=Pages(
            services=ServiceList(list(compiler.services.values()), principals),
            chain=chains.chain(config.defaults.auth),
            operators=_operators(config, routes),
            readiness=readiness,
            metrics=metrics,
            admission=admission,
            accounting=accounting,
            platforms=compiler.cors,
        ),
        readiness=readiness,
        metrics=metrics,
        writer=writer,
        drain=config.server.drain,
        upstreams=upstreams,
        plugins=plugins,
        privacy=privacy,
        chains=chains,
        keys=keys,
        tasks=[],
    )


def _admission(
    config: Config,
    compiler: Compiler,
    routes: Routes[Service],
    principals: MemoryLimiter,
    accounting: Accounting,
    sessions: Sessions,
) -> Admission:
    return Admission(
        routes=routes,
        cors=compiler.cors,
        addresses=MemoryLimiter(),
        principals=principals,
        failures=_failures(config),
        trusted=config.server.trusted_proxies,
        memory=BodyMemory(config.server.body_memory),
        accounting=accounting,
        sessions=sessions,
    )


def _operators(config: Config, routes: Routes[Service]) -> Operators:
    return Operators(
        token=config.server.admin_token.get_secret_value().encode(),
        networks=config.server.operators,
        platform_of=routes.platform_of,
    )


def _readiness(config: Config, keys: SqliteKeys, upstreams: tuple[Upstream, ...]) -> Readiness:
    readiness = Readiness(needs=frozenset(config.server.ready_needs))
    readiness.stores["keys"] = keys.up
    for upstream in upstreams:
        readiness.checks[f"upstream {upstream.name}"] = _is_up(upstream)
    return readiness


def _watch(
    metrics: Metrics,
    upstreams: tuple[Upstream, ...],
    writer: LogWriter,
    accounting: Accounting,
) -> None:
    """Numbers that others keep, read when they are asked for."""
    metrics.gauge(
        "router_upstream_up", "Whether a target takes calls", ("upstream", "target"),
        lambda: _targets(upstreams),
    )  # fmt: skip
    metrics.lost_lines.read = lambda: (
        (("request",), accounting.dropped),
        (("any",), writer.dropped),
    )


def _failures(config: Config) -> Rule:
    rate = config.server.auth_failures
    return Rule("auth-failures", rate.count, rate.period, name="auth-failures")


def _counting(metrics: Metrics) -> Callable[[str, str], None]:
    return lambda upstream, error: metrics.upstream_errors.add((upstream, error))


def _is_up(upstream: Upstream) -> Callable[[], bool]:
    return lambda: any(target.up for target in upstream.targets)


def _targets(upstreams: tuple[Upstream, ...]) -> Iterator[tuple[tuple[str, str], float]]:
    for upstream in upstreams:
        for target in upstream.targets:
            yield (upstream.name, target.target), float(target.up)
