"""The parts of a request as strings to be looked at, and put together again with edits made."""

from __future__ import annotations

import html
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol, TypeAlias

from router.body.filters import Edit
from router.privacy.files import encoded
from router.privacy.selectors import Path
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


class EncodedPart:
    """A part in Base64, behind ``lead``: what a data URL says of it."""

    __slots__ = ("_lead", "_part", "_payload", "inspected")

    def __init__(self, lead: str, payload: str, part: Part) -> None:
        self._lead, self._payload, self._part = lead, payload, part
        self.inspected = part.inspected

    def texts(self) -> Iterator[str]:
        """The part's own."""
        return self._part.texts()

    def rebuilt(self, edits: Edits) -> bytes:
        """The part rebuilt, in Base64 anew if anything is edited."""
        payload = encoded(self._part.rebuilt(edits), self._payload) if any(edits) else self._payload
        return f"{self._lead}{payload}".encode()


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
