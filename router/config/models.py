"""The whole of a config: what may be said, and every default."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from pydantic import Field, PrivateAttr

from router.config.auth import Auth
from router.config.masking import Masking
from router.config.platforms import Platform
from router.config.privacy import Privacy
from router.config.problems import Problem
from router.config.server import Server
from router.config.services import Service, ServicePolicy, ServiceSettings
from router.config.stores import Stores
from router.config.tree import MapNode, Mark, mark_at
from router.config.upstreams import Upstream
from router.config.values import Brand, Name, Strict


class PluginEntry(Strict):
    """One plugin at work."""

    name: Name
    """Its file in plugins/ without the .py, or its entry point."""

    options: dict[str, object] = Field(default_factory=dict)
    """What the plugin itself understands."""

    services: tuple[str, ...] | None = None
    """Where it works; in every service where nothing is said."""


class Config(Strict):
    """A config file, merged and checked.

    ``services`` have ``defaults`` merged in; :attr:`table` has ``on`` too.
    """

    brand: Brand = "onasis"
    """The name that stands where a vendor's stood."""

    server: Server = Server()
    """The listener, whom it trusts, what it bounds."""

    stores: Stores = Stores()
    """Where keys, users, tokens and counters are."""

    auth: Auth = Auth()
    """How callers prove who they are."""

    upstreams: dict[Name, Upstream] = Field(default_factory=dict)
    """Where requests go."""

    platforms: dict[Name, Platform] = Field(default_factory=dict)
    """The fronts callers know."""

    masking: Masking = Masking()
    """Vendor names, for every service that masks."""

    privacy: Privacy = Privacy()
    """What is looked for, for every service that looks."""

    defaults: ServicePolicy = ServicePolicy()
    """What holds for a service that says nothing else."""

    services: dict[Name, Service] = Field(default_factory=dict)
    """What callers call."""

    plugins: tuple[PluginEntry, ...] = ()
    """Plugins, in the order they see a request."""

    _file: str = PrivateAttr(default="")
    _tree: MapNode | None = PrivateAttr(default=None)
    _table: dict[tuple[str, str], ServiceSettings] = PrivateAttr(default_factory=dict)
    _warnings: tuple[Problem, ...] = PrivateAttr(default=())

    @property
    def table(self) -> Mapping[tuple[str, str], ServiceSettings]:
        """Every (platform, service) there is, with all that holds for it there."""
        return MappingProxyType(self._table)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """What is odd but did not stop the loading."""
        return self._warnings

    def problem(self, message: str, *path: str | int, hint: str = "") -> Problem:
        """A problem found after loading, at ``path`` of the file: a plugin's wrong option."""
        mark = mark_at(self._tree, path) if self._tree else Mark(1, 1)
        return Problem(self._file, mark.line, mark.column, message, hint)
