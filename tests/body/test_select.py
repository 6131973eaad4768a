"""Which reader for which media type; text is never passed unread."""

from __future__ import annotations

import gzip
from typing import TYPE_CHECKING, Any

import pytest

from router.body.json_strings import JsonReader
from router.body.ndjson import NdjsonReader
from router.body.select import reader_for
from router.body.sse import SseReader
from router.body.text import TextReader
from router.errors import FilterError
from tests.body.toys import Swap, mask, restore, same

if TYPE_CHECKING:
    from collections.abc import Callable

    from router.body.filters import BodyFilter


def reads(media_type: bytes, editor: Swap) -> Callable[[], BodyFilter]:
    def made() -> BodyFilter:
        body = reader_for(media_type, editor)
        assert body is not None
        return body

    return made


@pytest.mark.parametrize(
    ("media_type", "reader"),
    [
        (b"application/json", JsonReader),
        (b"Application/JSON; charset=UTF-8", JsonReader),
        (b"application/problem+json", JsonReader),
        (b"text/event-stream;charset=utf-8", SseReader),
        (b"application/x-ndjson", NdjsonReader),
        (b"application/jsonl", NdjsonReader),
        (b"application/stream+json", NdjsonReader),
        (b"application/json-seq", NdjsonReader),
        (b"text/html", TextReader),
        (b"text/csv; charset=latin-1", TextReader),
        (b"text/plain; charset=latin-1", TextReader),
        (b"image/svg+xml", TextReader),
        (b"application/javascript", TextReader),
        (b"application/x-www-form-urlencoded", TextReader),
        (b"multipart/mixed; boundary=x", TextReader),
        (b"audio/mpeg", type(None)),
        (b"image/png", type(None)),
        (b"application/pdf", type(None)),
    ],
)
def test_known_types(media_type: bytes, reader: Any) -> None:
    assert type(reader_for(media_type, mask())) is reader


@pytest.mark.parametrize(
    "media_type",
    [
        b"application/json; charset=utf-16",
        b"text/html; charset=utf-7",
        b"application/x-protobuf",
        b"application/grpc-web+proto",
        b"application/cbor",
        b"application/vnd.amazon.eventstream",
    ],
)
def test_text_that_cannot_be_edited_is_refused(media_type: bytes) -> None:
    with pytest.raises(FilterError):
        reader_for(media_type, mask())


UNKNOWN = [
    b"",
    b"application/octet-stream",
    b"application/x-thing",
    b"text/plain",
    b"nonsense",
    b"binary",
]


@pytest.mark.parametrize("media_type", UNKNOWN)
@pytest.mark.parametrize(
    "body",
    [
        b"by openai",
        b"",
        b"by openai " * 100,
        b'{"a":"openai","system_fingerprint":1}'.replace(b',"system_fingerprint":1', b""),
        b'\n [1,"openai"]',
        b'data: {"content":"ope"}\n\ndata: {"content":"nai"}\n\n',
        b"event: x\ndata: openai\n\n",
        b"<html>openai</html>",
        b"dat",
        b"date of openai",
        b'\xef\xbb\xbf{"a":"openai"}',
        "by openai".encode("utf-16"),
    ],
)
def test_unknown_text_is_edited(media_type: bytes, body: Any) -> None:
    out = same(reads(media_type, mask()), body)
    if body.startswith(b"\xff\xfe"):
        assert out == "by onasis".encode("utf-16")
    elif b"ope" in body and b"openai" not in body:
        assert out == b'data: {"content":""}\n\ndata: {"content":"onasis"}\n\n'
    else:
        assert out == body.replace(b"openai", b"onasis")


@pytest.mark.parametrize("media_type", UNKNOWN)
def test_values_are_escaped_for_what_the_body_is(media_type: bytes) -> None:
    out = same(reads(media_type, restore('"\n')), b'{"a":"<EMAIL_1>"}')
    assert out == b'{"a":"\\"\\n"}'


@pytest.mark.parametrize(
    "body",
    [gzip.compress(b"openai" * 50, mtime=0), b"\x00\x01" * 400, b"ID3\x04openai" + b"\0" * 600],
)
def test_unknown_binary_passes(body: Any) -> None:
    for media_type in (b"", b"application/octet-stream", b"application/x-thing"):
        assert same(reads(media_type, mask()), body) == body


def test_plain_text_that_begins_with_a_restored_value_is_no_markup() -> None:
    def make() -> BodyFilter:
        made = reader_for(b"text/plain; charset=utf-8", restore("o'brien&co@x.example"))
        assert made is not None
        return made

    assert same(make, b"<EMAIL_1> wrote <b>") == b"o'brien&co@x.example wrote <b>"
