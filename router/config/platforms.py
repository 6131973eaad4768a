"""``platforms``: the fronts callers know."""

from __future__ import annotations

from router.config.paths import Host, Origin
from router.config.values import Strict


class Platform(Strict):
    """One platform: a first path segment on any host, and hosts of its own."""

    title: str = ""
    """What people call it."""

    hosts: tuple[Host, ...] = ()
    """Hosts where /api/<service> is this platform's; ``*.`` stands for one or more labels."""

    origins: tuple[Origin, ...] = ()
    """Web origins beside its own hosts that may call it from a browser."""

    billing: str = ""
    """The billing model, told in listings."""
