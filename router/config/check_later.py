"""What a file may say although this version does not do it: told at once, never ignored."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.config.tree import child, text

if TYPE_CHECKING:
    from router.config.findings import Findings

_LATER = (
    (("auth", "bearer", "opaque"), "", "no opaque token passes: this version looks none up"),
    (
        ("stores", "on_failure", "redis"),
        "local",
        "limits are kept in this process: there is no Redis yet that could fail",
    ),
)


def check_later(findings: Findings) -> None:
    """Warnings for what has no effect yet."""
    for path, off, message in _LATER:
        node = child(findings.tree, *path)
        if node is not None and text(node) not in ("", off):
            findings.warn(node.mark, message)
