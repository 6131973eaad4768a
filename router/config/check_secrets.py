"""Secrets that are empty and what that disables; trust that is too wide."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.config.tree import ListNode, MapNode, Node, ScalarNode, child, maps, text, texts

if TYPE_CHECKING:
    from router.config.findings import Findings


_SHORT_TOKEN = 16


def check_secrets(findings: Findings) -> None:
    """Warnings, each with what no longer works."""
    _operators(findings)
    _issuers(findings)
    _webhook(findings)
    _upstreams(findings)
    _nobody(findings)
    _trust(findings)
    _tls(findings)


def _why(node: Node) -> str:
    """What would fill an empty value: its variables, the last default's too."""
    names = list(dict.fromkeys(node.variables)) if isinstance(node, ScalarNode | ListNode) else []
    if not names:
        return "it is empty"
    return f"{names[0]} is not set" if len(names) == 1 else f"none of {', '.join(names)} is set"


def _empty(node: Node | None) -> bool:
    return isinstance(node, ScalarNode) and node.value in {"", None}


def _operators(findings: Findings) -> None:
    token = child(findings.tree, "server", "admin_token")
    if token is not None and 0 < len(text(token)) < _SHORT_TOKEN:
        findings.warn(
            token.mark, f"an operator token under {_SHORT_TOKEN} characters can be guessed"
        )


def _issuers(findings: Findings) -> None:
    for name, issuer in maps(child(findings.tree, "auth", "issuers")):
        secret = issuer.entries.get("secret")
        if secret is None:
            mark = findings.key("auth", "issuers", name)
            findings.warn(mark, f"no token of the issuer '{name}' passes: it has no secret")
        elif _empty(secret):
            message = f"no token of the issuer '{name}' passes: {_why(secret)}"
            findings.warn(secret.mark, message)


def _webhook(findings: Findings) -> None:
    secret = child(findings.tree, "auth", "webhook", "secret")
    users = [
        name
        for _, name, settings in findings.placed()
        if "webhook" in [method for method, _ in texts(settings.entries.get("auth"))]
    ]
    if not users or (secret is not None and not _empty(secret)):
        return
    named = ", ".join(f"'{name}'" for name in dict.fromkeys(users))
    why = _why(secret) if secret else "auth.webhook has no secret"
    mark = secret.mark if secret else findings.key("services", users[0])
    findings.warn(mark, f"no webhook can call {named}: {why}")


def _upstreams(findings: Findings) -> None:
    for name, upstream in maps(findings.tree.entries.get("upstreams")):
        credentials = upstream.entries.get("credentials")
        bearer = child(credentials, "bearer")
        mint = child(credentials, "mint")
        if _empty(bearer) and bearer:
            message = f"the upstream '{name}' is called without a bearer: {_why(bearer)}"
            findings.warn(bearer.mark, message)
        for field, value in _fields(child(credentials, "header")):
            if _empty(value):
                message = f"the upstream '{name}' is called without {field}: {_why(value)}"
                findings.warn(value.mark, message)
        secret = child(mint, "secret")
        if secret and _empty(secret):
            message = f"no token can be made for the upstream '{name}': {_why(secret)}"
            findings.warn(secret.mark, message)
        if mint and bearer and not _empty(bearer):
            findings.error(mint.mark, f"'{name}' has two bearers: 'mint' and 'bearer'")


def _fields(node: Node | None) -> list[tuple[str, Node]]:
    return list(node.entries.items()) if isinstance(node, MapNode) else []


def _nobody(findings: Findings) -> None:
    for name, service in findings.services():
        subjects = service.entries.get("subjects")
        if isinstance(subjects, ListNode) and all(_empty(item) for item in subjects.items):
            findings.warn(subjects.mark, f"nobody may call '{name}': {_why(subjects)}")
    token = child(findings.tree, "server", "admin_token")
    if token and _empty(token):
        findings.warn(token.mark, f"no operator token passes: {_why(token)}")


def _trust(findings: Findings) -> None:
    for key in ("trusted_proxies", "operators"):
        for said, item in texts(child(findings.tree, "server", key)):
            if said.endswith("/0"):
                findings.warn(item.mark, f"server.{key} trusts everyone")
    listen, admin = (child(findings.tree, "server", key) for key in ("listen", "admin"))
    if admin and text(admin) and text(admin) == text(listen, "127.0.0.1:8080"):
        findings.error(admin.mark, "server.admin is server.listen: every caller would be operator")


def _tls(findings: Findings) -> None:
    for name, upstream in maps(findings.tree.entries.get("upstreams")):
        tls = upstream.entries.get("tls")
        halves = [bool(text(child(tls, half))) for half in ("certificate", "key")]
        if tls and halves[0] != halves[1]:
            findings.error(tls.mark, f"tls of '{name}' needs both a certificate and its key")
