"""A parsed config file that still knows where each of its values stood.

Merging keeps the marks of what it merges, so a problem in a merged service points at the line
that said it, be it in ``defaults:``, in the service or under ``on:``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Atom: TypeAlias = str | int | float | bool | None


@dataclass(frozen=True, slots=True)
class Mark:
    """A place in the file, both from 1; columns count characters."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One value; ``variables`` are those of the environment that were looked up for it."""

    value: Atom
    mark: Mark
    variables: tuple[str, ...] = ()

    def plain(self) -> Any:
        """The value without its place."""
        return self.value


@dataclass(frozen=True, slots=True)
class ListNode:
    """A list of nodes; ``variables`` are those that were empty and so added nothing."""

    items: tuple[Node, ...]
    mark: Mark
    variables: tuple[str, ...] = ()

    def plain(self) -> Any:
        """The values without their places."""
        return [item.plain() for item in self.items]


@dataclass(frozen=True, slots=True)
class MapNode:
    """A map; ``keys`` holds where each key stands."""

    entries: dict[str, Node]
    keys: dict[str, Mark]
    mark: Mark

    def plain(self) -> Any:
        """The values without their places."""
        return {key: node.plain() for key, node in self.entries.items()}

    def with_entry(self, key: str, node: Node) -> MapNode:
        """The same map with ``key`` set."""
        keys = {**self.keys, key: self.keys.get(key, node.mark)}
        return MapNode({**self.entries, key: node}, keys, self.mark)

    def without(self, key: str) -> MapNode:
        """The same map without ``key``."""
        entries = {name: node for name, node in self.entries.items() if name != key}
        return MapNode(entries, self.keys, self.mark)


Node: TypeAlias = ScalarNode | ListNode | MapNode


def child(node: Node | None, *path: str | int) -> Node | None:
    """The node at ``path`` below ``node``; None when there is none, or another shape."""
    for step in path:
        if isinstance(node, MapNode) and isinstance(step, str):
            node = node.entries.get(step)
        elif isinstance(node, ListNode) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
        else:
            return None
    return node


def entries(node: Node | None) -> dict[str, Node]:
    """The entries of a map, none of anything else."""
    return node.entries if isinstance(node, MapNode) else {}


def maps(node: Node | None) -> Iterator[tuple[str, MapNode]]:
    """The named entries of a map that are maps themselves."""
    for name, value in entries(node).items():
        if isinstance(value, MapNode):
            yield name, value


def texts(node: Node | None) -> list[tuple[str, ScalarNode]]:
    """The strings of a list (or one string alone), each with its node."""
    items = node.items if isinstance(node, ListNode) else (node,)
    return [
        (item.value, item)
        for item in items
        if isinstance(item, ScalarNode) and isinstance(item.value, str)
    ]


def text(node: Node | None, default: str = "") -> str:
    """The string a scalar holds, or ``default``."""
    if isinstance(node, ScalarNode) and isinstance(node.value, str):
        return node.value
    return default


def truth(node: Node | None) -> bool:
    """Whether a scalar says yes, as the models read it."""
    return isinstance(node, ScalarNode) and str(node.value).casefold() in {
        *("true", "yes", "on", "1", "t", "y"),
    }


def mark_at(root: MapNode, path: tuple[str | int, ...], *, key: bool = False) -> Mark:
    """Where ``path`` stands: its value, or its key with ``key``; else the nearest above it."""
    node: Node | None = root
    mark = root.mark
    for depth, step in enumerate(path):
        if key and depth == len(path) - 1 and isinstance(node, MapNode):
            return node.keys.get(str(step), mark)
        node = child(node, step)
        if node is None:
            return mark
        mark = node.mark
    return mark
