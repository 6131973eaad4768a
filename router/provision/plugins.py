"""Plugins from the configuration: found, checked, made once a service entry."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from router.config.problems import ConfigProblems
from router.plugin import Hooks, Plugin, PluginContext, PluginError, compile_hooks, find
from router.telemetry.logs import where

if TYPE_CHECKING:
    from pathlib import Path

    import httpx

    from router.config.models import Config, PluginEntry


_log = logging.getLogger(__name__)


class Plugins:
    """Every plugin of a configuration, and the hooks each service runs."""

    def __init__(self, config: Config, folder: Path) -> None:
        self._made: list[tuple[PluginEntry, Plugin[Any]]] = []
        self._running: list[Plugin[Any]] = []
        for number, entry in enumerate(config.plugins):
            try:
                found = find(entry.name, folder)
                options = found.Options.model_validate(entry.options)
            except PluginError as error:
                problem = config.problem(str(error), "plugins", number, "name")
                raise ConfigProblems([problem]) from error
            except ValidationError as error:
                raise ConfigProblems(
                    [
                        config.problem(
                            f"plugin {entry.name}: {one['msg']}",
                            "plugins",
                            number,
                            "options",
                            *one["loc"],
                        )
                        for one in error.errors(include_input=False)
                    ]
                ) from error
            self._made.append((entry, found(options)))

    def hooks(self, service: str, answers: str) -> Hooks:
        """The hooks of the plugins that work in ``service``; ``answers``: the one it belongs to."""
        return compile_hooks(
            [
                plugin
                for entry, plugin in self._made
                if entry.name == answers or entry.services is None or service in entry.services
            ]
        )

    async def startup(self) -> None:
        """Starts each in order; the first that fails stops the start."""
        for entry, plugin in self._made:
            self._running.append(plugin)
            await plugin.startup(
                PluginContext(entry.name, logging.getLogger(f"plugin.{entry.name}"), _client)
            )

    async def shutdown(self) -> None:
        """Stops those that were started, in reverse order."""
        while self._running:
            plugin = self._running.pop()
            try:
                await plugin.shutdown()
            except Exception as error:  # noqa: BLE001  one that fails must not keep the others
                _log.error("plugin %s: shutdown failed: %s", plugin.name, where(error))


def _client() -> httpx.AsyncClient:
    import httpx  # noqa: PLC0415  0.6 s of CPU that most deployments never need

    return httpx.AsyncClient(timeout=10.0)
