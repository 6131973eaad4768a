"""Which strings of a document are text, which belong to a protocol, and which cannot be read.

A protocol's own strings (ids, methods, models, roles, cursors) are known by their exact place and
have to look the part too: an "id" with a blank or an ``@`` in it is text like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

Path: TypeAlias = tuple[str | int, ...]

_COMMON: Final = (
    "model",
    "previous_response_id",
    "response_format.type",
    "tool_choice",
    "tool_choice.type",
    "tool_choice.function.name",
    "messages.*.role",
    "messages.*.tool_call_id",
    "messages.*.content.*.type",
    "messages.*.content.*.id",
    "messages.*.content.*.tool_use_id",
    "messages.*.tool_calls.*.id",
    "messages.*.tool_calls.*.type",
    "messages.*.tool_calls.*.function.name",
    "input.*.id",
    "input.*.role",
    "input.*.type",
    "input.*.call_id",
    "input.*.content.*.type",
    "contents.*.role",
    "tools.*.type",
    "tools.*.name",
    "tools.*.function.name",
)
_JSON_RPC: Final = (
    "jsonrpc",
    "id",
    "method",
    "params.name",
    "params.cursor",
    "params.protocolVersion",
    "params.requestId",
    "params._meta.progressToken",
    "params.progressToken",
)
"""JSON-RPC 2.0 §4 and MCP; held against a message's own root, so batches are covered."""

_IDENTIFIER: Final = re.compile(r"[A-Za-z0-9_.:/+=\-]{0,256}")
_WORD: Final = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
_TELLING: Final = frozenset(
    [
        "card",
        "cc",
        "cell",
        "credit",
        "iban",
        "itin",
        "mobile",
        "nhs",
        "passport",
        "phone",
        "security",
        "social",
        "ssn",
        "tax",
        "tel",
        "telephone",
        "tin",
    ]
)
_DATA_URL: Final = re.compile(r"data:[\w.+/-]+(?:;[\w=.+-]+)*;base64,[A-Za-z0-9+/_=%\s-]*")
_BASE64: Final = re.compile(r"[A-Za-z0-9+/]+={0,2}")
_OPAQUE: Final = 1024

_Patterns: TypeAlias = Mapping[str, Sequence[tuple[str, ...]]]


class Selectors:
    """What is never text, by path.

    ``skip`` adds paths: member names joined by dots, ``*`` for any name or index.
    """

    __slots__ = ("_json_rpc", "_skip")

    def __init__(self, skip: Iterable[str] = ()) -> None:
        self._skip = _by_last((*_COMMON, *skip))
        self._json_rpc = _by_last(_JSON_RPC)

    def is_protocol(self, path: Path, text: str, roots: frozenset[Path]) -> bool:
        """Whether the string ``text`` at ``path`` belongs to a protocol.

        ``roots`` are the paths of the JSON-RPC messages in the document.
        """
        if not path:
            return False
        last = str(path[-1])
        if last in self._skip and _matches(self._skip[last], path):
            return _IDENTIFIER.fullmatch(text) is not None
        if not roots or last not in self._json_rpc:
            return False
        root = path[:1] if isinstance(path[0], int) else ()
        if root not in roots or not _matches(self._json_rpc[last], path[len(root) :]):
            return False
        return _IDENTIFIER.fullmatch(text) is not None


@lru_cache(1024)
def context(name: str) -> str:
    """The words of a member or parameter whose name says what its value is, else an empty string.

    ``{"ssn": "536904399"}`` is as telling as "ssn 536904399"; ``{"account": …}`` is not, since
    identifiers of every kind stand under such names.
    """
    if len(name) > 64:
        return ""
    words = [word.lower() for word in _WORD.findall(name)]
    return " ".join(words) if not _TELLING.isdisjoint(words) else ""


def is_opaque(text: str) -> bool:
    """Whether a string is a file rather than text: a base64 data URL, or base64 at length."""
    if len(text) < _OPAQUE:
        return False
    return bool((text.startswith("data:") and _DATA_URL.fullmatch(text)) or _BASE64.fullmatch(text))


def _by_last(paths: Iterable[str]) -> _Patterns:
    found: dict[str, list[tuple[str, ...]]] = {}
    for path in paths:
        steps = tuple(path.split("."))
        found.setdefault(steps[-1], []).append(steps)
    return found


def _matches(patterns: Sequence[tuple[str, ...]], path: Path) -> bool:
    return any(
        len(steps) == len(path)
        and all(expected in ("*", step) for expected, step in zip(steps, path, strict=True))
        for steps in patterns
    )
