"""The listeners of one process: opened together, drained together, ended with 0."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import uvicorn

from router.app import App
from router.downstream.limits import ProtocolLimits
from router.downstream.protocol import http_protocol
from router.provision.router import Router

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Listen:
    """Where to listen, and TLS towards callers if a balancer does not do it."""

    host: str
    port: int
    certificate: str = ""
    key: str = ""


class _Listener(uvicorn.Server):
    """uvicorn without its signal handling: one handler of ours ends all listeners."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.listening = asyncio.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Tells when connections are taken."""
        await super().startup(sockets)
        self.listening.set()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves signals to :class:`Serving`."""
        yield


class Serving:
    """Runs ``router`` until it is stopped. ``addresses`` are known once ``started`` was called."""

    def __init__(
        self,
        router: Router,
        listen: Listen,
        admin: Listen | None = None,
        limits: ProtocolLimits | None = None,
        started: Callable[[list[tuple[str, int]]], None] | None = None,
    ) -> None:
        self._router = router
        self._started = started
        self._limits = limits or ProtocolLimits()
        self._sockets = [_bound(one) for one in (listen, admin) if one is not None]
        self._listeners = [self._listener(App(router), listen)]
        if admin is not None:
            self._listeners.append(self._listener(App(router, private=True), admin))

    def _listener(self, app: App, listen: Listen) -> _Listener:
        config = uvicorn.Config(
            app,
            http=http_protocol(self._limits, self._router.on_reject),  # type: ignore[arg-type]
            lifespan="off",  # the router's parts outlive the last request of every listener
            interface="asgi3",
            proxy_headers=False,  # it would believe X-Forwarded-For of any local peer
            server_header=False,
            date_header=False,
            access_log=False,
            log_config=None,
            ws="none",
            timeout_graceful_shutdown=int(self._router.drain) or 1,
            ssl_certfile=listen.certificate or None,
            ssl_keyfile=listen.key or None,
        )
        return _Listener(config)

    async def run(self) -> None:
        """Serves until SIGTERM, SIGINT or :meth:`stop`; then drains."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(ValueError, RuntimeError):  # not in the main thread
                loop.add_signal_handler(number, self.stop)
        with contextlib.suppress(ValueError, RuntimeError):
            # Unhandled, it would end the process: operators send it to have files read again.
            loop.add_signal_handler(signal.SIGHUP, _log.warning, "SIGHUP: nothing is read again")
        try:
            await self._start()
            await self._serve()
        finally:
            await self._router.shutdown()

    async def _start(self) -> None:
        try:
            await self._router.startup()
        except Exception as error:
            _log.exception("start failed")
            for bound in self._sockets:
                bound.close()
            raise SystemExit(1) from error

    async def _serve(self) -> None:
        main, *others = self._listeners
        tasks = [asyncio.create_task(main.serve(sockets=[self._sockets[0]]))]
        heard = asyncio.create_task(main.listening.wait())
        await asyncio.wait((heard, tasks[0]), return_when=asyncio.FIRST_COMPLETED)
        heard.cancel()
        if not main.started:
            raise SystemExit(1)
        for listener, bound in zip(others, self._sockets[1:], strict=True):
            tasks.append(asyncio.create_task(listener.serve(sockets=[bound])))
        if self._started:
            self._started([bound.getsockname()[:2] for bound in self._sockets])
        await asyncio.gather(*tasks)

    def stop(self) -> None:
        """Begins to drain: not ready any more, requests under way finish, new ones go elsewhere."""
        self._router.readiness.draining = True
        for listener in self._listeners:
            listener.should_exit = True


def _bound(listen: Listen) -> socket.socket:
    """A socket of its own, bound before anything else starts, so that a taken port says so."""
    family = socket.AF_INET6 if ":" in listen.host else socket.AF_INET
    bound = socket.socket(family, socket.SOCK_STREAM)
    bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        bound.bind((listen.host, listen.port))
    except OSError:
        bound.close()
        raise
    bound.set_inheritable(True)
    return bound
