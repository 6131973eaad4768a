"""JSON documents as strings to be looked at: also the documents and files within their strings."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol, TypeAlias

from router.body.filters import Edit, Place
from router.body.json_text import apply
from router.body.json_whole import MalformedJson, StringToken, escape, scan, splice
from router.privacy.files import File, MediaTypes, file_in
from router.privacy.parts import Edits, Inspected, Part
from router.privacy.room import Room
from router.privacy.selectors import Path, Selectors, context, is_protocol, is_telling

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

Numbers = Literal["telling", "all", "off"]

_DEEPEST: Final = 4
"""Documents within strings of documents: with each the backslashes double."""

_BEFORE: Final = 48
"""Bytes before a value that may tell what it is: they are searched once more with each."""

_LONG_NUMBER: Final = 7
"""Digits of the shortest number that is personal data by itself."""


class Rules(Protocol):
    """What of a document is looked at: :class:`router.privacy.bodies.BodyRules`."""

    @property
    def selectors(self) -> Selectors:
        """Which places are looked at."""
        ...

    @property
    def keys(self) -> bool:
        """Whether member names are."""
        ...

    @property
    def numbers(self) -> Numbers:
        """Which numbers are."""
        ...

    def file(self, file: File, text: str, path: Path, depth: int, room: Room) -> Part | None:
        """The part that a file is; None: it passes unread.

        Raises DownstreamError (415), and TooManyStrings where its values leave no ``room``.
        """
        ...


class _Document(NamedTuple):
    """A document within a string."""

    part: JsonPart

    def edits(self, edits: Edits) -> list[Edit]:
        """The edits to the string."""
        return self.part.as_text(edits)


class _File(NamedTuple):
    """A file that is the whole of a string."""

    part: Part
    size: int

    def edits(self, edits: Edits) -> list[Edit]:
        """The edits to the string: all of it, since its Base64 moves."""
        return [Edit(0, self.size, self.part.rebuilt(edits).decode())] if any(edits) else []


_Chosen: TypeAlias = "tuple[StringToken, _Document | _File | None]"


class JsonPart:
    """A JSON document, edited in place. Raises MalformedJson, TooManyStrings, DownstreamError.

    ``depth`` counts the documents around it; of one in another's string any long number is looked
    at, and what stands before a value counts, as if it were the text that it stands in. ``room``
    is what is left of the whole body's, for the documents and files in strings as well.
    """

    __slots__ = (
        "_body",
        "_chosen",
        "_depth",
        "_room",
        "_root",
        "_rules",
        "_tokens",
        "_types",
        "inspected",
    )

    def __init__(
        self,
        body: bytes,
        rules: Rules,
        *,
        root: Path = ("$",),
        depth: int = 0,
        room: Room,
    ) -> None:
        self._body, self._rules, self._root, self._depth = body, rules, root, depth
        self._room = room
        tokens = self._tokens = scan(body, numbers=True, max_tokens=room.left)
        room.take(len(tokens))
        self._types = MediaTypes(tokens)
        self._chosen: list[_Chosen] = []
        self.inspected: list[Inspected] = []
        roots = _json_rpc_roots(tokens)
        for token in tokens:
            if token.key:
                if rules.keys:
                    self._take(token, "")
            elif depth or not is_protocol(token.path, token.text, roots):
                self._read(token)

    def _read(self, token: StringToken) -> None:
        """Takes a value in, or what is within it, or leaves it."""
        path = (*self._root, *token.path)
        name = _name(token.path)
        if token.number and not self._is_told(token.text, telling=is_telling(name)):
            return
        before = self._before(token) if self._depth else context(name)
        if token.number:
            self._take(token, before)
            return
        if not self._rules.selectors.chooses(path):
            return
        file = file_in(token.text, self._types.of(token.path))
        if file is not None:
            part = self._rules.file(file, token.text, path, self._depth + 1, self._room)
            if part is not None:
                self._take_in(token, _File(part, len(token.text)))
            return
        document = self._document(token.text, path)
        if document is None:
            self._take(token, before)
        else:
            self._take_in(token, _Document(document))

    def _document(self, text: str, path: Path) -> JsonPart | None:
        """The document that is in a string, as tool arguments are."""
        if self._depth >= _DEEPEST or text.lstrip(" \t\r\n")[:1] not in ("{", "["):
            return None
        try:
            return JsonPart(
                text.encode(), self._rules, root=path, depth=self._depth + 1, room=self._room
            )
        except (MalformedJson, UnicodeEncodeError):
            return None

    def _before(self, token: StringToken) -> str:
        """What stands before a value in its document: as telling as it would be in a text."""
        return self._body[max(0, token.start - _BEFORE) : token.start].decode("utf-8", "ignore")

    def _is_told(self, number: str, *, telling: bool) -> bool:
        """A number says what it is by its name, or by its length where such are looked at."""
        numbers = self._rules.numbers
        if numbers == "off":
            return False
        if numbers == "telling" and not self._depth:
            return telling
        return telling or (number.isdigit() and len(number) >= _LONG_NUMBER)

    def _take(self, token: StringToken, name: str) -> None:
        self._chosen.append((token, None))
        path = (*self._root, *token.path)
        self.inspected.append(Inspected(token.text, path, name, token.key, token.number))

    def _take_in(self, token: StringToken, within: _Document | _File) -> None:
        self._chosen.append((token, within))
        self.inspected += within.part.inspected

    def texts(self) -> Iterator[str]:
        """Every string of the document, and of the files in its strings."""
        for token in self._tokens:
            yield token.text
        for _, within in self._chosen:
            if within is not None:
                yield from within.part.texts()

    def rebuilt(self, edits: Edits) -> bytes:
        """The document with string tokens edited; an edited number becomes a string."""
        return splice(self._body, self._changes(edits))

    def as_text(self, edits: Edits) -> list[Edit]:
        """The same as edits to the document's text, in characters."""
        made: list[Edit] = []
        done = chars = 0
        for start, end, new in self._changes(edits):
            first = chars + len(self._body[done:start].decode())
            chars = first + len(self._body[start:end].decode())
            done = end
            made.append(Edit(first, chars, new.decode()))
        return made

    def _changes(self, edits: Edits) -> Iterator[tuple[int, int, bytes]]:
        following = iter(edits)
        for token, within in self._chosen:
            if within is None:
                changes = next(following)
            else:
                changes = within.edits(list(islice(following, len(within.part.inspected))))
            if changes:
                yield token.start, token.end, self._token(token, changes)

    def _token(self, token: StringToken, changes: Sequence[Edit]) -> bytes:
        if token.number:
            return b'"' + escape(changes[0].new) + b'"'
        return b'"' + apply(self._body[token.start + 1 : token.end - 1], changes, Place()) + b'"'


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
