"""Where the checks write what they find."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from router.config.merge import on_platform, stands_on
from router.config.problems import Problem, Severity, did_you_mean
from router.config.tree import MapNode, Mark, Node, entries, maps, mark_at, texts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator


@dataclass(frozen=True, slots=True)
class Findings:
    """The tree that is checked and what was found in it."""

    tree: MapNode
    file: str
    problems: list[Problem] = field(default_factory=list)

    def error(self, mark: Mark, message: str, hint: str = "") -> None:
        """Something that stops the start."""
        self._add(mark, message, hint, "error")

    def warn(self, mark: Mark, message: str, hint: str = "") -> None:
        """Something that is odd, or does nothing."""
        self._add(mark, message, hint, "warning")

    def _add(self, mark: Mark, message: str, hint: str, severity: Severity) -> None:
        self.problems.append(Problem(self.file, mark.line, mark.column, message, hint, severity))

    def names(self, section: str, *path: str) -> set[str]:
        """The names a section defines, right or wrong."""
        node: Node | None = self.tree.entries.get(section)
        for step in path:
            node = entries(node).get(step)
        return set(entries(node))

    def key(self, *path: str | int) -> Mark:
        """Where the key at ``path`` stands."""
        return mark_at(self.tree, path, key=True)

    def services(self) -> Iterator[tuple[str, MapNode]]:
        """Each service with its defaults."""
        return maps(self.tree.entries.get("services"))

    def placed(self) -> Iterator[tuple[str, str, MapNode]]:
        """Each (platform, service) with all that holds for it there."""
        for name, service in self.services():
            for platform in stands_on(self.tree, service):
                yield platform, name, on_platform(service, platform)

    def dangling(self, node: Node | None, kind: str, names: Iterable[str]) -> None:
        """An error for each string of ``node`` that names nothing."""
        known = set(names)
        for said, item in texts(node):
            if said not in known and said:
                spoken = f" '{said}'" if not item.variables else ""
                hint = did_you_mean(said, known) if spoken else ""
                self.error(item.mark, f"there is no {kind}{spoken}", hint)
