"""Cases 30-32 and 34 of the hostile inputs: where an upstream's answer ends."""

from __future__ import annotations

import asyncio
import contextlib
import time
from typing import TYPE_CHECKING

import pytest

from router.testing import answer
from tests.threats.wire import (
    GET,
    POST,
    arrivals,
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
TE = b"Transfer-Encoding: chunked\r\n"
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
    "chunked twice": OK + TE + TE + b"\r\n0\r\n\r\n",
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
}


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
    here.origin.handler = serving(
        here, OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks, close=True
    )
    asked = fill(ASKED, route).replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    with arrivals(here), calling(here, asked) as caller:
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


# 34: answers that have no body, and bring one

EVIL_CHUNKS = TE + b"\r\n4\r\nevil\r\n0\r\n\r\n"

BODILESS = {
    "204 sized": ("POST", b"HTTP/1.1 204 No Content\r\nContent-Length: 4\r\n\r\nevil"),
    "204 chunked": ("POST", b"HTTP/1.1 204 No Content\r\n" + EVIL_CHUNKS),
    "204 unframed": ("POST", b"HTTP/1.1 204 No Content\r\n\r\nevil"),
    "204 with an answer": ("POST", b"HTTP/1.1 204 No Content\r\n\r\n" + EVIL),
    "304 sized": ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\nevil"),
    "304 chunked": ("GET", b"HTTP/1.1 304 Not Modified\r\n" + EVIL_CHUNKS),
    "304 with an answer": ("GET", b"HTTP/1.1 304 Not Modified\r\n\r\n" + EVIL),
    "HEAD sized": ("HEAD", OK + b"Content-Length: 4\r\n\r\nevil"),
    "HEAD chunked": ("HEAD", OK + EVIL_CHUNKS),
    "HEAD unframed": ("HEAD", OK + b"\r\nevil"),
    "HEAD with an answer": ("HEAD", OK + b"Content-Length: 5\r\n\r\n" + EVIL),
    "HEAD 404 sized": ("HEAD", b"HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\nevil"),
    "204 and nothing": ("POST", b"HTTP/1.1 204 No Content\r\n\r\n"),
    "304 and nothing": ("GET", b"HTTP/1.1 304 Not Modified\r\nContent-Length: 4\r\n\r\n"),
    "HEAD and nothing": ("HEAD", OK + b"Content-Length: 4\r\n\r\n"),
    "HEAD chunked and nothing": ("HEAD", OK + b"Transfer-Encoding: chunked\r\n\r\n"),
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(("method", "raw"), BODILESS.values(), ids=BODILESS)
def test_34_no_body_comes_where_none_belongs(
    here: World, fill: Fill, method: str, raw: bytes, route: str
) -> None:
    here.origin.handler = Connections(here, [raw])
    asked = fill(method.encode() + b" <P> HTTP/1.1\r\n<H>\r\n", route) + fill(GET + b"\r\n", route)
    with arrivals(here) as reached, calling(here, asked) as caller:
        began = time.perf_counter()
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
