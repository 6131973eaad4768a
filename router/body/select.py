"""From a media type to the reader of its bodies. What is text never passes unread.

* JSON, SSE, JSON lines, HTML and XML, scripts, forms and other text: their readers.
* ``text/plain``: as what it looks like, since many functions send JSON or events under it.
* Audio, images, video, fonts, archives, PDF: no reader, they pass.
* Formats of text in binary (protobuf, msgpack, CBOR, gRPC …): FilterError, they cannot be edited.
* No type, ``application/octet-stream`` and any other: told by the first bytes.
"""

from __future__ import annotations

import codecs
import re
from typing import TYPE_CHECKING, Final

from router.body.json_strings import JsonReader
from router.body.ndjson import NdjsonReader
from router.body.sse import SseReader
from router.body.text import TextReader, codec_of, in_form, in_html, in_script
from router.errors import FilterError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.body.filters import BodyFilter, Editor

_TYPE = re.compile(rb"[ \t]*([\w!#$&^.+-]+/[\w!#$&^.+-]+)[ \t]*(?:;|\Z)")
_CHARSET = re.compile(rb";[ \t]*charset=\"?([\w.:+-]+)", re.IGNORECASE)

_USUAL_JSON: Final = frozenset(
    {b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"}
)
"""What nearly every answer says of itself, letter for letter."""

_LINES = re.compile(
    rb"(?:application|text)/(?:x-)?(?:ndjson|jsonl|jsonlines|json-stream|json-lines)"
    rb"|application/(?:json-seq|stream\+json)"
)
_JSON = re.compile(rb".*[/+]json|application/vnd\.api")
_TEXT = re.compile(
    rb"text/.*|multipart/.*|message/.*"
    rb"|application/(?:x-)?(?:yaml|toml|graphql|sql|sh|rtf|subrip|markdown|csv|tex|pem-file)"
)
_BINARY = re.compile(
    rb"(?:audio|image|video|font|model)/.*|application/(?:pdf|zip|gzip|x-gzip|x-tar|wasm|ogg|zstd)"
)
_OPAQUE = re.compile(
    rb"application/(?:(?:x-|vnd\.)?(?:msgpack|protobuf|cbor|bson|thrift|grpc(?:-web)?)(?:[+-].*)?"
    rb"|.*\+(?:cbor|proto|msgpack|avro)|vnd\.(?:google\.protobuf|amazon\.eventstream))"
)
_LANGUAGES: Final = (
    (re.compile(rb".*[/+](?:html|xml|xhtml)|application/xml-dtd"), in_html),
    (re.compile(rb".*/(?:x-)?(?:java|ecma)script"), in_script),
    (re.compile(rb"application/x-www-form-urlencoded"), in_form),
)

_QUOTED = re.compile(rb'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_HEAD: Final = 512
_NOT_TEXT = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")  # WHATWG MIME Sniffing §3
_WIDE: Final = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_EVENT_STARTS: Final = (b"data:", b"event:")


def the_type(values: Sequence[bytes]) -> bytes:
    """The one media type that all of ``Content-Type`` says; FilterError where readers may differ.

    Some take the first of several, some the last (WHATWG Fetch, "extract a MIME type").
    """
    first = values[0]
    if len(values) == 1 and first.find(b",") < 0:
        return first
    said = [value for line in values for value in _QUOTED.sub(b"", line).lower().split(b",")]
    essences = {value.partition(b";")[0].strip() for value in said}
    charsets = {named[1] for line in values for named in _CHARSET.finditer(line.lower())}
    if len(essences) > 1 or len(charsets) > 1:
        raise FilterError("the answer has several media types")
    return first


def reader_for(
    media_type: bytes, editor: Editor, *, drop: frozenset[str] = frozenset()
) -> BodyFilter | None:
    """The reader for an answer's ``Content-Type``; None where the body passes as it is.

    ``drop`` as in JsonReader. Raises FilterError for text in a form that cannot be edited.
    """
    if media_type in _USUAL_JSON:
        return JsonReader(editor, drop=drop)
    found = _TYPE.match(media_type)
    essence = found[1].lower() if found else b""
    named = _CHARSET.search(media_type)
    charset = named[1].decode("latin-1") if named else "utf-8"
    if essence == b"text/event-stream":
        return SseReader(editor, drop=drop)
    if _LINES.fullmatch(essence):
        return NdjsonReader(editor, drop=drop)
    if _JSON.fullmatch(essence):
        if codec_of(charset).startswith(("utf-16", "utf-32")):
            raise FilterError("JSON has to be UTF-8")
        return JsonReader(editor, drop=drop)
    return _text_reader(essence, editor, charset, drop)


def _text_reader(
    essence: bytes, editor: Editor, charset: str, drop: frozenset[str]
) -> BodyFilter | None:
    for pattern, escape in _LANGUAGES:
        if pattern.fullmatch(essence):
            return TextReader(editor, charset, escape)
    plain = essence == b"text/plain"
    if _TEXT.fullmatch(essence) and not (plain and codec_of(charset) in ("utf-8", "ascii")):
        return TextReader(editor, charset)
    if _OPAQUE.fullmatch(essence):
        raise FilterError(f"{essence.decode('latin-1')} cannot be edited")
    return None if _BINARY.fullmatch(essence) else Sniffer(editor, drop=drop, is_text=plain)


class Sniffer:
    """Reads a body as what its first bytes say.

    JSON by ``{`` or ``[``, events by ``data:`` or ``event:``, markup by ``<``. Else text, unless
    the first 512 bytes hold one that text never has (and no UTF-16 byte order mark); with
    ``is_text`` text in any case.
    """

    def __init__(self, editor: Editor, *, drop: frozenset[str], is_text: bool) -> None:
        self._editor = editor
        self._drop = drop
        self._is_text = is_text
        self._head = b""
        self._reader: BodyFilter | None = None
        self._binary = False

    def feed(self, data: bytes, /) -> bytes:
        """As the reader that was chosen, once it is."""
        if self._reader is not None:
            return self._reader.feed(data)
        if self._binary:
            return data
        self._head += data
        return self._decide(final=False)

    def flush(self) -> bytes:
        """As the reader that was chosen."""
        if self._reader is not None:
            return self._reader.flush()
        if self._binary or not self._head:
            return b""
        return self._decide(final=True) + (self._reader.flush() if self._reader else b"")

    def _decide(self, *, final: bool) -> bytes:
        head = self._head
        begin = head.removeprefix(codecs.BOM_UTF8).lstrip(b" \t\r\n")[:8]
        long = final or len(head) >= _HEAD
        if begin[:1] in (b"{", b"["):
            self._reader = JsonReader(self._editor, drop=self._drop)
        elif begin.startswith(_EVENT_STARTS):
            self._reader = SseReader(self._editor, drop=self._drop)
        elif begin[:1] == b"<" and not self._is_text:
            self._reader = TextReader(self._editor, escape=in_html)
        elif not long and (not self._is_text or self._may_be_more(head, begin)):
            return b""
        elif self._is_text or head.startswith(_WIDE) or not _NOT_TEXT.search(head[:_HEAD]):
            self._reader = TextReader(self._editor)
        else:
            self._binary = True
        self._head = b""
        return self._reader.feed(head) if self._reader is not None else head

    @staticmethod
    def _may_be_more(head: bytes, begin: bytes) -> bool:
        if not begin or len(head) < len(codecs.BOM_UTF8):
            return True
        return any(start.startswith(begin) for start in _EVENT_STARTS)
