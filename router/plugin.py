"""Plugins: five hooks around the fixed phases, found by name, checked before the first request.

A plugin is one file in ``plugins/`` (or an entry point ``router.plugins``) with one subclass of
:class:`Plugin`. Only the hooks it overrides are compiled into a service; what it does not
override costs nothing. No plugin can bring back what redaction or masking took out: redaction
runs after ``on_request_body``, the text pass after every ``response_filter``.
"""

from __future__ import annotations

import difflib
import importlib.util
import inspect
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.metadata import entry_points
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Generic, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict

if TYPE_CHECKING:
    import httpx

    from router.body.filters import BodyFilter
    from router.exchange import Exchange, Response, ResponseHead


class PluginOptions(BaseModel):
    """What a plugin may be told in the configuration: strict, frozen, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


OptionsT = TypeVar("OptionsT", bound=PluginOptions)


class PluginError(Exception):
    """A plugin that cannot be used; stops the start."""


@dataclass(frozen=True, slots=True)
class PluginContext:
    """What a plugin may use: nothing global. ``http`` makes the one client the plugin closes."""

    name: str
    logger: logging.Logger
    http: Callable[[], httpx.AsyncClient]


class Plugin(Generic[OptionsT]):
    """One instance per service entry; it holds no state of a request on itself.

    ``name`` is how the configuration calls it, ``Options`` what may stand under ``options``.
    """

    name: ClassVar[str] = ""
    Options: ClassVar[type[PluginOptions]] = PluginOptions

    def __init__(self, options: OptionsT) -> None:
        self.options = options

    async def startup(self, context: PluginContext) -> None:
        """Before the first request; an exception stops the start."""

    async def shutdown(self) -> None:
        """After the last request, in reverse order; also after a start that failed half-way."""

    async def on_request(self, exchange: Exchange) -> Response | None:
        """After limits, before the body is read; an answer ends the request here."""

    async def on_request_body(self, exchange: Exchange, body: bytes) -> bytes:  # noqa: ARG002  for who overrides it
        """The whole request body, before redaction; overriding it buffers the bodies."""
        return body

    async def on_response(self, exchange: Exchange, response: ResponseHead) -> None:
        """The upstream's head, after the allow-list and before masking; may be changed."""

    def response_filter(self, exchange: Exchange, response: ResponseHead) -> BodyFilter | None:
        """A filter for this answer's decoded body, before masking; None: leave it."""

    def on_complete(self, exchange: Exchange) -> None:
        """Once, after the answer ended in any way; outside the request."""


_HOOKS = ("on_request", "on_request_body", "on_response", "response_filter", "on_complete")
_KNOWN = frozenset({*_HOOKS, "startup", "shutdown"})

OnRequest: TypeAlias = "Callable[[Exchange], Awaitable[Response | None]]"
OnRequestBody: TypeAlias = "Callable[[Exchange, bytes], Awaitable[bytes]]"
OnResponse: TypeAlias = "Callable[[Exchange, ResponseHead], Awaitable[None]]"
ResponseFilter: TypeAlias = "Callable[[Exchange, ResponseHead], BodyFilter | None]"
OnComplete: TypeAlias = "Callable[[Exchange], None]"


@dataclass(frozen=True, slots=True)
class Hooks:
    """The overridden hooks of one service's plugins, in the order in which they run."""

    on_request: tuple[OnRequest, ...] = ()
    on_request_body: tuple[OnRequestBody, ...] = ()
    on_response: tuple[OnResponse, ...] = ()
    response_filter: tuple[ResponseFilter, ...] = ()
    on_complete: tuple[OnComplete, ...] = ()


def compile_hooks(plugins: Sequence[Plugin[Any]]) -> Hooks:
    """Inwards in the order of the configuration, outwards in reverse."""

    def overridden(hook: str, chain: Iterable[Plugin[Any]]) -> tuple[Any, ...]:
        return tuple(
            getattr(plugin, hook)
            for plugin in chain
            if getattr(type(plugin), hook) is not getattr(Plugin, hook)
        )

    return Hooks(
        on_request=overridden("on_request", plugins),
        on_request_body=overridden("on_request_body", plugins),
        on_response=overridden("on_response", plugins[::-1]),
        response_filter=overridden("response_filter", plugins[::-1]),
        on_complete=overridden("on_complete", plugins),
    )


def verify(plugin: type[Plugin[Any]]) -> None:
    """Raises PluginError for a plugin without a name or with a hook nobody would call."""
    if not plugin.name:
        raise PluginError(f"plugin class {plugin.__name__} has no name")
    for attribute, value in vars(plugin).items():
        if not callable(value) or attribute.startswith("_") or attribute in _KNOWN:
            continue
        meant = difflib.get_close_matches(attribute, _KNOWN, n=1, cutoff=0.75)
        if attribute.startswith("on_") or meant:
            hint = f"; did you mean {meant[0]}?" if meant else ""
            raise PluginError(f"plugin {plugin.name}: no hook is called {attribute}{hint}")
    for hook in ("on_request", "on_request_body", "on_response", "startup", "shutdown"):
        if not inspect.iscoroutinefunction(getattr(plugin, hook)):
            raise PluginError(f"plugin {plugin.name}: {hook} must be an async function")


def find(name: str, folder: Path) -> type[Plugin[Any]]:
    """The plugin called ``name``: ``folder/<name>.py`` or an entry point ``router.plugins``.

    Raises PluginError where there is none, or where what is found is not a plugin of that name.
    """
    path = folder / f"{name}.py"
    if name.isidentifier() and path.is_file():
        candidates = _classes_of(path)
    else:
        candidates = [
            point.load() for point in entry_points(group="router.plugins") if point.name == name
        ]
    for candidate in candidates:
        if candidate.name == name:
            verify(candidate)
            return candidate
    raise PluginError(f"no plugin {name!r}: neither {folder.name}/{name}.py nor an entry point")


def _classes_of(path: Path) -> list[type[Plugin[Any]]]:
    spec = importlib.util.spec_from_file_location(f"router_plugin_{path.stem}", path)
    if spec is None or spec.loader is None:
        raise PluginError(f"plugin file {path.name} cannot be read")
    module = importlib.util.module_from_spec(spec)
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        raise PluginError(f"plugin file {path.name}: {type(error).__name__}: {error}") from error
    return [
        value
        for value in vars(module).values()
        if inspect.isclass(value) and issubclass(value, Plugin) and value.__module__ == spec.name
    ]
