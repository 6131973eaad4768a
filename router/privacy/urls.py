"""Query strings, urlencoded forms and path segments as strings to be looked at.

Decoded once, as an upstream does (RFC 3986 §2.1, WHATWG URL §5.1); what is not edited keeps its
bytes, and bytes that are no UTF-8 survive the round trip.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import quote, unquote_to_bytes

from router.errors import DownstreamError
from router.privacy.parts import Edits, Inspected, edited
from router.privacy.selectors import Path, context

if TYPE_CHECKING:
    from collections.abc import Iterator

    from router.body.filters import Edit

_MOST_PAIRS: Final = 10_000
_SEGMENT_SAFE: Final = "!$&'()*+,;=:@~"


class Rules(Protocol):
    """What of parameters is looked at: :class:`router.privacy.bodies.BodyRules`."""

    @property
    def keys(self) -> bool:
        """Whether their names are."""
        ...

    def is_file(self, text: str, path: Path) -> bool:
        """Whether a value is a file, which passes unread. Raises DownstreamError (415)."""
        ...


class FormPart:
    """``name=value`` pairs joined by ``&``; ``root`` is what their paths begin with.

    ``rules`` tell whether names are looked at, and what becomes of files; a pair without ``=`` is
    a value. Raises DownstreamError: 413 for more than 10,000 pairs, 415 for a file.
    """

    __slots__ = ("_pairs", "inspected")

    def __init__(self, raw: bytes, root: str, rules: Rules) -> None:
        if raw.count(b"&") > _MOST_PAIRS:
            raise DownstreamError(413, "too many parameters to be inspected")
        keys = rules.keys
        self._pairs: list[list[tuple[bytes, bool]]] = []
        self.inspected: list[Inspected] = []
        for pair in raw.split(b"&"):
            name, equals, value = pair.partition(b"=")
            decoded = _decode_form(name)
            if not equals:
                self._pairs.append([(name, True)])
                self.inspected.append(Inspected(decoded, (root,)))
                continue
            path: Path = (root, decoded)
            text = _decode_form(value)
            is_file = rules.is_file(text, path)
            self._pairs.append([(name, keys), (b"=", False), (value, not is_file)])
            if keys:
                self.inspected.append(Inspected(decoded, path, key=True))
            if not is_file:
                self.inspected.append(Inspected(text, path, context(decoded)))

    def texts(self) -> Iterator[str]:
        """The names and values, decoded."""
        return (item.text for item in self.inspected)

    def rebuilt(self, edits: Edits) -> bytes:
        """The pairs; edited names and values percent-encoded anew, blanks as ``%20``."""
        changes = iter(zip(self.inspected, edits, strict=True))
        return b"&".join(
            b"".join(
                _encoded(raw, *next(changes), safe="") if looked_at else raw
                for raw, looked_at in pair
            )
            for pair in self._pairs
        )


class PathPart:
    """The segments of a path."""

    __slots__ = ("_segments", "inspected")

    def __init__(self, raw: bytes) -> None:
        self._segments = raw.split(b"/")
        self.inspected = [
            Inspected(_decode(segment), ("path", index))
            for index, segment in enumerate(self._segments)
        ]

    def texts(self) -> Iterator[str]:
        """The segments, decoded."""
        return (item.text for item in self.inspected)

    def rebuilt(self, edits: Edits) -> bytes:
        """The segments; edited ones percent-encoded anew."""
        return b"/".join(
            _encoded(raw, item, changes, safe=_SEGMENT_SAFE)
            for raw, item, changes in zip(self._segments, self.inspected, edits, strict=True)
        )


def _encoded(raw: bytes, item: Inspected, changes: list[Edit], *, safe: str) -> bytes:
    if not changes:
        return raw
    text = edited(item.text, changes)
    return quote(text, safe=safe, errors="surrogateescape").encode("ascii")


def _decode(raw: bytes) -> str:
    return unquote_to_bytes(raw).decode("utf-8", "surrogateescape")


def _decode_form(raw: bytes) -> str:
    return _decode(raw.replace(b"+", b" "))
