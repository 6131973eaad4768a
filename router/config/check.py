"""What is wrong though each part by itself is right: names, reach, secrets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.config.check_later import check_later
from router.config.check_reach import check_reach
from router.config.check_references import check_references
from router.config.check_secrets import check_secrets
from router.config.check_services import check_services
from router.config.findings import Findings

if TYPE_CHECKING:
    from router.config.problems import Problem
    from router.config.tree import MapNode


def check(tree: MapNode, file: str) -> list[Problem]:
    """Every such problem of a resolved tree, also of one that the models refused."""
    findings = Findings(tree, file)
    check_references(findings)
    check_services(findings)
    check_reach(findings)
    check_secrets(findings)
    check_later(findings)
    return findings.problems
