"""An answer's bytes."""

from __future__ import annotations

from email.utils import parsedate_to_datetime

import httptools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.downstream.answer import Answer, AnswerError, DateClock, problem_answer
from router.errors import DownstreamError

DATE = DateClock().now()


def start(answer: Answer, *fields: tuple[bytes, bytes], status: int = 200) -> list[bytes]:
    head = answer.start(status, fields, DATE)
    assert head.endswith(b"\r\n\r\n")
    return head[:-4].split(b"\r\n")


def test_date_is_an_imf_fixdate() -> None:
    assert parsedate_to_datetime(DATE.decode()).tzname() == "UTC"


def test_length_of_the_application_frames_the_body() -> None:
    answer = Answer("GET", "1.1", keep_alive=True)
    lines = start(answer, (b"content-length", b"3"))
    assert lines == [b"HTTP/1.1 200 OK", b"Date: " + DATE, b"Content-Length: 3"]
    assert answer.body(b"abc", last=True) == b"abc"
    assert answer.keep_alive


def test_no_length_means_chunks() -> None:
    answer = Answer("GET", "1.1", keep_alive=True)
    assert b"Transfer-Encoding: chunked" in start(answer)
    assert answer.body(b"a" * 17, last=False) == b"11\r\n" + b"a" * 17 + b"\r\n"
    assert answer.body(b"", last=False) == b""
    assert answer.body(b"b", last=True) == b"1\r\nb\r\n0\r\n\r\n"


def test_no_length_in_1_0_means_close() -> None:
    answer = Answer("GET", "1.0", keep_alive=True)
    lines = start(answer)
    assert b"Connection: close" in lines
    assert not any(line.lower().startswith(b"transfer-encoding") for line in lines)
    assert answer.body(b"abc", last=True) == b"abc"
    assert answer.delimited_by_close
    assert not answer.keep_alive


def test_keep_alive_is_told_to_1_0_only() -> None:
    assert b"Connection: keep-alive" in start(
        Answer("GET", "1.0", keep_alive=True), (b"content-length", b"0")
    )


@pytest.mark.parametrize(("method", "status"), [("HEAD", 200), ("GET", 204), ("GET", 304)])
@pytest.mark.parametrize("fields", [(), ((b"content-length", b"5"),)])
def test_no_body_where_none_may_be(
    method: str, status: int, fields: tuple[tuple[bytes, bytes]]
) -> None:
    answer = Answer(method, "1.1", keep_alive=True)
    lines = start(answer, *fields, status=status)
    assert b"Transfer-Encoding: chunked" not in lines
    assert (b"Content-Length: 5" in lines) == bool(fields and status != 204)
    assert answer.body(b"hello", last=False) == b""
    assert answer.body(b"", last=True) == b""
    assert answer.keep_alive


def test_framing_and_hop_by_hop_fields_are_ours_alone() -> None:
    lines = start(
        Answer("GET", "1.1", keep_alive=True),
        (b"Content-Length", b"3"),
        (b"Transfer-Encoding", b"gzip"),
        (b"Keep-Alive", b"timeout=5"),
        (b"Connection", b"upgrade"),
        (b"Date", b"Thu, 01 Jan 1970 00:00:00 GMT"),
        (b"date", b"twice"),
        (b"X-A", b"b"),
    )
    assert lines == [
        b"HTTP/1.1 200 OK",
        b"X-A: b",
        b"Date: Thu, 01 Jan 1970 00:00:00 GMT",
        b"Content-Length: 3",
    ]


def test_close_of_the_application_is_honoured() -> None:
    answer = Answer("GET", "1.1", keep_alive=True)
    assert b"Connection: close" in start(answer, (b"connection", b"Close"))
    assert not answer.keep_alive


@pytest.mark.parametrize(
    "field",
    [
        (b"a", b"b\r\nSet-Cookie: c"),
        (b"a", b"b\nc"),
        (b"a", b"b\rc"),
        (b"a", b"b\0"),
        (b"a\r\nb", b"c"),
        (b"a b", b"c"),
        (b"a:", b"c"),
        (b"", b"c"),
        (b"\xc3", b"c"),
        (b"date", b"x\r\ny"),
        (b"content-length", b"-1"),
        (b"content-length", b"1, 1"),
        (b"content-length", b""),
    ],
)
def test_fields_that_must_not_leave(field: tuple[bytes, bytes]) -> None:
    with pytest.raises(AnswerError):
        start(Answer("GET", "1.1", keep_alive=True), field)


def test_two_lengths_must_not_leave() -> None:
    with pytest.raises(AnswerError):
        start(
            Answer("GET", "1.1", keep_alive=True),
            (b"content-length", b"1"),
            (b"content-length", b"2"),
        )


@pytest.mark.parametrize("status", [0, 99, 100, 101, 199, 1000])
def test_status_must_be_final(status: int) -> None:
    with pytest.raises(AnswerError):
        start(Answer("GET", "1.1", keep_alive=True), status=status)


def test_unknown_status_has_an_empty_reason() -> None:
    assert start(Answer("GET", "1.1", keep_alive=True), status=299)[0] == b"HTTP/1.1 299 "


@pytest.mark.parametrize(
    ("body", "last"), [(b"abcd", False), (b"abcd", True), (b"ab", True), (b"", True)]
)
def test_a_body_that_breaks_its_length(body: bytes, last: bool) -> None:
    answer = Answer("GET", "1.1", keep_alive=True)
    start(answer, (b"content-length", b"3"))
    with pytest.raises(AnswerError):
        answer.body(body, last=last)


class Parsed:
    def __init__(self) -> None:
        self.body = b""
        self.complete = False

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        self.complete = True


@settings(deadline=None, max_examples=60)
@given(st.lists(st.binary(max_size=60), max_size=5), st.booleans())
def test_llhttp_reads_the_body_that_was_given(pieces: list[bytes], sized: bool) -> None:
    answer = Answer("GET", "1.1", keep_alive=True)
    body = b"".join(pieces)
    fields = [(b"content-length", b"%d" % len(body))] if sized else []
    parsed = Parsed()
    parser = httptools.HttpResponseParser(parsed)
    parser.feed_data(answer.start(200, fields, DATE))
    for piece in pieces:
        parser.feed_data(answer.body(piece, last=False))
    parser.feed_data(answer.body(b"", last=True))
    assert (parsed.body, parsed.complete) == (body, True)


def test_problem_is_a_whole_closing_answer() -> None:
    data = problem_answer(DownstreamError(400, "why"), "0" * 32, DATE)
    head, _, body = data.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Content-Length: %d\r\n" % len(body) in head
    assert head.endswith(b"Connection: close")
