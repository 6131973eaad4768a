"""Hands requests to the application, each in a task of its own."""

from __future__ import annotations

import asyncio
from typing import Any

from router.downstream.cycle import App, Cycle
from router.downstream.head import Head
from router.downstream.scope import Addresses, answer_asterisk, http_scope
from router.downstream.target import ASTERISK


class Dispatcher:
    """Starts the tasks of one connection; ``tasks`` is where the server keeps them all."""

    __slots__ = ("_addresses", "_app", "_app_state", "_loop", "_tasks")

    def __init__(
        self,
        app: App,
        app_state: dict[str, Any],
        tasks: set[asyncio.Task[None]],
        loop: asyncio.AbstractEventLoop,
        addresses: Addresses,
    ) -> None:
        self._app = app
        self._app_state = app_state
        self._tasks = tasks
        self._loop = loop
        self._addresses = addresses

    def start(self, head: Head, cycle: Cycle) -> None:
        """Lets the application answer ``head`` through ``cycle``."""
        app = self._app if head.path != ASTERISK else answer_asterisk
        scope = http_scope(head, self._addresses, self._app_state.copy(), cycle)
        cycle.follow(self._loop.create_task(cycle.run(app, scope)), self._tasks)
