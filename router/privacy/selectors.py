"""Which strings of a request are text, and which belong to a protocol.

A protocol's own strings (ids, methods, models, roles, cursors) are known by their exact place and
have to look the part too: an "id" with a blank or an ``@`` in it is text like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Final, TypeAlias

from router.config.places import Any, Step, steps

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

_SEALED: Final = (
    "messages.*.content.*.data",
    "messages.*.content.*.signature",
    "messages.*.reasoning_details.*.data",
    "messages.*.reasoning_details.*.signature",
    "input.*.encrypted_content",
    "contents.*.parts.*.thoughtSignature",
    "contents.*.parts.*.thought_signature",
)
"""What a vendor sealed and wants back exactly: thoughts it redacted or signed, in Base64."""

_SEAL: Final = re.compile(r"[A-Za-z0-9+/_=-]{64,}")
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
_LONGEST_NAME: Final = 64
_SPEAKING: Final = _TELLING | frozenset(
    [
        *("aadhaar", "aadhar", "account", "acct", "address", "api", "apikey", "birth", "birthdate"),
        *("birthday", "born", "bvn", "dni", "dob", "driver", "licence", "license", "msisdn", "nie"),
        *("nif", "nin", "nino", "nuban", "pan", "passphrase", "passwd", "password", "pesel", "pwd"),
        *("secret", "street", "token", "vat"),
    ]
)
_Patterns: TypeAlias = Mapping[str, Sequence[tuple[str, ...]]]


class Selectors:
    """Which places are looked at, as the configuration names them.

    Of a part of the request (``$``, ``query``, ``form`` …) that ``only`` speaks of, nothing else
    is; what ``skip`` speaks of is not; a place holds all below it. Raises ValueError for what is
    no place.
    """

    __slots__ = ("_only", "_roots", "_skip")

    def __init__(self, only: Iterable[str] = (), skip: Iterable[str] = ()) -> None:
        self._only = tuple(map(steps, only))
        self._skip = tuple(map(steps, skip))
        self._roots = frozenset(place[0] for place in self._only)

    @property
    def choose_all(self) -> bool:
        """Whether there is no place that is not looked at."""
        return not self._only and not self._skip

    def chooses(self, path: Path) -> bool:
        """Whether what stands at ``path``, its root first, is looked at."""
        if path[0] in self._roots and not any(_holds(place, path) for place in self._only):
            return False
        return not any(_holds(place, path) for place in self._skip)


def is_protocol(path: Path, text: str, roots: frozenset[Path]) -> bool:
    """Whether the string ``text`` at ``path`` of a document belongs to a protocol.

    ``roots`` are the paths of the JSON-RPC messages in the document.
    """
    if not path:
        return False
    last = str(path[-1])
    if last in _API and _matches(_API[last], path):
        return _IDENTIFIER.fullmatch(text) is not None
    if last in _SEALS and _matches(_SEALS[last], path):
        return _SEAL.fullmatch(text) is not None
    if not roots or last not in _RPC:
        return False
    root = path[:1] if isinstance(path[0], int) else ()
    if root not in roots or not _matches(_RPC[last], path[len(root) :]):
        return False
    return _IDENTIFIER.fullmatch(text) is not None


@lru_cache(1024)
def context(name: str) -> str:
    """What stands before the text of a member or parameter whose name says what it is, or nothing.

    ``{"dateOfBirth": "1984-03-12"}`` is as telling as "dateOfBirth: 1984-03-12".
    """
    return f"{name}:" if not _SPEAKING.isdisjoint(_words(name)) else ""


def is_telling(name: str) -> bool:
    """Whether a name says of a number that it is personal data.

    ``{"ssn": 536904399}`` does; ``{"account": …}`` does not, since identifiers of every kind stand
    under such names, and a number that is taken for one becomes a string.
    """
    return not _TELLING.isdisjoint(_words(name))


@lru_cache(1024)
def _words(name: str) -> tuple[str, ...]:
    if len(name) > _LONGEST_NAME:
        return ()
    return tuple(word.lower() for word in _WORD.findall(name))


def _holds(place: Sequence[Step], path: Path) -> bool:
    """Whether ``place`` is ``path`` or something above it."""
    reached = {0}
    for step in path:
        further: set[int] = set()
        for at in reached:
            if at == len(place):
                return True
            if place[at] is Any.DEEP:
                further.add(at)
                at += 1  # noqa: PLW2901  the step that stands behind it
            if place[at] is Any.ONE or place[at] == step:
                further.add(at + 1)
        reached = further
    return len(place) in reached


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


_API: Final = _by_last(_COMMON)
_RPC: Final = _by_last(_JSON_RPC)
_SEALS: Final = _by_last(_SEALED)
