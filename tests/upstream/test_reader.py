"""Responses from bytes: what is refused, what is mended, and that no split changes either."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.errors import UpstreamError
from router.upstream.bounds import Bounds
from router.upstream.reader import ResponseReader

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n"


@dataclass(frozen=True)
class Seen:
    """What came out; ``error`` is the token of what was refused."""

    error: str = ""
    status: int = 0
    fields: tuple[tuple[bytes, bytes], ...] = ()
    body: bytes = b""
    complete: bool = False


def read(*pieces: bytes, no_body: bool = False, eof: bool = False) -> tuple[Seen, ResponseReader]:
    reader = ResponseReader(Bounds())
    reader.begin(no_body=no_body)
    error = ""
    try:
        for piece in pieces:
            reader.feed(piece)
        if eof:
            reader.eof()
    except UpstreamError as caught:
        error = caught.proxy_error if caught.status == 502 else "no 502"
    head = reader.head
    return (
        Seen(
            error,
            head.status if head else 0,
            tuple(head.fields) if head else (),
            reader.take(),
            reader.complete,
        ),
        reader,
    )


REFUSED = {
    "two lengths": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\nhi",
    "the same length twice": OK + b"Content-Length: 2\r\nContent-Length: 2\r\n\r\nhi",
    "a list of lengths": OK + b"Content-Length: 2, 2\r\n\r\nhi",
    "a signed length": OK + b"Content-Length: +2\r\n\r\nhi",
    "a negative length": OK + b"Content-Length: -2\r\n\r\nhi",
    "a hexadecimal length": OK + b"Content-Length: 0x2\r\n\r\nhi",
    "an empty length": OK + b"Content-Length:\r\n\r\nhi",
    "a length out of range": OK + b"Content-Length: 99999999999999999999\r\n\r\nhi",
    "NUL in a value": OK + b"A: b\0c\r\n\r\n",
    "a control in a value": OK + b"A: b\x1bc\r\n\r\n",
    "DEL in a value": OK + b"A: b\x7fc\r\n\r\n",
    "CR in a value": OK + b"A: b\rc\r\n\r\n",
    "bare LF": OK + b"A: b\nB: c\r\n\r\n",
    "a folded line": OK + b"A: b\r\n c\r\n\r\n",
    "a space before the colon": OK + b"A : b\r\n\r\n",
    "no colon": OK + b"A b\r\n\r\n",
    "no name": OK + b": b\r\n\r\n",
    "a name beyond ASCII": OK + b"\xc3\xa9: b\r\n\r\n",
    "NUL in the reason": b"HTTP/1.1 200 O\0K\r\nContent-Length: 0\r\n\r\n",
    "ESC in the reason": b"HTTP/1.1 200 O\x1bK\r\nContent-Length: 0\r\n\r\n",
    "CR in the reason": b"HTTP/1.1 200 O\rK\r\nContent-Length: 0\r\n\r\n",
    "a low status": b"HTTP/1.1 099 X\r\nContent-Length: 0\r\n\r\n",
    "a high status": b"HTTP/1.1 600 X\r\nContent-Length: 0\r\n\r\n",
    "four digits": b"HTTP/1.1 2000 X\r\nContent-Length: 0\r\n\r\n",
    "HTTP/2.0": b"HTTP/2.0 200 X\r\nContent-Length: 0\r\n\r\n",
    "HTTP/0.9": b"HTTP/0.9 200 X\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.2": b"HTTP/1.2 200 X\r\nContent-Length: 0\r\n\r\n",
    "RTSP": b"RTSP/1.0 200 X\r\nContent-Length: 0\r\n\r\n",
    "ICE": b"ICE/1.0 200 X\r\nContent-Length: 0\r\n\r\n",
    "a page without a head": b"<html></html>",
    "an empty line first": b"\r\n" + OK + b"Content-Length: 0\r\n\r\n",
    "a chunk size that is none": CHUNKED + b"\r\nzz\r\n",
    "a chunk size out of range": CHUNKED + b"\r\nFFFFFFFFFFFFFFFFF\r\n",
    "a negative chunk size": CHUNKED + b"\r\n-1\r\n",
    "a chunk longer than said": CHUNKED + b"\r\n2\r\nhixx0\r\n\r\n",
    "a bare LF behind a chunk size": CHUNKED + b"\r\n2\nhi\r\n0\r\n\r\n",
    "LF in a chunk extension": CHUNKED + b"\r\n2;a=\nb\r\nhi\r\n0\r\n\r\n",
    "interim answers without end": b"HTTP/1.1 103 X\r\n\r\n" * 21,
}
REFUSED_OTHERWISE = {
    "http_response_transfer_coding": [
        OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n",
        OK + b"Transfer-Encoding: chunked, gzip\r\n\r\n",
        OK + b"Transfer-Encoding: xchunked\r\n\r\n",
        OK + b"Transfer-Encoding: identity\r\n\r\n",
        CHUNKED + b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    ],
    "http_upgrade_failed": [
        b"HTTP/1.1 101 S\r\n\r\n",
        b"HTTP/1.1 101 S\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\nbytes",
    ],
    "http_response_header_section_size": [
        OK + b"A: b\r\n" * 201 + b"\r\n",
        OK + b"A: " + b"b" * 70_000 + b"\r\n\r\n",
        OK + b"A: " + b"b" * 70_000 + b"\r\nContent-Length: 9\r\n\r\nhi",
        OK + b"A: b\r\n" * 20_000,
        b"HTTP/1.1 200 " + b"O" * 70_000 + b"\r\n\r\n",
        CHUNKED + b"\r\n1\r\nx\r\n0\r\nA: " + b"b" * 200_000,
        CHUNKED + b"\r\n1\r\nx\r\n5;a=" + b"b" * 200_000,
    ],
}
PASSED = {
    "sized": (OK + b"Content-Length: 2\r\n\r\nhi", b"hi", ((b"content-length", b"2"),)),
    "chunked": (CHUNKED + b"\r\n1\r\nh\r\n1;x=y\r\ni\r\n0\r\n\r\n", b"hi", ()),
    "trailers": (
        CHUNKED + b"\r\n2\r\nhi\r\n0\r\nContent-Length: 9\r\nX-User-Id: me\r\n\r\n",
        b"hi",
        (),
    ),
    "both framings": (
        OK + b"Content-Length: 9\r\nTransfer-Encoding: Chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n",
        b"hi",
        (),
    ),
    "white space and obs-text": (
        OK + b"A: \t \xe9 x \t\r\nContent-Length: 0 \r\n\r\n",
        b"",
        ((b"a", b"\xe9 x"), (b"content-length", b"0")),
    ),
    "no content": (b"HTTP/1.1 204 N\r\nContent-Length: 5\r\n\r\n", b"", ()),
    "not modified": (
        b"HTTP/1.1 304 N\r\nContent-Length: 5\r\n\r\n",
        b"",
        ((b"content-length", b"5"),),
    ),
    "behind interim answers": (
        b"HTTP/1.1 100 Continue\r\nTransfer-Encoding: chunked\r\n\r\n"
        b"HTTP/1.1 103 E\r\nContent-Length: 5\r\n\r\n" + OK + b"Content-Length: 1\r\n\r\nx",
        b"x",
        ((b"content-length", b"1"),),
    ),
    "an upgrade that was not made": (
        OK + b"Upgrade: h2c\r\nConnection: upgrade\r\nContent-Length: 1\r\n\r\nx",
        b"x",
        ((b"upgrade", b"h2c"), (b"connection", b"upgrade"), (b"content-length", b"1")),
    ),
}


@pytest.mark.parametrize("data", REFUSED.values(), ids=REFUSED)
def test_malformed_responses_are_refused(data: bytes) -> None:
    seen, _ = read(data)
    assert seen.error == "http_protocol_error"
    assert not seen.complete


@pytest.mark.parametrize(
    ("error", "data"),
    [(error, data) for error, many in REFUSED_OTHERWISE.items() for data in many],
)
def test_what_is_refused_for_a_reason_of_its_own(error: str, data: bytes) -> None:
    pieces = [data[at : at + 65536] for at in range(0, len(data), 65536)]
    seen, _ = read(*pieces)
    assert seen.error == error
    assert not seen.complete


@pytest.mark.parametrize(("data", "body", "fields"), PASSED.values(), ids=PASSED)
def test_what_passes_is_mended(
    data: bytes, body: bytes, fields: tuple[tuple[bytes, bytes], ...]
) -> None:
    seen, reader = read(data)
    assert (seen.error, seen.body, seen.fields, seen.complete) == ("", body, fields, True)
    assert reader.reusable == (b"Chunked" not in data)
    reader.feed(b"HTTP/1.1 200 OK\r\n")
    assert not reader.reusable


@pytest.mark.parametrize("data", [*REFUSED.values(), *(case[0] for case in PASSED.values())])
def test_byte_by_byte_gives_the_same(data: bytes) -> None:
    one, _ = read(data)
    other, _ = read(*(data[at : at + 1] for at in range(len(data))))
    assert other == one


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from(
        [
            *REFUSED.values(),
            *(case[0] for case in PASSED.values()),
            *REFUSED_OTHERWISE["http_response_transfer_coding"],
            *REFUSED_OTHERWISE["http_upgrade_failed"],
        ]
    ),
    st.lists(st.integers(0, 120), max_size=6),
    st.binary(max_size=8),
)
def test_any_split_gives_the_same(data: bytes, cuts: list[int], junk: bytes) -> None:
    data += junk
    places = sorted({0, len(data), *(cut for cut in cuts if cut < len(data))})
    pieces = [data[start:end] for start, end in pairwise(places)]
    assert read(*pieces)[0] == read(data)[0]


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=200), st.booleans())
def test_no_bytes_bring_anything_but_an_answer_or_an_error(data: bytes, behind: bool) -> None:
    data = OK + data if behind else data
    if data:
        read(data, eof=True)


@pytest.mark.parametrize("framing", [b"Content-Length: 5", b"Transfer-Encoding: chunked"])
def test_an_answer_to_head_has_no_body(framing: bytes) -> None:
    seen, reader = read(OK + framing + b"\r\n\r\n", no_body=True)
    assert seen.complete
    assert reader.reusable
    reader.begin(no_body=False)
    reader.feed(OK + b"Content-Length: 2\r\n\r\nhi")
    assert reader.complete
    assert reader.take() == b"hi"
    for junk in (b"hello", b"5\r\n", b"\r\n", b"x"):
        seen, reader = read(OK + framing + b"\r\n\r\n" + junk, no_body=True)
        assert (seen.error, seen.body, seen.complete) == ("", b"", True)
        assert not reader.reusable


def test_only_a_body_without_framing_ends_with_the_connection() -> None:
    assert read(OK + b"\r\nhi", eof=True)[0].complete
    assert not read(OK + b"\r\nhi")[0].complete
    for data in (OK + b"Content-Length: 3\r\n\r\nhi", CHUNKED + b"\r\n2\r\nhi\r\n", OK, b"H"):
        seen, _ = read(data, eof=True)
        assert seen.error == ""
        assert not seen.complete


def test_heads_may_be_large_to_the_limit() -> None:
    seen, _ = read(OK + b"A: " + b"b" * 60_000 + b"\r\nContent-Length: 4096\r\n\r\n", b"x" * 4096)
    assert seen.complete
    seen, _ = read(OK + b"A: b\r\n" * 199 + b"Content-Length: 0\r\n\r\n")
    assert seen.complete


@pytest.mark.parametrize(
    ("media", "events"),
    [(b"text/event-stream", True), (b"Text/Event-Stream;x", True), (b"text/plain", False)],
)
def test_event_streams_are_known(media: bytes, *, events: bool) -> None:
    _, reader = read(CHUNKED + b"Content-Type: " + media + b"\r\n\r\n")
    assert reader.event_stream == events
