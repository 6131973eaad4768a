"""Cases 10, 12, 20, 26 and 27 of the hostile inputs: where a body ends, and who reads it."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from tests.threats.wire import (
    CHUNKED,
    END,
    FRAMINGS,
    GET,
    POST,
    ROUTES,
    SMUGGLED,
    arrivals,
    ask,
    assert_problem,
    calling,
    lines,
    refuse,
    sized,
    until,
)

if TYPE_CHECKING:
    from tests.threats.conftest import Fill
    from tests.world import World


# 10: reads are bounded

EXTENSIONS = {
    "64 KiB on one byte": b"1;" + b"a" * 65536 + b"\r\nx" + END,
    "64 KiB in quotes": b'1;a="' + b"b" * 65536 + b'"\r\nx' + END,
    "64 KiB on the last chunk": b"1\r\nx\r\n0;" + b"a" * 65536 + b"\r\n\r\n",
    "2 KiB": b"1;" + b"a" * 2048 + b"\r\nx" + END,
    "4 MiB without end": b"1;" + b"a" * 4194304,
    "64 KiB of zeros": b"0" * 65536 + b"1\r\nx" + END,
}


@pytest.mark.parametrize("route", [*ROUTES, "private"])
@pytest.mark.parametrize("chunks", EXTENSIONS.values(), ids=EXTENSIONS)
def test_10_an_endless_chunk_line_is_refused(
    here: World, fill: Fill, chunks: bytes, route: str
) -> None:
    began = time.perf_counter()
    refuse(here, fill(CHUNKED + chunks, route), 400)
    assert time.perf_counter() - began < 1


@pytest.mark.parametrize("route", [*ROUTES, "private"])
def test_10_endless_trailers_are_refused(here: World, fill: Fill, route: str) -> None:
    refuse(here, fill(CHUNKED + b"1\r\nx\r\n0\r\n" + b"A: b\r\n" * 20000, route), 400, 431)


@pytest.mark.parametrize("route", ROUTES)
def test_10_a_thousand_short_extensions_are_dropped(here: World, fill: Fill, route: str) -> None:
    chunks = b'1;a=b;c="d"\r\nx\r\n' * 1000 + b"0\r\n\r\n"
    with arrivals(here) as reached:
        assert ask(here, fill(CHUNKED + chunks, route)).status == 200
    assert [(one.body, one.complete) for one in reached] == [(b"x" * 1000, True)]


# 12: a body that never ends is never complete

CUT = {
    "no final chunk": CHUNKED + b"3\r\nabc\r\n",
    "half a chunk": CHUNKED + b"5\r\nabc",
    "half a size": CHUNKED + b"3\r\nabc\r\n1",
    "no end of trailers": CHUNKED + b"3\r\nabc\r\n0\r\n",
    "half a trailer": CHUNKED + b"3\r\nabc\r\n0\r\nA: b",
    "short of its length": POST + b"Content-Length: 5\r\n\r\nabc",
    "nothing of its length": POST + b"Content-Length: 5\r\n\r\n",
}


@pytest.mark.parametrize("how", ["half-closed", "closed", "reset"])
@pytest.mark.parametrize("route", [*ROUTES, "private"])
@pytest.mark.parametrize("template", CUT.values(), ids=CUT)
def test_12_a_body_cut_short_never_looks_complete(
    here: World, fill: Fill, template: bytes, route: str, how: str
) -> None:
    before = len(here.origin.requests)
    with arrivals(here) as reached, calling(here, fill(template, route)) as caller:
        if route != "private":
            until(lambda: len(here.origin.requests) > before)
        if how == "half-closed":
            caller.sock.shutdown(socket.SHUT_WR)
            assert_problem(caller.answer(), 400)
            assert caller.ended()
        elif how == "reset":
            caller.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    assert len(reached) == (route != "private")
    assert not [one for one in reached if one.complete]


@pytest.mark.parametrize("route", [*ROUTES, "private"])
@pytest.mark.parametrize("template", [POST, b"POST <P> HTT", POST + b"Content-Le"])
def test_12_a_head_cut_short_reaches_nobody(
    here: World, fill: Fill, template: bytes, route: str
) -> None:
    with arrivals(here) as reached, calling(here, fill(template, route)) as caller:
        caller.sock.shutdown(socket.SHUT_WR)
        assert_problem(caller.answer(), 400)
        assert caller.ended()
    assert reached == []


# 20: an answer before the body was read

EARLY = {
    "401 no credential": (b"/lanonasis/api/signed-in", (401,)),
    "401 owned": (b"/lanonasis/api/owned", (401,)),
    "404 service": (b"/lanonasis/api/nothing", (404,)),
    "404 path": (b"/nothing", (404,)),
    "400 path": (b"/lanonasis/api/open/../owned", (400,)),
    "405": (b"/lanonasis/api/reading", (405,)),
    "405 page": (b"/health", (405,)),
    "404 page": (b"/metrics", (404, 405)),
    "429": (b"/lanonasis/api/limited-open", (429,)),
    "413": (b"/lanonasis/api/private", (413,)),
}


@pytest.fixture
def exhausted(here: World, fill: Fill) -> None:
    for _ in range(4):
        spent = ask(here, fill(sized(b""), "limited-open"))
    assert spent.status == 429


@pytest.mark.usefixtures("exhausted")
@pytest.mark.parametrize("size", [0, 100_000])
@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize(("path", "statuses"), EARLY.values(), ids=EARLY)
def test_20_an_early_answer_leaves_no_body_to_be_read_as_a_request(
    here: World, fill: Fill, path: bytes, statuses: tuple[int, ...], framing: str, size: int
) -> None:
    if statuses == (413,):
        size = 100_000
    body = SMUGGLED * 3 + b"x" * size
    raw = FRAMINGS[framing](body, b"POST " + path + b" HTTP/1.1\r\nHost: router\r\n")
    following = fill(sized(b"second"), "open", "/second")
    with arrivals(here) as reached, calling(here, raw + following) as caller:
        told = caller.answer()
        assert_problem(told, *statuses)
        if told.closes:
            assert caller.ended()
        else:
            assert caller.answer().status == 200
    seen = [] if told.closes else ["/up/second"]
    assert [one.target for one in reached] == seen


@pytest.mark.parametrize("path", [b"/lanonasis/api/signed-in", b"/lanonasis/api/nothing"])
def test_20_an_unsent_body_that_was_announced_is_not_waited_for(here: World, path: bytes) -> None:
    """``Expect``: refused at once, and what comes then is not a request."""
    head = b"POST " + path + b" HTTP/1.1\r\nHost: router\r\nExpect: 100-continue\r\n"
    body = SMUGGLED
    head += b"Content-Length: %d\r\n\r\n" % len(body)
    with arrivals(here) as reached, calling(here, head) as caller:
        told = caller.answer()
        assert_problem(told, 401, 404)
        assert (caller.interim, told.closes) == ([], True)
        caller.send(body)
        assert caller.ended()
    assert reached == []


# 26: bodies where few expect them


@pytest.mark.parametrize("method", ["GET", "HEAD", "DELETE"])
@pytest.mark.parametrize("framing", FRAMINGS)
@pytest.mark.parametrize("route", ["open", "signed-in", "reading", "private"])
def test_26_a_body_belongs_to_its_request_whatever_the_method(
    here: World, fill: Fill, route: str, framing: str, method: str
) -> None:
    if (route, method) == ("reading", "DELETE"):
        method = "GET"
    head = method.encode() + b" <P> HTTP/1.1\r\n<H>"
    following = fill(GET + b"\r\n", route, "/next")
    raw = fill(FRAMINGS[framing](SMUGGLED, head), route) + following
    with arrivals(here) as reached, calling(here, raw) as caller:
        first = caller.answer(method)
        assert first.status < 300
        assert caller.ended() if first.closes else caller.answer().status == 200
    assert [one.method for one in reached] == [method] + ["GET"] * (not first.closes)
    assert (reached[0].body, reached[0].complete) in ((SMUGGLED, True), (b"", True))


# 27: trailers

TRAILERS = (
    b"Content-Length: 9", b"Host: evil.example", b"Authorization: Bearer spoofed",
    b"X-User-Id: spoofed", b"x_user_id: spoofed", b"CONTENT-TYPE: spoofed/spoofed", b"Cookie: a=1",
    b"Transfer-Encoding: chunked", b"X-Forwarded-For: 1.1.1.1", b"Content-Encoding: gzip",
    b"Te: trailers", b"X-Api-Key: spoofed", b"Mcp-Session-Id: spoofed",
)  # fmt: skip


@pytest.mark.parametrize("route", [*ROUTES, "private", "login"])
@pytest.mark.parametrize("declared", [b"", b"TE: trailers\r\nTrailer: X-User-Id\r\n"])
def test_27_trailers_are_dropped(here: World, fill: Fill, declared: bytes, route: str) -> None:
    head = POST + declared + b"Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n"
    raw = fill(head + b"".join(line + b"\r\n" for line in TRAILERS) + b"\r\n", route)
    with arrivals(here) as reached, calling(here, raw + fill(sized(b"next"), route)) as caller:
        assert caller.answer().status == 200
        assert caller.answer().status == 200
    assert [(one.body, one.complete) for one in reached] == [(b"hello", True), (b"next", True)]
    told = "\n".join(lines(reached[0]))
    assert not [word for word in ("spoofed", "evil", "trailer", "1.1.1.1", "gzip") if word in told]


def test_27_a_credential_in_a_trailer_lets_nobody_in(here: World, token: str) -> None:
    raw = (
        b"POST /lanonasis/api/signed-in HTTP/1.1\r\nHost: router\r\nTrailer: Authorization\r\n"
        b"Transfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nAuthorization: Bearer "
    )
    with arrivals(here) as reached:
        assert_problem(ask(here, raw + token.encode() + b"\r\n\r\n"), 401)
    assert reached == []


# who never comes to an end


@pytest.mark.parametrize("begun", [b"", b"POST /lanonasis", POST, POST + b"A: b\r\n"])
def test_a_slow_head_is_given_up(impatient: World, fill: Fill, begun: bytes) -> None:
    with arrivals(impatient) as reached, calling(impatient, fill(begun)) as caller:
        raw = caller.rest()
    assert raw == b"" if not begun else raw.startswith(b"HTTP/1.1 408 ")
    assert reached == []


@pytest.mark.parametrize("begun", [POST + b"Content-Length: 9\r\n\r\na", CHUNKED + b"2\r\nab\r\n3"])
def test_a_slow_body_is_given_up_and_never_complete(
    impatient: World, fill: Fill, begun: bytes
) -> None:
    with arrivals(impatient) as reached, calling(impatient, fill(begun)) as caller:
        told = caller.answer()
        assert_problem(told, 408)
        assert told.closes
        assert caller.ended()
    assert [one.complete for one in reached] == [False]
