"""``${VAR}`` and ``${VAR:-default}`` in parsed values.

Never in YAML text: a value from outside cannot open a key or a comment. What a variable holds
is taken as it is, always as text, and looked through for nothing.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from router.config.problems import Problem
from router.config.tree import ListNode, MapNode, Node, ScalarNode

if TYPE_CHECKING:
    from collections.abc import Mapping

MAX_NESTING: Final = 8
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class SubstitutionError(ValueError):
    """What is wrong with an expression; the text names variables, never what they hold."""


def expand(text: str, environment: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """``text`` with its variables put in, and the names looked up on the way.

    An empty variable counts as unset for ``:-``, as in a shell; ``$${`` stands for ``${``.

    :raises SubstitutionError: on a variable that is not set and has no default, or bad syntax.
    """
    expansion = _Expansion(text, environment)
    return expansion.run(), tuple(expansion.names)


class _Expansion:
    """One pass over one text, by recursive descent."""

    def __init__(self, text: str, environment: Mapping[str, str]) -> None:
        self.names: list[str] = []
        self._text = text
        self._at = 0
        self._environment = environment

    def run(self) -> str:
        return self._until_end(live=True, depth=0)

    def _until_end(self, *, live: bool, depth: int) -> str:
        """Up to the end of the text, or of the default it stands in."""
        out: list[str] = []
        while self._at < len(self._text):
            if self._text.startswith("$${", self._at):
                out.append("${")
                self._at += 3
            elif self._text.startswith("${", self._at):
                self._at += 2
                out.append(self._variable(live=live, depth=depth))
            elif depth and self._text[self._at] == "}":
                break
            else:
                out.append(self._text[self._at])
                self._at += 1
        return "".join(out)

    def _variable(self, *, live: bool, depth: int) -> str:
        if depth >= MAX_NESTING:
            raise SubstitutionError(f"defaults nest more than {MAX_NESTING} deep")
        found = _NAME.match(self._text, self._at)
        if not found:
            raise SubstitutionError("'${' should be followed by a variable's name")
        name = found.group()
        self._at = found.end()
        if live:
            self.names.append(name)
        if self._text.startswith(":-", self._at):
            self._at += 2
            value = self._environment.get(name) if live else ""
            default = self._until_end(live=live and not value, depth=depth + 1)
            self._close(name)
            return value or default
        self._close(name)
        return self._required(name) if live else ""

    def _required(self, name: str) -> str:
        value = self._environment.get(name)
        if value is None:
            raise SubstitutionError(f"the variable {name} is not set")
        return value

    def _close(self, name: str) -> None:
        if not self._text.startswith("}", self._at):
            raise SubstitutionError(f"'${{{name}' should end with '}}' or ':-default}}'")
        self._at += 1


def substitute(
    node: Node, environment: Mapping[str, str], file: str, problems: list[Problem]
) -> Node:
    """The tree with every string expanded; what cannot be, or is no value, is a problem."""
    if isinstance(node, MapNode):
        entries = {
            key: substitute(value, environment, file, problems)
            for key, value in node.entries.items()
        }
        return MapNode(entries, node.keys, node.mark)
    if isinstance(node, ListNode):
        items = [substitute(item, environment, file, problems) for item in node.items]
        return _without_empty(items, node)
    return _scalar(node, environment, file, problems)


def _without_empty(items: list[Node], node: ListNode) -> ListNode:
    """An empty variable adds nothing to a list: ``[${PROXY:-}]`` trusts nobody."""
    empty = [
        item
        for item in items
        if isinstance(item, ScalarNode) and item.variables and item.value == ""
    ]
    names = tuple(name for item in empty for name in item.variables)
    return ListNode(tuple(item for item in items if item not in empty), node.mark, names)


def _scalar(
    node: ScalarNode, environment: Mapping[str, str], file: str, problems: list[Problem]
) -> ScalarNode:
    if node.value is None:
        # An empty `subjects:` must not read as "anybody".
        message = "there is no value here: give one, or take the key away"
        problems.append(Problem(file, node.mark.line, node.mark.column, message))
    if not isinstance(node.value, str) or "${" not in node.value:
        return node
    try:
        value, names = expand(node.value, environment)
    except SubstitutionError as error:
        hint = "${VAR:-default} gives a default" if "not set" in str(error) else ""
        problems.append(Problem(file, node.mark.line, node.mark.column, str(error), hint))
        return ScalarNode("", node.mark)
    return ScalarNode(value, node.mark, names)
