"""Settings of a service that do not go together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.config.tree import ListNode, MapNode, Mark, Node, ScalarNode, child, text, truth

if TYPE_CHECKING:
    from router.config.findings import Findings


def check_services(findings: Findings) -> None:
    """Each service on each of its platforms."""
    for _, name, settings in findings.placed():
        _answers(findings, name, settings)
        _privacy(findings, name, settings)
        _paths(findings, settings)
        if _is_empty(settings.entries.get("auth")):
            _open(findings, settings)


def _answers(findings: Findings, name: str, settings: MapNode) -> None:
    upstream, plugin = settings.entries.get("upstream"), settings.entries.get("plugin")
    if not text(upstream) and not text(plugin):
        mark = findings.key("services", name)
        findings.error(mark, f"nothing answers '{name}': it has no upstream and no plugin")
    if text(upstream) and text(plugin):
        mark = _mark(plugin)
        findings.error(mark, f"'{name}' has an upstream and a plugin that answers in its place")


def _privacy(findings: Findings, name: str, settings: MapNode) -> None:
    mode = child(settings, "privacy", "mode")
    restores = text(mode, "restore" if mode is None else "") == "restore"
    if restores and truth(settings.entries.get("stores")):
        findings.error(
            findings.key("services", name, "stores"),
            f"'{name}' only stores what it is sent: privacy has no answer to restore in",
            "mode 'replace' stores placeholders, 'off' the true values",
        )


def _paths(findings: Findings, settings: MapNode) -> None:
    if "paths" in settings.entries and "methods" in settings.entries:
        mark = _mark(settings.entries["methods"])
        findings.error(mark, "'methods' and 'paths' both say what may be called: keep one")


def _open(findings: Findings, settings: MapNode) -> None:
    """An open service knows nobody: what asks who calls can never be met."""
    for key in ("scopes", "subjects"):
        node = settings.entries.get(key)
        if isinstance(node, ListNode) and (node.items or key == "subjects"):
            message = f"'{key}' on an open service (auth: []) lets nobody in"
            findings.error(node.mark, message, "name the auth methods")


def _is_empty(node: Node | None) -> bool:
    return isinstance(node, ListNode) and not node.items


def _mark(node: Node | None) -> Mark:
    assert isinstance(node, ScalarNode | ListNode | MapNode)
    return node.mark
