"""YAML text to a tree with places, through libyaml's events.

Events rather than PyYAML's own nodes: they do not recurse, so depth and growth are bounded here,
and scalars are read by YAML 1.2's core schema, where ``on`` and ``off`` are words.
"""

from __future__ import annotations

import re
from typing import Any, Final, NoReturn

import yaml

from router.config.problems import ConfigProblems, Problem
from router.config.tree import Atom, ListNode, MapNode, Mark, Node, ScalarNode

MAX_BYTES: Final = 1024 * 1024
MAX_DEPTH: Final = 32
MAX_NODES: Final = 50_000
"""Nodes after aliases are followed: a few lines of nested aliases can stand for billions."""

_WORDS: Final[dict[str, Atom]] = {
    **dict.fromkeys(("", "~", "null", "Null", "NULL"), None),
    **dict.fromkeys(("true", "True", "TRUE"), True),
    **dict.fromkeys(("false", "False", "FALSE"), False),
}
_INT: Final = re.compile(r"[-+]?[0-9]{1,18}")
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]{1,18}(\.[0-9]*)?)([eE][-+]?[0-9]{1,3})?")


def read(data: bytes, file: str) -> tuple[MapNode, list[Problem]]:
    """The file's map and the problems that did not stop the reading.

    :raises ConfigProblems: for what cannot be read on: size, encoding, syntax, depth, growth.
    """
    if len(data) > MAX_BYTES:
        raise ConfigProblems([Problem(file, 1, 1, f"the file is larger than {MAX_BYTES} bytes")])
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ConfigProblems([Problem(file, line, 1, "the file is not UTF-8")]) from None
    reader = _Reader(text, file)
    try:
        return reader.document(), reader.problems
    except yaml.MarkedYAMLError as error:
        raise ConfigProblems([*reader.problems, _syntax(error, file, text)]) from None
    except yaml.reader.ReaderError as error:
        before = text[: error.position]
        column = len(before) - before.rfind("\n")
        problem = Problem(file, before.count("\n") + 1, column, f"YAML: {error.reason}")
        raise ConfigProblems([*reader.problems, problem]) from None


def _syntax(error: yaml.MarkedYAMLError, file: str, text: str) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    context = f" ({error.context})" if error.context else ""
    hint = ""
    if "flow" in context and "${" in "".join(text.split("\n")[line - 1 : line]):
        hint = 'inside [] and {} a variable stands in quotes: "${VAR:-default}"'
    return Problem(file, line, column, f"YAML: {error.problem}{context}", hint)


def scalar(text: str) -> Atom:
    """What a plain scalar means by the core schema (YAML 1.2.2 §10.3), decimal numbers only."""
    if text in _WORDS:
        return _WORDS[text]
    if _INT.fullmatch(text):
        return int(text)
    if _FLOAT.fullmatch(text):
        return float(text)
    return text


class _Reader:
    """Builds the tree of one document."""

    def __init__(self, text: str, file: str) -> None:
        self.problems: list[Problem] = []
        self._file = file
        self._events = iter(yaml.parse(text, Loader=yaml.CSafeLoader))
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._size = 0

    def document(self) -> MapNode:
        next(self._events)
        if isinstance(event := next(self._events), yaml.StreamEndEvent):
            self._stop(event, "the file is empty")
        event = next(self._events)
        root = self._node(event, 0)
        next(self._events)
        if not isinstance(after := next(self._events), yaml.StreamEndEvent):
            self._stop(after, "a second YAML document: one file holds one config")
        if not isinstance(root, MapNode):
            self._stop(event, "the file should hold a map")
        return root

    def _node(self, event: Any, depth: int) -> Node:
        if depth > MAX_DEPTH:
            self._stop(event, f"nested more than {MAX_DEPTH} deep")
        self._grow(event, 1)
        if isinstance(event, yaml.AliasEvent):
            return self._alias(event)
        if event.tag not in {None, "!"}:
            self._add(event, "a tag: this file holds plain values only")
        size = self._size
        node: Node
        if isinstance(event, yaml.ScalarEvent):
            value = event.value if event.style else scalar(event.value)
            node = ScalarNode(value, _mark(event))
        elif isinstance(event, yaml.SequenceStartEvent):
            node = self._list(event, depth)
        else:
            node = self._map(event, depth)
        if event.anchor:
            self._anchors[event.anchor] = (node, self._size - size)
        return node

    def _alias(self, event: Any) -> Node:
        if event.anchor not in self._anchors:
            self._stop(event, f"the alias *{event.anchor} stands before its anchor is complete")
        node, size = self._anchors[event.anchor]
        self._grow(event, size)
        return node

    def _list(self, start: Any, depth: int) -> ListNode:
        items: list[Node] = []
        while not isinstance(event := next(self._events), yaml.SequenceEndEvent):
            items.append(self._node(event, depth + 1))
        return ListNode(tuple(items), _mark(start))

    def _map(self, start: Any, depth: int) -> MapNode:
        node = MapNode({}, {}, _mark(start))
        inherited: list[Node] = []
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, node, depth)
            value = self._node(next(self._events), depth + 1)
            if key == "<<":
                inherited.extend(value.items if isinstance(value, ListNode) else (value,))
            elif key not in node.entries:
                node.entries[key] = value
                node.keys[key] = _mark(event)
        self._inherit(node, inherited)
        return node

    def _key(self, event: Any, node: MapNode, depth: int) -> str:
        if not isinstance(event, yaml.ScalarEvent):
            self._add(event, "a key should be a word")
            self._node(event, depth + 1)
            return ""
        self._grow(event, 1)
        key = str(event.value)
        if key in node.entries:
            self._add(event, f"the key '{key}' stands twice, first at line {node.keys[key].line}")
        if "${" in key:
            self._add(event, "variables are replaced in values, not in keys")
        return key

    def _inherit(self, node: MapNode, parents: list[Node]) -> None:
        """The merge key ``<<``: what the map says itself wins, then the earlier parent."""
        for parent in parents:
            if not isinstance(parent, MapNode):
                self._add_at(node.mark, "'<<' should name a map or a list of maps")
                continue
            for key, value in parent.entries.items():
                if key not in node.entries:
                    node.entries[key] = value
                    node.keys[key] = parent.keys[key]

    def _grow(self, event: Any, by: int) -> None:
        self._size += by
        if self._size > MAX_NODES:
            self._stop(event, f"more than {MAX_NODES} values, aliases followed")

    def _add(self, event: Any, message: str) -> None:
        self._add_at(_mark(event), message)

    def _add_at(self, mark: Mark, message: str) -> None:
        self.problems.append(Problem(self._file, mark.line, mark.column, message))

    def _stop(self, event: Any, message: str) -> NoReturn:
        self._add(event, message)
        raise ConfigProblems(self.problems)


def _mark(event: Any) -> Mark:
    return Mark(event.start_mark.line + 1, event.start_mark.column + 1)
