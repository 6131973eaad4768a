"""The reader: any split of the input reads the same, and llhttp reads what we read."""

from __future__ import annotations

import contextlib
import time
from itertools import pairwise
from typing import Any

import httptools
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.downstream.limits import ProtocolLimits
from router.downstream.reader import RequestReader
from router.errors import DownstreamError
from router.exchange import RequestHead
from tests.downstream.test_strictness import ACCEPTED, REFUSED

LIMITS = ProtocolLimits()


def read(pieces: list[bytes]) -> tuple[list[Any], int]:
    """The requests as [method, path, query, fields, body]; 0, or the status of a refusal."""
    reader = RequestReader(LIMITS)
    requests: list[Any] = []
    begun: Any = None
    body = b""
    for piece in pieces:
        reader.feed(piece)
        try:
            while True:
                if reader.body_open:
                    body += reader.take_body()
                    if reader.body_open:
                        break
                if begun is not None:
                    requests.append([*begun, body])
                head = reader.next_head()
                begun = head and [head.method, head.path, head.query, head.fields]
                body = b""
                if head is None:
                    break
        except DownstreamError as error:
            return requests, error.status
    return requests, 0


def split(data: bytes, cuts: list[int]) -> list[bytes]:
    edges = [0, *sorted(cut % (len(data) + 1) for cut in cuts), len(data)]
    return [data[begin:end] for begin, end in pairwise(edges)]


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted_reads_the_same_byte_by_byte_and_in_two(name: str) -> None:
    data = ACCEPTED[name][0] * 2
    whole = read([data])
    assert whole[1] == 0
    assert len(whole[0]) == 2
    assert read([data[at : at + 1] for at in range(len(data))]) == whole
    for at in range(1, len(data)):
        assert read([data[:at], data[at:]]) == whole


@pytest.mark.parametrize("name", [name for name in REFUSED if len(REFUSED[name][0]) < 2000])
def test_refused_is_refused_byte_by_byte_and_in_two(name: str) -> None:
    data = REFUSED[name][0] + b"GET /second HTTP/1.1\r\nHost: x\r\n\r\n"
    if name == "unknown expectation":
        return  # refused by its head, whatever follows
    whole = read([data])
    assert whole[1]
    for pieces in (
        [data[at : at + 1] for at in range(len(data))],
        *([data[:at], data[at:]] for at in range(1, len(data))),
    ):
        requests, status = read(pieces)
        assert status
        assert len(requests) == len(whole[0]), "no split lets a second request through"


class Oracle:
    def __init__(self) -> None:
        self.requests: list[Any] = []

    def on_message_begin(self) -> None:
        self.url = b""
        self.fields: list[tuple[bytes, bytes]] = []
        self.body = b""
        self.trailing = False

    def on_url(self, url: bytes) -> None:
        self.url += url

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self.trailing:
            self.fields.append((name.lower(), value.rstrip(b" \t")))

    def on_headers_complete(self) -> None:
        self.trailing = True

    def on_body(self, body: bytes) -> None:
        self.body += body

    def on_message_complete(self) -> None:
        path, _, query = self.url.partition(b"?")
        self.requests.append([path, query, self.fields, self.body])


TOKENS = st.sampled_from([b"A", b"x-b", b"Accept", b"cookie", b"X_Y"])
VALUES = st.lists(
    st.sampled_from([b"a", b" ", b"\t", b",", b"\xc3\xa9", b"z" * 40]), max_size=6
).map(b"".join)
BODIES = st.binary(max_size=40)


@st.composite
def requests(draw: Any) -> bytes:
    method = draw(st.sampled_from([b"GET", b"POST", b"PUT", b"DELETE"]))
    target = b"/" + draw(st.sampled_from([b"", b"a/b", b"%2e%2e/x", b"q?r=1&s", b"?"]))
    fields = draw(st.lists(st.tuples(TOKENS, VALUES), max_size=5))
    lines = [method + b" " + target + b" HTTP/1.1", b"Host: x"]
    lines += [
        name + draw(st.sampled_from([b":", b": ", b":\t "])) + value for name, value in fields
    ]
    kind = draw(st.sampled_from(["none", "sized", "chunked"]))
    if kind == "none":
        return b"\r\n".join([*lines, b"", b""])
    if kind == "sized":
        body = draw(BODIES)
        return b"\r\n".join([*lines, b"Content-Length: %d" % len(body), b"", body])
    chunks = [chunk for chunk in draw(st.lists(BODIES, max_size=4)) if chunk]
    extension = draw(st.sampled_from([b"", b";a", b";a=b", b';a="b c"']))
    body = b"".join(b"%x%b\r\n%b\r\n" % (len(c), extension, c) for c in chunks) + b"0\r\n"
    trailer = draw(st.sampled_from([b"", b"A: b\r\n"]))
    return b"\r\n".join([*lines, b"Transfer-Encoding: chunked", b"", body + trailer + b"\r\n"])


@settings(deadline=None, max_examples=80)
@given(st.lists(requests(), min_size=1, max_size=3), st.lists(st.integers(0, 10**6), max_size=12))
def test_any_split_reads_what_llhttp_reads(messages: list[bytes], cuts: list[int]) -> None:
    data = b"".join(messages)
    ours, status = read(split(data, cuts))
    assert status == 0
    oracle = Oracle()
    httptools.HttpRequestParser(oracle).feed_data(data)
    assert [request[1:] for request in ours] == oracle.requests


@settings(deadline=None, max_examples=150)
@given(st.data())
def test_what_we_accept_llhttp_accepts(data: st.DataObject) -> None:
    """One byte changed anywhere: never do we see a message where the stricter eye sees none."""
    message = bytearray(data.draw(requests()))
    at = data.draw(st.integers(0, len(message) - 1))
    message[at : at + data.draw(st.integers(0, 1))] = data.draw(
        st.sampled_from(
            [b"\r", b"\n", b"\0", b" ", b"\t", b":", b";", b"\x80", b"\r\n", b"0", b"#"]
        )
    )
    ours, _ = read([bytes(message)])
    oracle = Oracle()
    parser = httptools.HttpRequestParser(oracle)
    with contextlib.suppress(httptools.HttpParserError):  # what it saw before is what counts
        parser.feed_data(bytes(message))
    if all(request[0] in ("GET", "POST", "PUT", "DELETE") for request in ours):
        # Unregistered methods are the one thing that llhttp alone refuses.
        assert [request[1:] for request in ours] == oracle.requests[: len(ours)]


@settings(deadline=None, max_examples=80)
@given(st.lists(st.one_of(st.binary(max_size=30), requests()), max_size=6))
def test_no_input_does_worse_than_be_refused(pieces: list[bytes]) -> None:
    _, status = read(pieces)
    assert status in (0, 400, 414, 417, 431, 501, 505)


def test_a_head_in_single_bytes_costs_no_more_than_its_length() -> None:
    reader = RequestReader(LIMITS)
    began = time.thread_time()
    for byte in b"GET / HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 32000:
        reader.feed(bytes((byte,)))
        assert reader.next_head() is None
    assert time.thread_time() - began < 1


def test_one_byte_chunks_are_taken_in_turns_that_do_not_stall_the_loop() -> None:
    reader = RequestReader(LIMITS)
    reader.feed(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n")
    reader.next_head()
    reader.feed(b"1\r\nx\r\n" * 43000)
    taken, longest = 0, 0.0
    while taken < 43000:
        began = time.thread_time()
        taken += len(reader.take_body())
        longest = max(longest, time.thread_time() - began)
        assert reader.body_waiting == (taken < 43000)
    assert longest < 0.05


def test_what_a_connection_remembers_of_lines_is_bounded() -> None:
    reader = RequestReader(LIMITS)
    for number in range(40):
        line = b"X-%d: %b" % (number, b"v" * 490)
        reader.feed(b"GET / HTTP/1.1\r\nHost: a\r\n" + line + b"\r\n\r\n")
        assert reader.next_head() is not None
        assert sum(map(len, reader._known)) <= 9 * 1024


def test_each_value_under_a_name_that_stands_once_or_often() -> None:
    lines = [(b"a", b"1"), (b"b", b"2"), (b"a", b"3")]
    often = RequestHead("GET", b"/", b"", lines, first={b"a": b"1", b"b": b"2"})
    assert (often.all(b"a"), often.all(b"b"), often.all(b"c")) == ([b"1", b"3"], [b"2"], [])
    once = RequestHead("GET", b"/", b"", lines[:2], first={b"a": b"1", b"b": b"2"})
    assert (once.all(b"a"), once.all(b"c")) == ([b"1"], [])
