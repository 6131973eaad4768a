"""Cases 33 and 35 of the hostile inputs: upstreams' answers without end."""

from __future__ import annotations

import asyncio
import contextlib
import time
from itertools import repeat
from typing import TYPE_CHECKING

import pytest

from router.testing import answer
from tests.threats.wire import (
    POST,
    arrivals,
    ask,
    assert_problem,
    calling,
    read_whole,
    serving,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from router.testing import Received
    from tests.threats.conftest import Fill
    from tests.world import World


ROUTES = ("open", "masked", "private", "signed-in")
"""Passed on as it comes, masked, restored, and for somebody who is known."""

ASKED = POST + b"Content-Length: 2\r\n\r\n{}"
LEAVING = ASKED.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
"""For what may end in a whole 502 or in a cut answer: either way the connection ends."""
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


# 33, 35: answers without end

FINAL = answer(b'{"a":1}')
HINT = b"HTTP/1.1 103 Early Hints\r\nLink: </style.css>; rel=preload\r\n\r\n"


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("interim", "count"),
    [
        (HINT, 1),
        (HINT, 5),
        (HINT, 1000),
        (b"HTTP/1.1 100 Continue\r\n\r\n", 5),
        (b"HTTP/1.1 100 Continue\r\n\r\n", 1000),
        (b"HTTP/1.1 102 Processing\r\n\r\n", 1000),
        (b"HTTP/1.1 199 What\r\nX-A: b\r\n\r\n", 3),
    ],
)
def test_33_informational_answers_are_bounded_and_not_passed_on(
    here: World, fill: Fill, interim: bytes, count: int, route: str
) -> None:
    here.origin.reply = interim * count + FINAL
    with arrivals(here), calling(here, fill(ASKED, route)) as caller:
        told = caller.answer()
        assert caller.interim == []
    if count < 20:
        assert (told.status, told.body) == (200, b'{"a":1}')
    elif told.status != 200:
        assert_problem(told, 502)
    assert told.one("link") is None


@pytest.mark.parametrize("route", ROUTES)
def test_33_informational_answers_without_end_are_given_up(
    here: World, fill: Fill, route: str
) -> None:
    sent = endless(here, b"", repeat(HINT * 100))
    began = time.perf_counter()
    with arrivals(here):
        assert_problem(ask(here, fill(ASKED, route)), 502, 504)
    assert time.perf_counter() - began < 2
    assert sum(sent) < 16 * 1024 * 1024


ENDLESS = {
    "fields": (OK, b"X-A: " + b"a" * 1000 + b"\r\n"),
    "short fields": (OK, b"A: b\r\n" * 200),
    "a value": (OK + b"X-A: ", b"a" * 4096),
    "a name": (OK + b"X-", b"a" * 4096),
    "a reason": (b"HTTP/1.1 200 ", b"O" * 4096),
    "a version": (b"HTTP/1.", b"1" * 4096),
    "a status": (b"HTTP/1.1 ", b"2" * 4096),
    "line ends": (b"", b"\r\n" * 2000),
    "blanks": (OK + b"X-A:", b" " * 4096),
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(("begin", "piece"), ENDLESS.values(), ids=ENDLESS)
def test_35_a_head_without_end_is_a_502_in_bounded_memory(
    here: World, fill: Fill, begin: bytes, piece: bytes, route: str
) -> None:
    sent = endless(here, begin, repeat(piece))
    began = time.perf_counter()
    with arrivals(here):
        assert_problem(ask(here, fill(ASKED, route)), 502)
    assert time.perf_counter() - began < 2
    # What sockets hold between the two, and not more than that.
    assert sum(sent) < 16 * 1024 * 1024


@pytest.mark.parametrize("route", ["open", "masked"])
def test_35_a_head_that_trickles_is_given_up_in_time(here: World, fill: Fill, route: str) -> None:
    ordinary = serving(here)

    async def trickle(
        request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if request.target == "/up/witness":
            await ordinary(request, reader, writer)
            return
        await read_whole(request, reader)
        writer.write(OK)
        with contextlib.suppress(ConnectionError):
            while not reader.at_eof():
                writer.write(b"A: b\r\n")
                await writer.drain()
                await asyncio.sleep(0.05)
        writer.close()

    here.origin.handler = trickle
    began = time.perf_counter()
    with arrivals(here):
        assert_problem(ask(here, fill(ASKED, route)), 504)
    assert time.perf_counter() - began < 1.7  # first_byte is 0.7 s, and a second


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("count", [201, 10_000])
def test_35_too_many_fields_are_a_502(here: World, fill: Fill, count: int, route: str) -> None:
    here.origin.reply = OK + b"A: b\r\n" * count + b"Content-Length: 2\r\n\r\n{}"
    with arrivals(here):
        assert_problem(ask(here, fill(ASKED, route)), 502)
        here.origin.reply = answer()


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "piece", [b"A: " + b"b" * 1000 + b"\r\n", b"a" * 4096], ids=["lines", "one line"]
)
def test_35_trailers_without_end_cut_the_answer(
    here: World, fill: Fill, piece: bytes, route: str
) -> None:
    begin = OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
    sent = endless(here, begin, repeat(piece))
    with arrivals(here), calling(here, fill(LEAVING, route)) as caller:
        raw = caller.rest()
    assert not raw.endswith(b"0\r\n\r\n")
    assert sum(sent) < 16 * 1024 * 1024


@pytest.mark.parametrize("route", ROUTES)
def test_35_a_chunk_extension_without_end_cuts_the_answer(
    here: World, fill: Fill, route: str
) -> None:
    sent = endless(here, OK + b"Transfer-Encoding: chunked\r\n\r\n2;", repeat(b"a" * 4096))
    with arrivals(here), calling(here, fill(LEAVING, route)) as caller:
        raw = caller.rest()
    assert not raw.endswith(b"0\r\n\r\n")
    assert sum(sent) < 16 * 1024 * 1024


def endless(here: World, begin: bytes, pieces: Iterable[bytes]) -> list[int]:
    """Lets the origin send ``begin`` and ``pieces`` until the router hangs up; tells how much."""
    ordinary, sent = serving(here), [len(begin)]

    async def pour(
        request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if request.target == "/up/witness":
            await ordinary(request, reader, writer)
            return
        await read_whole(request, reader)
        writer.write(begin)
        with contextlib.suppress(ConnectionError):
            for piece in pieces:
                writer.write(piece)
                await writer.drain()
                await asyncio.sleep(0)
                sent.append(len(piece))
                if reader.at_eof() or sum(sent) > 64 * 1024 * 1024:
                    break
        writer.close()

    here.origin.handler = pour
    return sent
