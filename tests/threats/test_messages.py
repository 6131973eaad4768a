"""Cases 10, 12 and 20-29 of the hostile inputs: where one message ends and what it may ask for."""

from __future__ import annotations

import socket
import time
from typing import TYPE_CHECKING

import pytest

from router.testing import answer
from tests.threats.wire import (
    CHUNKED,
    END,
    GET,
    PATHS,
    POST,
    ROUTES,
    SMUGGLED,
    arrivals,
    ask,
    assert_problem,
    calling,
    lines,
    read_whole,
    refuse,
    serving,
    until,
)

if TYPE_CHECKING:
    import asyncio

    from router.testing import Received
    from tests.threats.conftest import Fill
    from tests.world import World


def sized(body: bytes, head: bytes = POST) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes, head: bytes = POST) -> bytes:
    return head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + END


FRAMINGS = {"sized": sized, "chunked": chunked}


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
    with arrivals(here) as reached:
        with calling(here, head + b"Content-Length: %d\r\n\r\n" % len(body)) as caller:
            told = caller.answer()
            assert_problem(told, 401, 404)
            assert (caller.interim, told.closes) == ([], True)
            caller.send(body)
            assert caller.ended()
    assert reached == []


# 21: other protocols

UPGRADES = {
    "unknown": b"Upgrade: x\r\nConnection: Upgrade\r\n",
    "websocket": b"Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n",
    "h2c": b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n",
    "not named in Connection": b"Upgrade: x\r\n",
    "named only": b"Connection: Upgrade\r\n",
    "letter case": b"UPGRADE: WebSocket\r\nCONNECTION: UPGRADE\r\n",
    "twice": b"Upgrade: x\r\nUpgrade: y\r\nConnection: keep-alive, Upgrade\r\n",
}  # fmt: skip


@pytest.mark.parametrize("route", [*ROUTES, "private", "masked"])
@pytest.mark.parametrize("fields", UPGRADES.values(), ids=UPGRADES)
def test_21_bytes_behind_a_declined_upgrade_are_nobodys_request(
    here: World, fill: Fill, fields: bytes, route: str
) -> None:
    with arrivals(here) as reached:
        with calling(here, fill(GET + fields + b"\r\n", route) + SMUGGLED) as caller:
            told = caller.answer()
            assert told.status == 200
            assert told.one("upgrade") is None
            assert caller.ended()
    assert len(reached) == 1
    names = {name.lower() for name, _ in reached[0].fields}
    assert not names & {"upgrade", "connection", "http2-settings", "sec-websocket-key"}


@pytest.mark.parametrize("route", [*ROUTES, "private", "masked"])
@pytest.mark.parametrize("fields", [*UPGRADES.values(), b""], ids=[*UPGRADES, "not asked"])
def test_21_a_101_is_an_upstreams_fault(
    here: World, fill: Fill, fields: bytes, route: str
) -> None:
    switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"
    here.origin.reply = switched + answer(b"smuggled")
    with arrivals(here):
        told = ask(here, fill(GET + fields + b"\r\n", route))
        problem = assert_problem(told, 502)
        here.origin.reply = answer()
    assert problem["code"] == "http_upgrade_failed"


# 22, 25, 29: methods

METHODS: dict[str, tuple[bytes, tuple[int, ...]]] = {
    "22 CONNECT authority": (b"CONNECT host:443 HTTP/1.1\r\n<H>\r\n", (400, 405, 501)),
    "22 CONNECT path": (b"CONNECT /x HTTP/1.1\r\n<H>\r\n", (400, 405, 501)),
    "22 CONNECT service": (b"CONNECT <P> HTTP/1.1\r\n<H>\r\n", (400, 405, 501)),
    "22 CONNECT absolute": (b"CONNECT http://router<P> HTTP/1.1\r\n<H>\r\n", (400, 405, 501)),
    "22 CONNECT with a body": (b"CONNECT <P> HTTP/1.1\r\n<H>Content-Length: 2\r\n\r\nhi", (400, 405, 501)),
    "22 CONNECT chunked": (b"CONNECT <P> HTTP/1.1\r\n<H>Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", (400, 405, 501)),
    "22 CONNECT page": (b"CONNECT /health HTTP/1.1\r\n<H>\r\n", (400, 405, 501)),
    "22 connect authority": (b"connect host:443 HTTP/1.1\r\n<H>\r\n", (400, 405, 501)),
    "25 TRACE": (b"TRACE <P> HTTP/1.1\r\n<H>X-Said: echo-me\r\n\r\n", (405, 501)),
    "25 TRACE absolute": (b"TRACE http://router<P> HTTP/1.1\r\n<H>X-Said: echo-me\r\n\r\n", (405, 501)),
    "25 TRACE page": (b"TRACE /health HTTP/1.1\r\n<H>X-Said: echo-me\r\n\r\n", (405, 501)),
    "25 TRACE asterisk": (b"TRACE * HTTP/1.1\r\n<H>X-Said: echo-me\r\n\r\n", (400, 405, 501)),
    "25 TRACE with a body": (b"TRACE <P> HTTP/1.1\r\n<H>X-Said: echo-me\r\nContent-Length: 2\r\n\r\nhi", (405, 501)),
}  # fmt: skip


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(("template", "statuses"), METHODS.values(), ids=METHODS)
def test_a_method_for_proxies_of_another_kind_is_refused(
    here: World, fill: Fill, template: bytes, statuses: tuple[int, ...], route: str
) -> None:
    refuse(here, fill(template, route), *statuses)


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "method", [b"connect", b"Trace", b"trace", b"get", b"BREW", b"%47ET", b"_", b"A" * 32, b"PRI"]
)
def test_29_a_method_that_no_service_knows_is_not_allowed(
    here: World, fill: Fill, method: bytes, route: str
) -> None:
    """Methods are told apart by letter case (RFC 9110 §9.1); the connection stays good."""
    raw = fill(method + b" <P> HTTP/1.1\r\n<H>X-Said: echo-me\r\n\r\n", route)
    with arrivals(here) as reached, calling(here, raw + fill(sized(b"a"), route)) as caller:
        told = caller.answer()
        assert_problem(told, 405)
        assert b"echo-me" not in told.body
        assert "GET" in (told.one("allow") or "")
        assert caller.answer().status == 200
    assert [one.method for one in reached] == ["POST"]


OVERRIDES = ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override", "x_http_method_override")


@pytest.mark.parametrize("name", OVERRIDES)
@pytest.mark.parametrize("route", ROUTES)
def test_29_a_method_is_what_the_request_line_says(
    here: World, fill: Fill, route: str, name: str
) -> None:
    with arrivals(here) as reached:
        ask(here, fill(sized(b"a", POST + name.encode() + b": DELETE\r\n"), route))
    assert [one.method for one in reached] == ["POST"]
    assert not [line for line in lines(reached[0]) if "DELETE" in line]


# 23, 24: expectations


@pytest.mark.parametrize("status", ["417 Expectation Failed", "413 Too Large", "401 No", "500 Oh"])
@pytest.mark.parametrize("sends", ["at once", "later", "never"])
@pytest.mark.parametrize("framing", ["sized", "chunked"])
@pytest.mark.parametrize("route", ROUTES)
def test_23_an_upstream_that_refuses_at_once_leaves_no_connection_out_of_step(
    here: World, fill: Fill, route: str, framing: str, sends: str, status: str
) -> None:
    """What was not sent of a body must not be what begins the next request on its connection."""
    ordinary = serving(here)

    async def early(
        request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        if not request.target.endswith("/early"):
            await ordinary(request, reader, writer)
            return
        writer.write(answer(b"refused", status))
        await writer.drain()
        await read_whole(request, reader)

    here.origin.handler = early
    whole = fill(FRAMINGS[framing](SMUGGLED, POST + b"Expect: 100-continue\r\n"), route, "/early")
    head, _, body = whole.partition(b"\r\n\r\n")
    with arrivals(here) as reached:
        with calling(here, whole if sends == "at once" else head + b"\r\n\r\n") as caller:
            told = caller.answer()
            assert (told.status, told.body) == (int(status[:3]), b"refused")
            assert set(caller.interim) <= {100}
            if sends == "later":
                caller.send(body)
            if sends != "never":
                caller.send(fill(sized(b"next"), route, "/next"))
                if told.closes:
                    assert caller.ended()
                else:
                    assert caller.answer().status == 200
    path = PATHS[route]
    assert [one.target for one in reached][:1] == [path + "/early"]
    assert [one.target for one in reached][1:] in ([], [path + "/next"])
    assert not [one for one in reached if one.one("expect")]


@pytest.mark.parametrize("route", [*ROUTES, "private"])
@pytest.mark.parametrize("field", [b"Expect: 100-continue", b"EXPECT: 100-Continue"])
def test_23_a_body_that_waits_for_leave_is_asked_for(
    here: World, fill: Fill, field: bytes, route: str
) -> None:
    head = fill(POST + field + b"\r\nContent-Length: 5\r\n\r\n", route)
    with arrivals(here) as reached, calling(here, head) as caller:
        until(lambda: caller.sock.recv(1, socket.MSG_PEEK))
        caller.send(b"hello" + fill(sized(b"next"), route))
        assert caller.answer().status == 200
        assert caller.interim == [100]
        assert caller.answer().status == 200
    assert [(one.body, one.one("expect")) for one in reached] == [(b"hello", None), (b"next", None)]


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    "fields",
    [
        b"Expect: nonsense\r\n",
        b"EXPECT: Nonsense\r\n",
        b"Expect: 100-continue, nonsense\r\n",
        b"Expect: 100-continue\r\nExpect: 100-continue\r\n",
        b"Expect: 100-continue;q=1\r\n",
        b"Expect:\r\n",
        b"Connection: expect\r\nExpect: nonsense\r\n",
    ],
)
def test_24_an_unknown_expectation_cannot_be_met(
    here: World, fill: Fill, fields: bytes, route: str
) -> None:
    refuse(here, fill(sized(b"hello", POST + fields), route), 417)
    refuse(here, fill(chunked(b"hello", POST + fields), route), 417)


@pytest.mark.parametrize("route", ROUTES)
def test_24_an_expectation_of_http_1_0_is_ignored(here: World, fill: Fill, route: str) -> None:
    head = b"POST <P> HTTP/1.0\r\n<H>Expect: 100-continue\r\n"
    with arrivals(here) as reached, calling(here, fill(sized(b"hello", head), route)) as caller:
        assert caller.answer().status == 200
        assert caller.interim == []
    assert [(one.body, one.complete) for one in reached] == [(b"hello", True)]


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
    with arrivals(here) as reached:
        with calling(here, fill(FRAMINGS[framing](SMUGGLED, head), route) + following) as caller:
            first = caller.answer(method)
            assert first.status < 300
            if first.closes:
                assert caller.ended()
            else:
                assert caller.answer().status == 200
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


# 28: the asterisk


@pytest.mark.parametrize("fields", [b"", b"Content-Length: 2\r\n", b"Origin: https://evil\r\n"])
@pytest.mark.parametrize("host", [b"router", b"lanonasis.com"])
def test_28_options_of_the_server_are_its_own(here: World, host: bytes, fields: bytes) -> None:
    body = b"hi" if b"Length" in fields else b""
    raw = b"OPTIONS * HTTP/1.1\r\nHost: " + host + b"\r\n" + fields + b"\r\n" + body
    with arrivals(here) as reached:
        told = ask(here, raw, "OPTIONS")
        assert told.status in (200, 204)
        assert told.body == b""
    assert reached == []


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"POST", b"DELETE", b"options", b"BREW"])
@pytest.mark.parametrize("target", [b"*", b"**", b"*/", b"*?a", b"*/lanonasis/api/open"])
def test_28_the_asterisk_is_for_options_alone(here: World, method: bytes, target: bytes) -> None:
    refuse(here, method + b" " + target + b" HTTP/1.1\r\nHost: lanonasis.com\r\n\r\n", 400)


def test_28_an_encoded_asterisk_is_a_path(here: World) -> None:
    with arrivals(here) as reached:
        told = ask(here, b"OPTIONS /%2A HTTP/1.1\r\nHost: router\r\n\r\n")
        assert_problem(told, 404)
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


