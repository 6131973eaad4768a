"""The field lines that pass from a caller to an upstream as strings to be looked at.

Most fields are text: a placeholder takes a finding's place. Handles (session ids, validators, keys
of repetition) have to come back exactly or not at all, so one that shows a finding is left out;
where leaving it out would turn a conditional write into one without a condition, the request is
refused. Handles of random shape (UUIDs, long hex digits, short numbers) show findings by chance
and are not looked at, nor is ``traceparent``, which has room for digits alone.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from typing import TYPE_CHECKING, Final

from router.errors import DownstreamError
from router.privacy.parts import Edits, Inspected, edited

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from router.body.filters import Edit
    from router.exchange import Fields
    from router.privacy.quiet import Quiet

_KNOWN: Final = frozenset(
    {
        *(b"application/json", b"application/json; charset=utf-8", b"*/*", b"text/event-stream"),
        *(b"application/json, text/event-stream", b"en-US,en;q=0.9", b"identity", b"2025-06-18"),
    }
)
"""What most lines say, letter for letter."""

_HANDLE: Final = re.compile(
    rb'(?:W/)?"?[A-Za-z_-]{0,16}(?:[0-9a-fA-F]{8}-(?:[0-9a-fA-F]{4}-){3}[0-9a-fA-F]{12}'
    rb'|[0-9a-fA-F]{32,128})(?:[_:-][0-9]{1,6})?"?|[0-9]{1,8}'
)
_HANDLES: Final = frozenset(
    {
        *(b"mcp-session-id", b"last-event-id", b"idempotency-key", b"tracestate"),
        *(b"if-match", b"if-none-match", b"if-range"),
    }
)
_TYPE: Final = b"content-type"
_MULTIPART: Final = re.compile(
    rb'multipart/[\w.+-]+; ?boundary="?[a-z_=-]{0,48}[0-9a-z]{12,70}[_=-]{0,4}"?', re.IGNORECASE
)
"""Boundaries as programs draw them: 32 hex digits look like a doctor's licence once in seventy."""
_WHEN: Final = re.compile(rb"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT")
_VERSION: Final = re.compile(rb"\d{4}-\d\d-\d\d")
_SHAPES: Final = {
    **dict.fromkeys(_HANDLES, _HANDLE),
    **dict.fromkeys((b"if-modified-since", b"if-unmodified-since"), _WHEN),
    **dict.fromkeys((b"mcp-protocol-version", b"anthropic-version"), _VERSION),
    _TYPE: _MULTIPART,
    b"traceparent": re.compile(rb"[0-9a-f-]{55}"),
}
_GUARDS: Final = frozenset({b"if-match", b"if-unmodified-since"})

_WORD: Final = re.compile(
    rb"(=\?(?:base64|[\w-]{1,20}\?b)\?)"
    rb"((?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}(?:==)?|[A-Za-z0-9+/]{3}=?)?)\?=",
    re.IGNORECASE,
)
"""Base64 as MCP's ``Mcp-Param-*`` (SEP-2243) and RFC 2047 §2 have it."""

_VALUE: Final = r'(?:[\w!#$%&\'*+.^`|~-]+|"[^"\\]*")'
_PARAMETER: Final = re.compile(rf"\s*;\s*(charset|boundary)\s*=\s*({_VALUE})", re.IGNORECASE)
_ESSENCE: Final = re.compile(r"\s*([\w!#$&^.+-]+/[\w!#$&^.+-]+)")


def plain_fields(fields: Sequence[tuple[bytes, bytes]]) -> Fields:
    """``fields``, the media type with no parameters but the charset and the boundary."""
    return [
        (name, _plain_type(value)) if name == _TYPE and b";" in value else (name, value)
        for name, value in fields
    ]


def is_quiet(fields: Fields, quiet: Quiet) -> bool:
    """Whether nothing can be found in ``fields``; microseconds."""
    for name, value in fields:
        if not _is_fixed(name, value) and not quiet.line(value):
            return False
        if name[:4] == b"mcp-" and not quiet.line(name):
            return False
    return True


class HeadPart:
    """Field lines; names are looked at where callers choose them (``Mcp-*``)."""

    __slots__ = ("_fields", "_spots", "_words", "inspected")

    def __init__(self, fields: Fields) -> None:
        self._fields = fields
        self._spots: list[tuple[int, bool]] = []
        self._words: dict[int, bytes] = {}
        self.inspected: list[Inspected] = []
        for number, (name, value) in enumerate(fields):
            title = name.decode("latin-1")
            if name[:4] == b"mcp-":
                self._spots.append((number, True))
                self.inspected.append(Inspected(title, ("header", title), key=True))
            if not _is_fixed(name, value):
                self._spots.append((number, False))
                self.inspected.append(Inspected(self._text(number, value), ("header", title)))

    def _text(self, number: int, value: bytes) -> str:
        word = _WORD.fullmatch(value)
        if word is not None:
            self._words[number] = word[1]
            value = b64decode(word[2] + b"==")
        return value.decode("utf-8", "surrogateescape")

    def texts(self) -> Iterator[str]:
        """The names and values that are looked at."""
        return (item.text for item in self.inspected)

    def lines(self, edits: Edits) -> Fields:
        """The lines with the edits made; handles with a finding in them are left out.

        Raises DownstreamError: 422 for a finding in what guards a write, 415 in a media type.
        """
        changed: dict[int, bytes | None] = {}
        spots = zip(self._spots, self.inspected, edits, strict=True)
        for (number, is_name), item, changes in spots:
            if is_name and changes:
                changed[number] = None
            elif changes and changed.get(number, b"") is not None:
                changed[number] = self._value(number, item, changes)
        return [
            (name, new)
            for number, (name, value) in enumerate(self._fields)
            if (new := changed.get(number, value)) is not None
        ]

    def _value(self, number: int, item: Inspected, changes: list[Edit]) -> bytes | None:
        name = self._fields[number][0]
        if name in _GUARDS:
            raise DownstreamError(
                422, "a precondition holds personal data and cannot be passed", code="pii_blocked"
            )
        if name == _TYPE:
            raise DownstreamError(415, "personal data in a media type cannot be replaced")
        if name in _SHAPES:
            return None
        value = edited(item.text, changes).encode("utf-8", "surrogateescape")
        word = self._words.get(number)
        return value if word is None else b"%b%b?=" % (word, b64encode(value))


def _is_fixed(name: bytes, value: bytes) -> bool:
    """Whether ``value`` is in a form that has no room for a text."""
    if value in _KNOWN:
        return True
    shape = _SHAPES.get(name)
    return shape is not None and shape.fullmatch(value) is not None


def _plain_type(value: bytes) -> bytes:
    """``type/subtype`` with the first charset and the first boundary, spelt as they came."""
    text = value.decode("latin-1")
    essence = _ESSENCE.match(text)
    if essence is None:  # the reader of the body refuses it; without a body it is of no use
        return b"application/octet-stream"
    kept: dict[str, str] = {}
    for name, said in _PARAMETER.findall(text):
        kept.setdefault(name.lower(), f"; {name}={said}")
    return "".join((essence[1], *kept.values())).encode("latin-1")
