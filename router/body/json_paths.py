"""What the members of JSON documents mean to a reader, worked out once per distinct place.

Events of one stream and items of one array repeat the same members, so places are nodes of a
tree that is built as it is walked; array items share one node. The tree remembers a bounded
number of nodes; beyond that, and for long names, nodes are made anew each time.
"""

from __future__ import annotations

from typing import Final, NamedTuple, TypeAlias

from router.body.json_text import unescape

Path: TypeAlias = tuple[str | int, ...]

_REMEMBERED = 4096
_LONGEST_NAME = 64

NESTED: Final = frozenset({"arguments", "partial_json", "inputTextDelta"})
"""Members whose string is itself JSON text, whatever the format."""


class Marks(NamedTuple):
    """Member names that mean something to a reader; matched at any depth.

    ``drop``: members to be removed; ``lanes``: strings that may be written piecewise; ``facts``:
    values a reader wants to know.
    """

    drop: frozenset[str] = frozenset()
    lanes: frozenset[str] = frozenset()
    facts: frozenset[str] = frozenset()


class _Tree:
    __slots__ = ("marks", "room")

    def __init__(self, marks: Marks) -> None:
        self.marks = marks
        self.room = _REMEMBERED


class Node(dict[bytes, "Node"]):
    """One place; its items are the places below, by raw member name (b"" stands for array items).

    ``step`` is the member's name as a path of one; ``renamed`` memorises what an editor made of
    the raw name: None where it was not asked.
    """

    __slots__ = ("_tree", "dropped", "fact", "lane", "nested", "renamed", "step")

    def __init__(self, name: str, tree: _Tree, *, dropped: bool) -> None:
        marks = tree.marks
        self._tree = tree
        self.step = (name,)
        self.nested = name in NESTED
        self.dropped = dropped or name in marks.drop
        self.lane = name in marks.lanes
        self.fact = name in marks.facts
        self.renamed: bytes | None = None

    def __missing__(self, raw: bytes) -> Node:
        tree = self._tree
        node = Node(unescape(raw), tree, dropped=self.dropped)
        if tree.room and len(raw) <= _LONGEST_NAME:
            tree.room -= 1
            self[raw] = node
        return node


def tree(marks: Marks) -> Node:
    """The root of a new tree of places."""
    return Node("", _Tree(marks), dropped=False)
