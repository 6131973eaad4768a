"""Cases 30-35 and 50 of the hostile inputs: upstreams whose answers cannot be trusted either."""

from __future__ import annotations

import asyncio
import contextlib
import time
from itertools import repeat
from typing import TYPE_CHECKING

import pytest

from router.testing import answer
from tests.threats.wire import (
    GET,
    POST,
    arrivals,
    ask,
    assert_problem,
    calling,
    read_whole,
    serving,
    until,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from router.testing import Received
    from tests.threats.conftest import Fill
    from tests.world import World

ROUTES = ("open", "masked", "private", "signed-in")
"""Passed on as it comes, masked, restored, and for somebody who is known."""

ASKED = POST + b"Content-Length: 2\r\n\r\n{}"
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
EVIL = answer(b"evil", extra="X-Evil: 1\r\n")
"""A whole answer to nobody's request."""


class Connections:
    """Which connection of the router's each request came by."""

    def __init__(self, here: World, replies: Iterable[bytes]) -> None:
        self.peers: list[int] = []
        self._replies = iter(replies)
        self._ordinary = serving(here)

    async def __call__(
        self, request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.peers.append(writer.get_extra_info("peername")[1])
        reply = next(self._replies, None)
        if reply is None or request.target == "/up/witness":
            await self._ordinary(request, reader, writer)
        else:
            await read_whole(request, reader)
            writer.write(reply)


# 30: a length and chunks


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "fields",
    [
        b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n",
        b"Transfer-Encoding: chunked\r\nContent-Length: 6\r\n",
        b"content-LENGTH: 0\r\nTRANSFER-encoding: Chunked\r\n",
        b"Content-Length: 999\r\nTransfer-Encoding: chunked\r\n",
        b"Connection: transfer-encoding\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n",
    ],
)
def test_30_chunks_win_over_a_length_and_the_connection_is_not_kept(
    here: World, fill: Fill, fields: bytes, route: str
) -> None:
    raw = OK + fields + b'\r\n7\r\n{"a":1}\r\n0\r\n\r\n'
    connections = here.origin.handler = Connections(here, [raw])
    with arrivals(here), calling(here, fill(ASKED + ASKED, route)) as caller:
        first, second = caller.answer(), caller.answer()
    assert (first.status, first.body) == (200, b'{"a":1}')
    assert first.one("content-length") in (None, "7")
    assert (second.status, second.body) == (200, b"{}")
    assert len(set(connections.peers[:2])) == 2


# 31: heads that are none

HEADS = {
    "two lengths": OK + b"Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x",
    "two lengths, letter case": OK + b"Content-Length: 3\r\nCONTENT-LENGTH: 2\r\n\r\n{}x",
    "list of lengths": OK + b"Content-Length: 2, 3\r\n\r\n{}x",
    "signed length": OK + b"Content-Length: +2\r\n\r\n{}",
    "negative length": OK + b"Content-Length: -2\r\n\r\n{}",
    "underscore in a length": OK + b"Content-Length: 1_0\r\n\r\n{}",
    "hexadecimal length": OK + b"Content-Length: 0x2\r\n\r\n{}",
    "empty length": OK + b"Content-Length:\r\n\r\n",
    "endless length": OK + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n{}",
    "CR in a value": OK + b"X-A: a\rX-Evil: 1\r\nContent-Length: 2\r\n\r\n{}",
    "LF in a value": OK + b"X-A: a\nX-Evil: 1\r\nContent-Length: 2\r\n\r\n{}",
    "NUL in a value": OK + b"X-A: a\x00b\r\nContent-Length: 2\r\n\r\n{}",
    "escape in a value": OK + b"X-A: a\x1b[2J\r\nContent-Length: 2\r\n\r\n{}",
    "NUL in Location": OK + b"Location: /up/\x00\r\nContent-Length: 2\r\n\r\n{}",
    "CR in Set-Cookie": OK + b"Set-Cookie: a=b\r c=d\r\nContent-Length: 2\r\n\r\n{}",
    "folded value": OK + b"X-A: a\r\n b\r\nContent-Length: 2\r\n\r\n{}",
    "blank before colon": OK + b"Content-Length : 2\r\n\r\n{}",
    "name with a blank": OK + b"X A: 1\r\nContent-Length: 2\r\n\r\n{}",
    "name not ASCII": OK + b"X-\xc3\xa9: 1\r\nContent-Length: 2\r\n\r\n{}",
    "empty name": OK + b": 1\r\nContent-Length: 2\r\n\r\n{}",
    "no colon": OK + b"nonsense\r\nContent-Length: 2\r\n\r\n{}",
    "unknown coding": OK + b"Transfer-Encoding: gzip\r\n\r\nxx",
    "gzip and chunked": OK + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
    "chunked twice": OK + b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "chunked with a control": OK + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n",
    "xchunked": OK + b"Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
    "CR in the reason": b"HTTP/1.1 200 O\rK\r\nContent-Length: 2\r\n\r\n{}",
    "NUL in the reason": b"HTTP/1.1 200 O\x00K\r\nContent-Length: 2\r\n\r\n{}",
    "status of two digits": b"HTTP/1.1 20 OK\r\nContent-Length: 2\r\n\r\n{}",
    "status of four digits": b"HTTP/1.1 2000 OK\r\nContent-Length: 2\r\n\r\n{}",
    "status 999": b"HTTP/1.1 999 OK\r\nContent-Length: 2\r\n\r\n{}",
    "status 000": b"HTTP/1.1 000 OK\r\nContent-Length: 2\r\n\r\n{}",
    "signed status": b"HTTP/1.1 +20 OK\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/2.0": b"HTTP/2.0 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "HTTP/0.9": b"<html>hello</html>",
    "another protocol": b"ICY 200 OK\r\nContent-Length: 2\r\n\r\n{}",
    "SSH": b"SSH-2.0-OpenSSH_9.6\r\n\r\n",
    "a request": b"GET / HTTP/1.1\r\nHost: a\r\n\r\n",
    "nothing but line ends": b"\r\n\r\n\r\n\r\n",
}  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("raw", HEADS.values(), ids=HEADS)
def test_31_a_head_that_is_none_is_a_502_and_ends_its_connection(
    here: World, fill: Fill, raw: bytes, route: str
) -> None:
    connections = here.origin.handler = Connections(here, [raw])
    with arrivals(here), calling(here, fill(ASKED + ASKED, route)) as caller:
        told = caller.answer()
        assert_problem(told, 502)
        assert (told.one("proxy-status") or "").startswith("router; error=")
        assert not told.closes
        assert caller.answer().status == 200
    assert len(set(connections.peers[:2])) == 2


CHUNKS = {
    "LF behind the size": b"2\n{}\r\n0\r\n\r\n",
    "size too large": b"FFFFFFFFFFFFFFFFF\r\n{}",
    "negative size": b"-2\r\n{}\r\n0\r\n\r\n",
    "size with a blank before": b" 2\r\n{}\r\n0\r\n\r\n",
    "data longer": b"1\r\n{}\r\n0\r\n\r\n",
    "LF in an extension": b"2;a\nb\r\n{}\r\n0\r\n\r\n",
    "no end": b"2\r\n{}\r\n",
    "half a chunk": b"5\r\n{}",
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("chunks", CHUNKS.values(), ids=CHUNKS)
def test_31_a_body_that_breaks_off_never_looks_complete(
    here: World, fill: Fill, chunks: bytes, route: str
) -> None:
    here.origin.handler = serving(here, OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks, close=True)
    with arrivals(here), calling(here, fill(ASKED, route)) as caller:
        raw = caller.rest()
    assert raw.startswith((b"HTTP/1.1 200 ", b"HTTP/1.1 502 "))
    if raw.startswith(b"HTTP/1.1 200 "):
        assert b"Transfer-Encoding: chunked" in raw
        assert not raw.endswith(b"0\r\n\r\n")


# 32: bytes behind a complete answer

COMPLETE = {
    "sized": OK + b'Content-Length: 7\r\n\r\n{"a":1}',
    "chunked": OK + b'Transfer-Encoding: chunked\r\n\r\n7\r\n{"a":1}\r\n0\r\n\r\n',
    "empty": OK + b"Content-Length: 0\r\n\r\n",
    "204": b"HTTP/1.1 204 No Content\r\n\r\n",
}
EXTRA = {"an answer": EVIL, "garbage": b"garbage", "a byte": b"H"}


@pytest.mark.parametrize("when", ["with it", "behind it"])
@pytest.mark.parametrize("extra", EXTRA.values(), ids=EXTRA)
@pytest.mark.parametrize("whole", COMPLETE.values(), ids=COMPLETE)
@pytest.mark.parametrize("route", ["open", "masked", "signed-in"])
def test_32_what_follows_a_complete_answer_is_nobodys(
    here: World, fill: Fill, route: str, whole: bytes, extra: bytes, when: str
) -> None:
    ordinary, peers, gone = serving(here), list[int](), asyncio.Event()

    async def generous(
        request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        peers.append(writer.get_extra_info("peername")[1])
        if not request.target.endswith("/first"):
            await ordinary(request, reader, writer)
            return
        await read_whole(request, reader)
        writer.write(whole + extra if when == "with it" else whole)
        await writer.drain()
        if when == "behind it":
            await asyncio.sleep(0.005)
            writer.write(extra)
        with contextlib.suppress(ConnectionError):
            assert await reader.read() == b"", "nothing more is sent on this connection"
        gone.set()
        writer.close()

    here.origin.handler = generous
    with arrivals(here) as reached, calling(here, fill(ASKED, route, "/first")) as caller:
        first = caller.answer()
        assert first.status == int(whole[9:12])
        assert first.body in (b'{"a":1}', b"")
        until(gone.is_set)
        caller.send(fill(ASKED, route, "/second"))
        second = caller.answer()
        assert (second.status, second.body, second.one("x-evil")) == (200, b"{}", None)
    assert len(reached) == 2
    assert len(set(peers[:2])) == 2


@pytest.mark.parametrize("whole", COMPLETE.values(), ids=COMPLETE)
@pytest.mark.parametrize("route", ["open", "masked", "signed-in"])
def test_32_line_ends_behind_an_answer_are_no_part_of_the_next(
    here: World, fill: Fill, route: str, whole: bytes
) -> None:
    here.origin.handler = Connections(here, [whole + b"\r\n\r\n"])
    with arrivals(here), calling(here, fill(ASKED + ASKED, route)) as caller:
        assert caller.answer().status == int(whole[9:12])
        second = caller.answer()
    assert (second.status, second.body) == (200, b"{}")


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


@pytest.mark.parametrize("route", ROUTES)
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
    with arrivals(here), calling(here, fill(ASKED, route)) as caller:
        raw = caller.rest()
    assert not raw.endswith(b"0\r\n\r\n")
    assert sum(sent) < 16 * 1024 * 1024


@pytest.mark.parametrize("route", ROUTES)
def test_35_a_chunk_extension_without_end_cuts_the_answer(
    here: World, fill: Fill, route: str
) -> None:
    sent = endless(here, OK + b"Transfer-Encoding: chunked\r\n\r\n2;", repeat(b"a" * 4096))
    with arrivals(here), calling(here, fill(ASKED, route)) as caller:
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


# 34: answers that have no body, and bring one

BODILESS = {
    "204 sized": ("POST", b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nevil"),
    "204 chunked": ("POST", b"HTTP/1.1 204 No Content\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n"),
    "204 unframed": ("POST", b"HTTP/1.1 204 No Content\r\n\r\nevil"),
    "204 with an answer": ("POST", b"HTTP/1.1 204 No Content\r\n\r\n" + EVIL),
    "304 sized": ("GET", b"HTTP/1.1 304 Not Modified\r\nETag: \"a\"\r\nContent-Length: 4\r\n\r\nevil"),
    "304 chunked": ("GET", b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n"),
    "304 with an answer": ("GET", b"HTTP/1.1 304 Not Modified\r\n\r\n" + EVIL),
    "HEAD sized": ("HEAD", OK + b"Content-Length: 4\r\n\r\nevil"),
    "HEAD chunked": ("HEAD", OK + b"Transfer-Encoding: chunked\r\n\r\n4\r\nevil\r\n0\r\n\r\n"),
    "HEAD unframed": ("HEAD", OK + b"\r\nevil"),
    "HEAD with an answer": ("HEAD", OK + b"Content-Length: 5\r\n\r\n" + EVIL),
    "HEAD 404 sized": ("HEAD", b"HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nevil"),
    "204 and nothing": ("POST", b"HTTP/1.1 204 No Content\r\n\r\n"),
    "304 and nothing": ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n"),
    "HEAD and nothing": ("HEAD", OK + b"Content-Length: 4\r\n\r\n"),
    "HEAD chunked and nothing": ("HEAD", OK + b"Transfer-Encoding: chunked\r\n\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(("method", "raw"), BODILESS.values(), ids=BODILESS)
def test_34_no_body_comes_where_none_belongs(
    here: World, fill: Fill, method: str, raw: bytes, route: str
) -> None:
    here.origin.handler = Connections(here, [raw])
    asked = fill(method.encode() + b" <P> HTTP/1.1\r\n<H>\r\n", route) + fill(GET + b"\r\n", route)
    began = time.perf_counter()
    with arrivals(here) as reached, calling(here, asked) as caller:
        assert caller.answer(method).status == int(raw[9:12])
        following = caller.answer()
    assert time.perf_counter() - began < 0.6, "nobody waited for a body"
    assert (following.status, following.body) == (200, b"{}")
    assert [one.method for one in reached] == [method, "GET"]


@pytest.mark.parametrize("route", ROUTES)
def test_34_an_answer_to_http_1_0_ends_with_the_connection(
    here: World, fill: Fill, route: str
) -> None:
    here.origin.reply = OK + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n"
    head = b"POST <P> HTTP/1.0\r\n<H>Connection: keep-alive\r\nContent-Length: 2\r\n\r\n{}"
    with arrivals(here), calling(here, fill(head, route)) as caller:
        told = caller.answer()
        assert (told.body, told.one("transfer-encoding")) == (b"{}", None)
        here.origin.reply = answer()


# 50: where an upstream leads its callers

P = "/lanonasis/api/{service}/"

LOCATIONS = {
    "own authority": ("{origin}/up/x?a=1#b", P + "x?a=1#b"),
    "own path": ("/up/x", P + "x"),
    "private address": ("http://10.0.0.5:9000/up/x", P + "x"),
    "private address, capitals": ("HTTP://10.0.0.5:9000/up/x", P + "x"),
    "no scheme": ("//10.0.0.5:9000/up/x", P + "x"),
    "no scheme, TLS port": ("//10.0.0.5:443/up/x", P + "x"),
    "IPv6 of IPv4": ("http://[::ffff:10.0.0.5]:9000/up/x", P + "x"),
    "unique local IPv6": ("http://[fd00::5]:9000/up/x", P + "x"),
    "a name without dots": ("http://backend:9000/up/x", P + "x"),
    "an inner domain": ("http://api.prod.svc.cluster.local/up/x", P + "x"),
    "an inner domain with a dot": ("http://backend.internal.:9000/up/x", P + "x"),
    "user in front": ("http://u:p@10.0.0.5:9000/up/x", P + "x"),
    "stranger for a user": ("http://elsewhere.example@10.0.0.5:9000/up/x", P + "x"),
    "no path": ("http://10.0.0.5:9000", None),
    "a number": ("http://167772165:9000/up/x", None),
    "backslashes": ("http:\\\\10.0.0.5\\up\\x", None),
    "one slash": ("http:/10.0.0.5/up/x", None),
    "no slash": ("http:10.0.0.5/up/x", None),
    "a blank in front": (" http://10.0.0.5:9000/up/x", P + "x"),
    "a tab in the scheme": ("ht\ttp://10.0.0.5:9000/up/x", None),
    "a tab in the slashes": ("http:/\t/10.0.0.5:9000/up/x", None),
    "a tab in the host": ("http://10.\t0.0.5:9000/up/x", None),
    "stranger": ("https://elsewhere.example/x?next=1", "https://elsewhere.example/x?next=1"),
    "a native application": ("http://127.0.0.1:7/up/x", "http://127.0.0.1:7/up/x"),  # RFC 8252
    "relative": ("x/y", "x/y"),
}

INNER = ("10.0.0.5", "10.\t0.0.5", "fd00", "backend", "cluster.local", "167772165", ":9000")


@pytest.mark.parametrize("service", ["open", "masked"])
@pytest.mark.parametrize("status", ["302 Found", "201 Created"])
@pytest.mark.parametrize(("said", "seen"), LOCATIONS.values(), ids=LOCATIONS)
def test_50_a_location_is_the_callers_and_shows_no_inner_name(
    here: World, fill: Fill, said: str, seen: str | None, status: str, service: str
) -> None:
    """Without ``seen`` any reading is good that names nobody: dropped, or a 502."""
    path = "/masked" if service == "masked" else "/up"
    said = said.replace("/up/x", path + "/x").format(origin=here.origin.url)
    extra = "".join(f"{name}: {said}\r\n" for name in ("Location", "Content-Location"))
    here.origin.reply = answer(b"{}", status, extra=f"{extra}Link: <{said}>; rel=next\r\n")
    with arrivals(here):
        told = ask(here, fill(ASKED, service))
        here.origin.reply = answer()
    if told.status == 502:
        assert seen is None
        return
    assert told.status == int(status[:3])
    for name in ("location", "content-location", "link"):
        value = (told.one(name) or "").lower()
        assert not [word for word in INNER if word in value], (name, value)
        assert str(here.origin.port) not in value
    if seen is not None:
        wanted = seen.format(service=service).replace("/up/", path + "/")
        assert (told.one("location"), told.one("content-location")) == (wanted, wanted)
        assert told.one("link") == f"<{wanted}>; rel=next"


@pytest.mark.parametrize("said", ["/\\10.0.0.5/x", "http:///10.0.0.5/x", "///10.0.0.5/x", "/\t/10.0.0.5/x"])
def test_50_a_path_that_some_read_as_an_authority_stays_below_the_service(
    here: World, fill: Fill, said: str
) -> None:
    here.origin.reply = answer(b"{}", "302 Found", extra=f"Location: {said}\r\n")
    with arrivals(here):
        told = ask(here, fill(ASKED))
        here.origin.reply = answer()
    assert told.status == 502 or (told.one("location") or "").startswith("/lanonasis/api/open/")


@pytest.mark.parametrize("by", ["path", "host", "absolute"])
def test_50_a_location_stays_in_the_form_the_caller_used(here: World, by: str) -> None:
    here.origin.reply = answer(b"{}", "302 Found", extra=f"Location: {here.origin.url}/up/x\r\n")
    line, host, seen = {
        "path": (b"/vortexcore/api/open", b"evil.example", "/vortexcore/api/open/x"),
        "host": (b"/api/open", b"API.lanonasis.com:443", "/api/open/x"),
        "absolute": (b"http://lanonasis.com/api/open", b"evil.example", "/api/open/x"),
    }[by]
    with arrivals(here):
        raw = b"GET " + line + b" HTTP/1.1\r\nHost: " + host + b"\r\n\r\n"
        told = ask(here, raw)
        here.origin.reply = answer()
    assert told.one("location") == seen


@pytest.mark.parametrize(
    "name", ["Refresh", "X-Upstream", "X-Served-By", "Via", "Server", "X-Backend-Server", "Alt-Svc"]
)
def test_50_a_masked_service_has_no_other_field_to_name_its_upstream_by(
    here: World, fill: Fill, name: str
) -> None:
    here.origin.reply = answer(extra=f"{name}: 0; url=http://10.0.0.5:9000/masked/x\r\n")
    with arrivals(here):
        told = ask(here, fill(ASKED, "masked"))
        here.origin.reply = answer()
    assert "10.0.0.5" not in str(told.fields)


