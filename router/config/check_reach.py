"""What no request can reach, or what two things claim."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from router.config.merge import stands_on
from router.config.tree import ListNode, MapNode, Mark, child, entries, maps, texts

if TYPE_CHECKING:
    from router.config.findings import Findings

RESERVED: Final = frozenset(
    {"api", "services", "openapi.json", "docs", "whoami", "health", "ready", "metrics", "dashboard"}
)
"""First segments of the router's own pages."""


def check_reach(findings: Findings) -> None:
    """Platforms, hosts, services, aliases and well-known names."""
    _platforms(findings)
    _hosts(findings)
    _places(findings)
    taken: dict[tuple[str, str], str] = {}
    for name, service in findings.services():
        _aliases(findings, name, service, taken)
        _well_known(findings, name, service, taken)


def _platforms(findings: Findings) -> None:
    platforms = findings.names("platforms")
    for name in sorted(platforms & RESERVED):
        mark = findings.key("platforms", name)
        findings.error(mark, f"a platform can not be called '{name}': the router's own pages are")
    if not platforms and findings.names("services"):
        findings.error(findings.key("services"), "there are services but no platform to stand on")


def _hosts(findings: Findings) -> None:
    owners: dict[str, str] = {}
    for name, platform in maps(findings.tree.entries.get("platforms")):
        for said, item in texts(platform.entries.get("hosts")):
            host = said.lower().removesuffix(".")
            if host in owners:
                where = "twice here" if owners[host] == name else f"at '{owners[host]}' too"
                spoken = "this host" if item.variables else f"the host '{host}'"
                findings.error(item.mark, f"{spoken} stands {where}: its platform is not clear")
            owners.setdefault(host, name)


def _places(findings: Findings) -> None:
    for name, service in findings.services():
        said = service.entries.get("platforms")
        if isinstance(said, ListNode) and not said.items:
            findings.error(said.mark, f"'{name}' stands on no platform: nothing can reach it")
        here = stands_on(findings.tree, service)
        for platform in entries(service.entries.get("on")):
            if platform in findings.names("platforms") and platform not in here:
                mark = findings.key("services", name, "on", platform)
                findings.warn(mark, f"'{name}' does not stand on '{platform}': this has no effect")


def _aliases(
    findings: Findings, name: str, service: MapNode, taken: dict[tuple[str, str], str]
) -> None:
    hosted = _hosted(findings, service)
    for alias, item in texts(service.entries.get("aliases")):
        first, _, rest = alias.removeprefix("/").partition("/")
        if not hosted:
            findings.warn(item.mark, f"no platform of '{name}' has a host for the alias '{alias}'")
        if first in findings.names("platforms"):
            message = f"the alias '{alias}' is never reached: it starts with a platform's id"
            findings.error(item.mark, message)
        elif not first or (first in RESERVED and (first != "api" or not rest)):
            findings.error(item.mark, f"the alias '{alias}' is the router's own page")
        elif first == "api" and (other := rest.partition("/")[0]) in _services_on(findings, hosted):
            findings.error(item.mark, f"the alias '{alias}' is inside the service '{other}'")
        _claim(findings, item.mark, {(one, alias): name for one in hosted}, taken)


def _well_known(
    findings: Findings, name: str, service: MapNode, taken: dict[tuple[str, str], str]
) -> None:
    hosted = _hosted(findings, service)
    for said, item in texts(service.entries.get("well_known")):
        path = f"/.well-known/{said}"
        if said == "api-catalog" or (said.endswith("*") and "api-catalog".startswith(said[:-1])):
            findings.error(item.mark, "/.well-known/api-catalog is the router's own page")
        if not hosted:
            findings.warn(item.mark, f"no platform of '{name}' has a host for {path}")
        _claim(findings, item.mark, {(one, path): name for one in hosted}, taken)


def _claim(
    findings: Findings,
    mark: Mark,
    claims: dict[tuple[str, str], str],
    taken: dict[tuple[str, str], str],
) -> None:
    for place, name in claims.items():
        owner = taken.setdefault(place, name)
        if owner != name:
            platform, path = place
            findings.error(mark, f"'{path}' on '{platform}' belongs to '{owner}' already")


def _hosted(findings: Findings, service: MapNode) -> list[str]:
    """The platforms of a service that have hosts."""
    return [
        platform
        for platform in stands_on(findings.tree, service)
        if texts(child(findings.tree, "platforms", platform, "hosts"))
    ]


def _services_on(findings: Findings, platforms: list[str]) -> set[str]:
    return {
        name
        for name, service in findings.services()
        if set(platforms) & set(stands_on(findings.tree, service))
    }
