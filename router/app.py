"""The ASGI application: the router's own pages by exact path, everything else to the gateway."""

from __future__ import annotations

import logging
import os
from typing import TYPE_CHECKING

from router.config.load import load
from router.provision.router import Router, provision
from router.telemetry.logs import LogWriter

if TYPE_CHECKING:
    from collections.abc import Awaitable, Mapping
    from pathlib import Path

    from router.downstream.asgi import Receive, Scope, Send

_log = logging.getLogger(__name__)


class App:
    """What uvicorn runs. ``private`` marks the second listener, where everybody is an operator."""

    def __init__(self, router: Router, *, private: bool = False) -> None:
        self.router = router
        self.private = private

    def __call__(self, scope: Scope, receive: Receive, send: Send) -> Awaitable[None]:
        """Dispatches by scope type and exact raw path.

        What it gives is awaited by the server itself: one frame less for each await of a request.
        """
        if scope["type"] == "lifespan":
            return self._lifespan(receive, send)
        page = self.router.pages.at(scope["raw_path"])
        if page is None:
            return self.router.gateway(scope, receive, send)
        return self.router.pages.serve(page, scope, private=self.private)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        await receive()
        try:
            await self.router.startup()
        except Exception as error:  # noqa: BLE001  whatever it is, the server is told that it failed
            _log.exception("start failed")
            await self.router.shutdown()
            await send({"type": "lifespan.startup.failed", "message": str(error)})
            return
        await send({"type": "lifespan.startup.complete"})
        await receive()
        await self.router.shutdown()
        await send({"type": "lifespan.shutdown.complete"})


def create_app(config: Path, environment: Mapping[str, str] | None = None) -> App:
    """The application of one configuration file, for whoever runs the server themselves.

    Raises ConfigProblems. The server must be started with ``router.downstream.protocol``: what it
    refuses (ambiguous framing, slow heads) is not looked for again here, and requests are answered
    through it, not through ASGI's ``receive`` and ``send``: what wraps those sees nothing.
    """
    loaded = load(config, os.environ if environment is None else environment)
    return App(provision(loaded, LogWriter(), config.resolve().parent.parent / "plugins"))
