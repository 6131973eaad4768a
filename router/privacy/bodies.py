"""What kind of body it is, by its media type, and which strings in it are to be looked at."""

from __future__ import annotations

import codecs
import re
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from router.body.json_whole import MalformedJson, TooManyStrings
from router.body.multipart import FormField, MalformedMultipart, boundary_of, split
from router.errors import DownstreamError
from router.privacy.documents import JsonPart, Numbers
from router.privacy.files import File, Kind, decoded, file_in
from router.privacy.names import NamePart
from router.privacy.parts import EncodedPart, Part, Sequel, TextPart
from router.privacy.room import Room
from router.privacy.selectors import context
from router.privacy.urls import FormPart

if TYPE_CHECKING:
    from router.privacy.quiet import Quiet
    from router.privacy.selectors import Path, Selectors

Opaque = Literal["block", "pass"]

_TYPE: Final = re.compile(r"\s*([\w!#$&^.+-]+/[\w!#$&^.+-]+)\s*(?:;.*)?", re.DOTALL)
_CHARSET: Final = re.compile(r";\s*charset\s*=\s*\"?([^\s\";]*)", re.IGNORECASE)
_CODECS: Final = re.compile(r"utf-8|iso8859-\d+|cp125\d|koi8-[ru]")
_PLAIN_CODECS: Final = {"ascii": "utf-8", "utf-8-sig": "utf-8"}
_WIDE_MARKS: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_LINES: Final = frozenset({"application/x-ndjson", "application/ndjson", "application/jsonl"})
_FORM: Final = "application/x-www-form-urlencoded"
_LOOSE: Final = frozenset(
    {_FORM, "application/graphql", "application/javascript", "application/yaml"}
)
_MARKUP: Final = re.compile(r"text/html|(?:text|application)/xml|.*\+xml")
_MOST_LINES: Final = 10_000
_DEEPEST: Final = 4
"""Files within files."""


@dataclass(frozen=True, slots=True)
class BodyRules:
    """What of a body is looked at: see :class:`router.privacy.redact.Redactor`."""

    selectors: Selectors
    quiet: Quiet
    media: Opaque
    other: Opaque
    keys: bool
    numbers: Numbers

    def read(self, body: bytes, content_type: str) -> Part | None:
        """The body as a part; None where nothing is in it, or the policy lets it pass unread.

        Raises DownstreamError: 400 ``malformed_body`` where it is not what it says, 413 where it
        has too many parts or values, 415 ``unsupported_media_type`` where it cannot be read.
        """
        try:
            return self._read(body, content_type, (), Room())
        except (MalformedJson, MalformedMultipart, UnicodeDecodeError) as error:
            raise DownstreamError(
                400, "the body is not what its media type says", code="malformed_body"
            ) from error
        except TooManyStrings as error:
            raise DownstreamError(413, "the body has too many values to be inspected") from error

    def file(self, file: File, text: str, path: Path, depth: int, room: Room) -> Part | None:
        """The part that a file in a string is; None: it passes unread.

        Raises DownstreamError, and TooManyStrings: too much to be looked at is not opaque.
        Text is looked at without its Base64; what says that it is text and is none is opaque.
        """
        media_type, payload = file.media_type, text[file.start :]
        if file.kind == "other" and media_type[:10] not in ("", "multipart/") and depth <= _DEEPEST:
            try:
                part = self._read(decoded(payload), media_type, path, room, depth)
            except TooManyStrings:
                raise
            except (ValueError, MalformedMultipart):
                pass
            else:
                return part and EncodedPart(text[: file.start], payload, part)
        self._let_pass("a file in a string", file.kind)
        return None

    def is_file(self, text: str, path: Path) -> bool:
        """Whether a parameter is a file, which passes unread. Raises DownstreamError (415)."""
        file = file_in(text) if self.selectors.chooses(path) else None
        if file is not None:
            self._let_pass("a file in a parameter", file.kind)
        return file is not None

    def _read(
        self, body: bytes, content_type: str, root: Path, room: Room, depth: int = 0
    ) -> Part | None:
        media_type = _media_type(content_type)
        if media_type == "multipart/form-data":
            return self._form_data(body, content_type, room)
        if media_type in _LINES:
            return self._lines(body, content_type, root or ("$",), room, depth)
        if media_type == "application/json" or media_type.endswith("+json"):
            _codec(body, content_type, json=True)
            quiet = self.quiet.json(body)
            return None if quiet else self._json(body, root or ("$",), room, depth)
        markup = _MARKUP.fullmatch(media_type) is not None
        if markup or media_type in _LOOSE or media_type.startswith("text/"):
            form = media_type == _FORM
            return self._loose(body, content_type, root, room, depth, form=form, markup=markup)
        self._let_pass(media_type, File(media_type, 0).kind)
        return None

    def _json(self, body: bytes, root: Path, room: Room, depth: int) -> JsonPart:
        return JsonPart(body, self, root=root, depth=depth, room=room)

    def _lines(self, body: bytes, content_type: str, root: Path, room: Room, depth: int) -> Part:
        _codec(body, content_type, json=True)
        lines = body.splitlines(keepends=True)
        if len(lines) > _MOST_LINES:
            raise DownstreamError(413, "the body has too many lines to be inspected")
        return Sequel(
            [
                self._json(line, (*root, number), room, depth) if line.strip() else line
                for number, line in enumerate(lines)
            ]
        )

    def _loose(
        self,
        body: bytes,
        content_type: str,
        root: Path,
        room: Room,
        depth: int,
        *,
        form: bool,
        markup: bool,
    ) -> Part | None:
        """JSON whatever it is called, since its reader may see that too; else what it says.

        A byte order mark is no part of the text (RFC 8259 §8.1). What begins like JSON and is not
        is looked at with its escapes undone, as every text is.
        """
        codec = _codec(body, content_type)
        if b"\0" in body:
            raise _unsupported("a text with NUL in it")
        if body.removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"[", b'"'):
            with suppress(MalformedJson):  # then it is the text or the form that it claims to be
                return self._json(body, root or ("$",), room, depth)
        if form:
            room.take(body.count(b"&"))
            return FormPart(body, "form", self)
        text, path = body.decode(codec), root or ("body",)
        file = file_in(text) if self.selectors.chooses(path) else None
        if file is not None:
            return self.file(file, text, path, depth + 1, room)
        said = context(str(root[-1])) if root else ""
        return TextPart(text, codec, path, markup=markup, context=said)

    def _form_data(self, body: bytes, content_type: str, room: Room) -> Part:
        pieces: list[bytes | Part] = []
        done = 0
        for field in split(body, boundary_of(content_type)):
            pieces += _head(body, done, field)
            content = body[field.start : field.end]
            pieces.append(self._field(content, field, room) or content)
            done = field.end
        pieces.append(body[done:])
        return Sequel(pieces)

    def _field(self, content: bytes, field: FormField, room: Room) -> Part | None:
        if not content:
            return None
        if not field.content_type and field.filename is not None:
            self._let_pass("a file of no declared type", "other")
            return None
        return self._read(content, field.content_type, ("form", field.name), room)

    def _let_pass(self, what: str, kind: Kind) -> None:
        if (self.media if kind == "media" else self.other) == "block":
            raise _unsupported(what)


def _head(body: bytes, done: int, field: FormField) -> list[bytes | Part]:
    """What stands before a part's content; its names and media type as texts, its length left out.

    An edit may change the length, and who reads a form goes by its boundary (RFC 7578 §4.8).
    """
    pieces: list[bytes | Part] = []
    for span in field.head:
        pieces.append(body[done : span.start])
        if span.spelt != "length":
            pieces.append(NamePart(body[span.start : span.end], span.spelt))
        done = span.end
    pieces.append(body[done : field.start])
    return pieces


def _media_type(content_type: str) -> str:
    """In lower case; a body of no declared type is text, and JSON if it looks like it."""
    if not content_type.strip():
        return "text/plain"
    match = _TYPE.fullmatch(content_type)
    if match is None:
        raise _unsupported("a malformed media type")
    return match.group(1).lower()


def _codec(body: bytes, content_type: str, *, json: bool = False) -> str:
    """The Python codec of the text; charsets that do not keep ASCII as it is are refused."""
    if body.startswith(_WIDE_MARKS):
        raise _unsupported("UTF-16 or UTF-32")
    declared = {label.lower() for label in _CHARSET.findall(content_type)}
    if not declared:
        return "utf-8"
    try:
        (name,) = {codecs.lookup(label).name for label in declared}
    except (LookupError, ValueError):  # unknown, or two that contradict
        raise _unsupported("this charset") from None
    codec = _PLAIN_CODECS.get(name, name)
    if _CODECS.fullmatch(codec) is None or (json and codec != "utf-8" and not body.isascii()):
        raise _unsupported("this charset")
    return codec


def _unsupported(what: str) -> DownstreamError:
    return DownstreamError(415, f"{what} cannot be inspected for personal data")
