"""How a request found its service, and in other words why it found none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.config.problems import did_you_mean
from router.hosts import HostTable

if TYPE_CHECKING:
    from router.config.models import Config
    from router.config.services import Service
    from router.exchange import RequestHead
    from router.phases.call import Call
    from router.phases.service import Service as Compiled


def route(call: Call, service: Compiled) -> dict[str, object]:
    """The matched service, and by which of its forms it was called."""
    return {
        "platform": service.info.platform,
        "service": service.info.service,
        "title": service.info.title,
        "matched": _matched(call.base.decode("latin-1"), service),
    }


def _matched(base: str, service: Compiled) -> str:
    platform, name = service.labels
    if base == f"/{platform}/api/{name}":
        return "path"
    if base == f"/api/{name}":
        return "host"
    return f"alias {base}" if base else "well-known"


def why_none(config: Config, head: RequestHead) -> str:
    """What of the path or the host leads nowhere; the router itself tells callers no more than 404.

    Empty where the table has no fault to find with either.
    """
    path = head.path.decode("latin-1")
    parts = path.split("/", 4)
    if len(parts) < 2:
        return ""
    if parts[1] in config.platforms:
        return _by_path(config, parts)
    table = HostTable((host, name) for name, one in config.platforms.items() for host in one.hosts)
    host = head.one(b"host") or b""
    platform = table.find(host)
    if platform is None:
        hint = did_you_mean(parts[1], config.platforms)
        shown = ascii(host.decode("latin-1"))
        return _joined(f"no platform is called {parts[1]!a}, and none has the host {shown}", hint)
    return _by_host(config, platform, path, parts)


def _by_path(config: Config, parts: list[str]) -> str:
    if len(parts) < 4 or parts[2] != "api":
        return f"services of {parts[1]} stand at /{parts[1]}/api/<service>"
    return _of_service(config, parts[1], parts[3], "/" + parts[4] if len(parts) > 4 else "")


def _by_host(config: Config, platform: str, path: str, parts: list[str]) -> str:
    own = [one for where, name in config.table if where == platform
           for one in config.services[name].aliases]  # fmt: skip
    for alias in own:
        if path == alias or path.startswith(f"{alias}/"):
            name = next(n for n, one in config.services.items() if alias in one.aliases)
            return _of_service(config, platform, name, path[len(alias) :])
    if len(parts) > 2 and parts[1] == "api":
        return _of_service(config, platform, parts[2], path[5 + len(parts[2]) :])
    also = ", ".join(sorted(own)) or "no aliases"
    return f"on {platform}'s host there are /api/<service> and {also}"


def _of_service(config: Config, platform: str, name: str, rest: str) -> str:
    settings = config.table.get((platform, name))
    if settings is None:
        return _missing(config, platform, name)
    if settings.paths is None:
        return ""
    there = ", ".join(f"{where} [{' '.join(how)}]" for where, how in settings.paths.items())
    return f"{name} has no {rest or '/'!a}, but {there}"


def _missing(config: Config, platform: str, name: str) -> str:
    known: Service | None = config.services.get(name)
    if known is None:
        here = [service for where, service in config.table if where == platform]
        return _joined(f"no service is called {name!a}", did_you_mean(name, here))
    return f"{name} is not on {platform}, but on {', '.join(known.platforms or ())}"


def _joined(said: str, hint: str) -> str:
    return f"{said}; {hint}" if hint else said
