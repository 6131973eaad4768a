"""The parts of a request as strings to be looked at, and put together again with edits made."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from router.body.filters import Edit, Place
from router.body.json_text import apply
from router.body.json_whole import StringToken, escape, scan, splice
from router.privacy.selectors import Path, Selectors, context, is_opaque
from router.privacy.spellings import unbackslashed

Edits: TypeAlias = Sequence[list[Edit]]
"""For each inspected string of a part, in its order, what is to be replaced in it."""


class Inspected(NamedTuple):
    """A string to be looked at. ``path`` tells callers where it stands.

    ``context``: words before it that say what it is. ``whole``: it is one value, replaced as one
    (a number). ``markup``: character references stand for characters in it.
    """

    text: str
    path: Path
    context: str = ""
    key: bool = False
    whole: bool = False
    markup: bool = False


class Part(Protocol):
    """A part of a request that can be read."""

    @property
    def inspected(self) -> Sequence[Inspected]:
        """The strings to be looked at, in order."""
        ...

    def texts(self) -> Iterator[str]:
        """Every string, looked at or not: a look-alike of a placeholder may stand in any."""
        ...

    def rebuilt(self, edits: Edits) -> bytes:
        """The part with the edits made; bytes that no edit touches are as they were."""
        ...


class OpaqueStringError(Exception):
    """A string of a document is a file that cannot be read."""


class JsonPart:
    """A JSON document, edited in place. Raises MalformedJson, TooManyStrings and OpaqueStringError.

    With ``opaque`` strings that are files pass unread; with ``keys`` member names are looked at.
    """

    __slots__ = ("_body", "_chosen", "_tokens", "inspected")

    def __init__(
        self, body: bytes, selectors: Selectors, *, keys: bool, opaque: bool, root: Path = ("$",)
    ) -> None:
        self._body = body
        self._tokens = scan(body, numbers=True)
        self._chosen: list[StringToken] = []
        self.inspected: list[Inspected] = []
        roots = _json_rpc_roots(self._tokens)
        for token in self._tokens:
            name = ""
            if token.key:
                if not keys:
                    continue
            else:
                name = context(_name(token.path))
                if not _is_text(token, name) or selectors.is_protocol(
                    token.path, token.text, roots
                ):
                    continue
                if is_opaque(token.text):
                    if not opaque:
                        raise OpaqueStringError
                    continue
            self._chosen.append(token)
            path = (*root, *token.path)
            self.inspected.append(Inspected(token.text, path, name, token.key, token.number))

    def texts(self) -> Iterator[str]:
        """Every string of the document."""
        return (token.text for token in self._tokens)

    def rebuilt(self, edits: Edits) -> bytes:
        """The document with string tokens edited; an edited number becomes a string."""
        return splice(
            self._body,
            [
                (token.start, token.end, self._token(token, changes))
                for token, changes in zip(self._chosen, edits, strict=True)
                if changes
            ],
        )

    def _token(self, token: StringToken, changes: list[Edit]) -> bytes:
        if token.number:
            return b'"' + escape(changes[0].new) + b'"'
        return b'"' + apply(self._body[token.start + 1 : token.end - 1], changes, Place()) + b'"'


class TextPart:
    """Text in ``codec``. With ``markup`` what is put in is escaped for XML and HTML."""

    __slots__ = ("_codec", "inspected")

    def __init__(
        self, text: str, codec: str, path: Path, *, markup: bool = False, context: str = ""
    ) -> None:
        self._codec = codec
        self.inspected = [Inspected(text, path, context, markup=markup)]

    def texts(self) -> Iterator[str]:
        """The text."""
        yield self.inspected[0].text

    def rebuilt(self, edits: Edits) -> bytes:
        """The text with the edits made, in its charset."""
        text = edited(self.inspected[0].text, edits[0])
        return text.encode(self._codec, "surrogateescape")


class Sequel:
    """Parts one after the other, with bytes between them that are nobody's text."""

    __slots__ = ("_pieces", "inspected")

    def __init__(self, pieces: Sequence[bytes | Part]) -> None:
        self._pieces = pieces
        self.inspected = [
            item for piece in pieces if not isinstance(piece, bytes) for item in piece.inspected
        ]

    def texts(self) -> Iterator[str]:
        """Every string of every part."""
        for piece in self._pieces:
            if not isinstance(piece, bytes):
                yield from piece.texts()

    def rebuilt(self, edits: Edits) -> bytes:
        """The parts rebuilt, joined by what stood between them."""
        out: list[bytes] = []
        done = 0
        for piece in self._pieces:
            if isinstance(piece, bytes):
                out.append(piece)
                continue
            count = len(piece.inspected)
            out.append(piece.rebuilt(edits[done : done + count]))
            done += count
        return b"".join(out)


def edited(text: str, edits: Sequence[Edit]) -> str:
    """``text`` with ``edits`` made; they ascend and do not overlap."""
    out: list[str] = []
    last = 0
    for edit in edits:
        out += text[last : edit.start], edit.new
        last = edit.end
    out.append(text[last:])
    return "".join(out)


def value_of(item: Inspected, start: int, end: int) -> str:
    """The true value that stands at ``item.text[start:end]``."""
    raw = unbackslashed(item.text[start:end])
    return html.unescape(raw) if item.markup else raw


def _is_text(token: StringToken, name: str) -> bool:
    """A number says what it is by its name or not at all."""
    return bool(name) or not token.number


def _name(path: Path) -> str:
    """The member name a value stands under, through arrays."""
    for step in reversed(path):
        if isinstance(step, str):
            return step
    return ""


def _json_rpc_roots(tokens: Sequence[StringToken]) -> frozenset[Path]:
    """The paths of the JSON-RPC messages (the document itself, or the items of a batch)."""
    return frozenset(
        token.path[:-1]
        for token in tokens
        if token.key and token.text == "jsonrpc" and len(token.path) <= 2  # a batch item's member
    )
