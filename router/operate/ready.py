"""Readiness: 503 only while this process cannot serve; a dead dependency is told, not obeyed.

One dead upstream must not take every replica out of the balancer (interface.md, Paths).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable


@dataclass(slots=True)
class Readiness:
    """``loading``: parts and whether they still load; ``checks``: dependencies and whether up."""

    loading: dict[str, Callable[[], bool]] = field(default_factory=dict)
    draining: bool = False
    checks: dict[str, Callable[[], bool]] = field(default_factory=dict)
    stores: dict[str, Callable[[], Awaitable[bool]]] = field(default_factory=dict)
    needs: frozenset[str] = frozenset()

    async def report(self, *, details: bool) -> tuple[int, dict[str, object]]:
        """Status and body of ``/ready``; ``details`` for operators."""
        down = sorted(name for name, up in self.checks.items() if not up())
        lost = [name for name, up in self.stores.items() if not await up()]
        down += [f"store {name}" for name in lost]
        starting = sorted(name for name, loads in self.loading.items() if loads())
        if starting or self.draining:
            status, word = 503, "draining" if self.draining else "starting"
        elif not self.needs.isdisjoint(lost):
            status, word = 503, "degraded"
        else:
            status, word = 200, "degraded" if down else "ok"
        body: dict[str, object] = {"status": word}
        if details:
            body |= {"starting": starting, "down": down}
        return status, body
