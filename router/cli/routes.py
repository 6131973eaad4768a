"""``router routes``: the table that a config file makes, defaults and platforms resolved."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import orjson

from router.cli.check import read

if TYPE_CHECKING:
    from pathlib import Path

    from router.config.models import Config
    from router.config.services import ServiceSettings

COLUMNS = (
    "platform", "service", "methods", "path", "upstream", "auth", "limits", "privacy", "masking",
)  # fmt: skip


def routes(config: Path, *, as_json: bool = False) -> int:
    """Prints the table, one line for each service on each platform; the exit code."""
    found = read(config, sys.stderr)
    if isinstance(found, int):
        return found
    rows = [row(found, platform, service) for platform, service in sorted(found.table)]
    if as_json:
        print(orjson.dumps(rows, option=orjson.OPT_INDENT_2).decode())
    else:
        print(table(rows))
    return 0


def row(config: Config, platform: str, service: str) -> dict[str, Any]:
    """One line: what holds for a service on a platform. No secret, no target."""
    settings = config.table[platform, service]
    counted = "address" if settings.counts_addresses else "principal"
    entry = config.services[service]
    return {
        "platform": platform,
        "service": service,
        "methods": _methods(settings),
        "path": f"/{platform}/api/{service}",
        "aliases": [*entry.aliases, *(f"/.well-known/{name}" for name in entry.well_known)],
        "hosts": list(config.platforms[platform].hosts),
        "upstream": settings.upstream or f"plugin {settings.plugin}",
        "upstream_path": settings.path,
        "auth": list(settings.auth),
        "scopes": list(settings.scopes),
        "limits": [str(rate) for rate in settings.rate_limits],
        "limit_by": counted,
        "privacy": settings.privacy.mode,
        "masking": settings.masking.enabled,
    }


def _methods(settings: ServiceSettings) -> list[str]:
    if settings.paths is None:
        return list(settings.methods)
    return list(dict.fromkeys(one for methods in settings.paths.values() for one in methods))


def table(rows: list[dict[str, Any]]) -> str:
    """The rows as aligned text under a line of headings."""
    lines = [[name.upper() for name in COLUMNS]]
    lines += [[_cell(one, name) for name in COLUMNS] for one in rows]
    widths = [max(len(line[at]) for line in lines) for at in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
        for line in lines
    )


def _cell(one: dict[str, Any], name: str) -> str:
    value = one[name]
    if name == "upstream":
        return f"{value}{one['upstream_path']}" if not value.startswith("plugin ") else str(value)
    if name == "auth":
        return ",".join(value) or "open"
    if name == "limits" and value and one["limit_by"] == "address":
        return f"{','.join(value)} by address"
    if name == "masking":
        return "on" if value else "off"
    return (",".join(value) if isinstance(value, list) else str(value)) or "-"
