"""Names that name nothing, and things that nothing names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.config.problems import did_you_mean
from router.config.tree import ListNode, child, entries, maps, text, texts

if TYPE_CHECKING:
    from router.config.findings import Findings


def check_references(findings: Findings) -> None:
    """Every reference from one part of the file to another."""
    _auth(findings)
    _services(findings)
    _plugins(findings)
    _unused(findings)


def _auth(findings: Findings) -> None:
    auth = findings.tree.entries.get("auth")
    issuers = findings.names("auth", "issuers")
    services = findings.names("services")
    for method in ("cookie", "bearer"):
        findings.dangling(child(auth, method, "issuers"), "issuer", issuers)
    for _, issuer in maps(child(auth, "issuers")):
        findings.dangling(issuer.entries.get("services"), "service", services)


def _services(findings: Findings) -> None:
    platforms = findings.names("platforms")
    upstreams = findings.names("upstreams")
    plugins = _plugin_names(findings)
    for name, service in findings.services():
        findings.dangling(service.entries.get("platforms"), "platform", platforms)
        for said in entries(service.entries.get("on")):
            if said not in platforms:
                mark = findings.key("services", name, "on", said)
                findings.error(
                    mark, f"there is no platform '{said}'", did_you_mean(said, platforms)
                )
        for settings in (service, *(node for _, node in maps(service.entries.get("on")))):
            findings.dangling(settings.entries.get("upstream"), "upstream", upstreams)
            findings.dangling(settings.entries.get("plugin"), "entry under plugins for", plugins)


def _plugin_names(findings: Findings) -> set[str]:
    plugins = findings.tree.entries.get("plugins")
    items = plugins.items if isinstance(plugins, ListNode) else ()
    return {text(child(item, "name")) for item in items}


def _plugins(findings: Findings) -> None:
    plugins = findings.tree.entries.get("plugins")
    services = findings.names("services")
    for item in plugins.items if isinstance(plugins, ListNode) else ():
        findings.dangling(child(item, "services"), "service", services)


def _unused(findings: Findings) -> None:
    used = {text(settings.entries.get("upstream")) for _, _, settings in findings.placed()}
    for name in sorted(findings.names("upstreams") - used):
        findings.warn(findings.key("upstreams", name), f"no service uses the upstream '{name}'")
    auth = findings.tree.entries.get("auth")
    named = {
        said for method in ("cookie", "bearer") for said, _ in texts(child(auth, method, "issuers"))
    }
    for name in sorted(findings.names("auth", "issuers") - named):
        mark = findings.key("auth", "issuers", name)
        findings.warn(mark, f"neither cookie nor bearer takes tokens of the issuer '{name}'")
    _unused_recognisers(findings)


def _unused_recognisers(findings: Findings) -> None:
    recognisers = child(findings.tree, "privacy", "recognisers")
    if not isinstance(recognisers, ListNode) or not recognisers.items:
        return
    wanted: set[str] = set()
    for _, _, settings in findings.placed():
        privacy = settings.entries.get("privacy")
        if text(child(privacy, "mode")) != "off":
            said = child(privacy, "entities")
            wanted |= {"default"} if said is None else {one for one, _ in texts(said)}
    for item in () if "default" in wanted else recognisers.items:
        entity = text(child(item, "entity"))
        if entity and entity not in wanted:
            findings.warn(item.mark, f"no service looks for the recogniser's '{entity}'")
