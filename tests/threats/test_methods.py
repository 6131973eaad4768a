"""Cases 21-25, 28 and 29 of the hostile inputs: what a request may ask for beside an answer."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING

import pytest

from router.testing import answer
from tests.threats.wire import (
    FRAMINGS,
    GET,
    PATHS,
    POST,
    ROUTES,
    SMUGGLED,
    arrivals,
    ask,
    assert_problem,
    calling,
    chunked,
    lines,
    read_whole,
    refuse,
    serving,
    sized,
    until,
)

if TYPE_CHECKING:
    import asyncio

    from router.testing import Received
    from tests.threats.conftest import Fill
    from tests.world import World


# 21: other protocols

UPGRADES = {
    "unknown": b"Upgrade: x\r\nConnection: Upgrade\r\n",
    "websocket": b"Upgrade: websocket\r\nConnection: upgrade\r\nSec-WebSocket-Key: AAAA==\r\n",
    "h2c": b"Upgrade: h2c\r\nConnection: Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMA\r\n",
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
    raw = fill(GET + fields + b"\r\n", route) + SMUGGLED
    with arrivals(here) as reached, calling(here, raw) as caller:
        told = caller.answer()
        assert told.status == 200
        assert told.one("upgrade") is None
        assert caller.ended()
    assert len(reached) == 1
    names = {name.lower() for name, _ in reached[0].fields}
    assert not names & {"upgrade", "connection", "http2-settings", "sec-websocket-key"}


@pytest.mark.parametrize("route", [*ROUTES, "private", "masked"])
@pytest.mark.parametrize("fields", [*UPGRADES.values(), b""], ids=[*UPGRADES, "not asked"])
def test_21_a_101_is_an_upstreams_fault(here: World, fill: Fill, fields: bytes, route: str) -> None:
    switched = b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n"
    here.origin.reply = switched + answer(b"smuggled")
    with arrivals(here):
        told = ask(here, fill(GET + fields + b"\r\n", route))
        problem = assert_problem(told, 502)
        here.origin.reply = answer()
    assert problem["code"] == "http_upgrade_failed"


# 22, 25, 29: methods

METHODS = {
    "22 CONNECT authority": b"CONNECT host:443 HTTP/1.1\r\n<H>\r\n",
    "22 CONNECT path": b"CONNECT /x HTTP/1.1\r\n<H>\r\n",
    "22 CONNECT service": b"CONNECT <P> HTTP/1.1\r\n<H>\r\n",
    "22 CONNECT absolute": b"CONNECT http://router<P> HTTP/1.1\r\n<H>\r\n",
    "22 CONNECT with a body": b"CONNECT <P> HTTP/1.1\r\n<H>Content-Length: 2\r\n\r\nhi",
    "22 CONNECT chunked": b"CONNECT <P> HTTP/1.1\r\n<H>Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "22 CONNECT page": b"CONNECT /health HTTP/1.1\r\n<H>\r\n",
    "22 connect authority": b"connect host:443 HTTP/1.1\r\n<H>\r\n",
    "25 TRACE": b"TRACE <P> HTTP/1.1\r\n<H>X-Said: echo-me\r\n\r\n",
    "25 TRACE absolute": b"TRACE http://router<P> HTTP/1.1\r\n<H>X-Said: echo-me\r\n\r\n",
    "25 TRACE page": b"TRACE /health HTTP/1.1\r\n<H>X-Said: echo-me\r\n\r\n",
    "25 TRACE asterisk": b"TRACE * HTTP/1.1\r\n<H>X-Said: echo-me\r\n\r\n",
    "25 TRACE with a body": b"TRACE <P> HTTP/1.1\r\n<H>Content-Length: 7\r\n\r\necho-me",
}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("template", METHODS.values(), ids=METHODS)
def test_a_method_for_proxies_of_another_kind_is_refused(
    here: World, fill: Fill, template: bytes, route: str
) -> None:
    refuse(here, fill(template, route), 400, 405, 501)


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


OVERRIDES = (
    "X-HTTP-Method-Override",
    "X-HTTP-Method",
    "X-Method-Override",
    "x_http_method_override",
)


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
    first = whole if sends == "at once" else head + b"\r\n\r\n"
    with arrivals(here) as reached, calling(here, first) as caller:
        told = caller.answer()
        assert (told.status, told.body) == (int(status[:3]), b"refused")
        assert set(caller.interim) <= {100}
        if sends == "later":
            caller.send(body)
        if sends != "never":
            caller.send(fill(sized(b"next"), route, "/next"))
            assert caller.ended() if told.closes else caller.answer().status == 200
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
