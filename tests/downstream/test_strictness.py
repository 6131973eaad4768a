"""What must not be understood, told by raw bytes: each is answered once, and the door closed."""

from __future__ import annotations

import time

import orjson
import pytest

from router.downstream.asgi import Receive, Scope, Send
from tests.downstream.conftest import Serve, echo

pytestmark = pytest.mark.asyncio(loop_factories=["uvloop"])  # parsing knows of no loop

GET = b"GET /a HTTP/1.1\r\nHost: x\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: x\r\n"
TE = b"Transfer-Encoding: chunked\r\n"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
END = b"\r\n0\r\n\r\n"
NEXT = b"GET /second HTTP/1.1\r\nHost: x\r\n\r\n"

REFUSED: dict[str, tuple[bytes, int | tuple[int, ...]]] = {
    "length and chunks": (POST + b"Content-Length: 6\r\n" + TE + b"\r\n0\r\n\r\n", 400),
    "chunks and length": (POST + TE + b"content-length: 6\r\n\r\n0\r\n\r\n", 400),
    "two lengths": (POST + b"Content-Length: 6\r\nContent-Length: 5\r\n\r\nabcdef", 400),
    "the same length twice": (POST + b"Content-Length: 5\r\nCONTENT-LENGTH: 5\r\n\r\nabcde", 400),
    "signed length": (POST + b"Content-Length: +5\r\n\r\nabcde", 400),
    "negative length": (POST + b"Content-Length: -5\r\n\r\nabcde", 400),
    "length with underscore": (POST + b"Content-Length: 1_0\r\n\r\nabcdefghij", 400),
    "hexadecimal length": (POST + b"Content-Length: 0x5\r\n\r\nabcde", 400),
    "list of lengths": (POST + b"Content-Length: 5, 5\r\n\r\nabcde", 400),
    "empty length": (POST + b"Content-Length:\r\n\r\n", 400),
    "endless length": (POST + b"Content-Length: " + b"9" * 40 + b"\r\n\r\n", 400),
    "length in other digits": (POST + b"Content-Length: \xd9\xa5\r\n\r\n", 400),
    "unknown coding": (POST + b"Transfer-Encoding: xchunked\r\n\r\n", (400, 501)),
    "gzip coding": (POST + b"Transfer-Encoding: gzip\r\n\r\n", 501),
    "coding in front": (POST + b"Transfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", (400, 501)),
    "coding behind": (POST + b"Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n", (400, 501)),
    "control before coding": (POST + b"Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n", 400),
    "two codings": (POST + TE + TE + b"\r\n0\r\n\r\n", 400),
    "empty coding": (POST + b"Transfer-Encoding:\r\n\r\n0\r\n\r\n", 400),
    "quoted coding": (POST + b'Transfer-Encoding: "chunked"\r\n\r\n0\r\n\r\n', 400),
    "coding in 1.0": (POST.replace(b"1.1", b"1.0") + TE + b"\r\n0\r\n\r\n", 400),
    "LF ends a size": (CHUNKED + b"5\nhello" + END, 400),
    "CR ends a size": (CHUNKED + b"5\rhello" + END, 400),
    "LF in an extension": (CHUNKED + b"5;a\nb\r\nhello" + END, 400),
    "CR in an extension": (CHUNKED + b"5;a\rb\r\nhello" + END, 400),
    "NUL in an extension": (CHUNKED + b"5;a\x00\r\nhello" + END, 400),
    "64 KiB of extension": (CHUNKED + b"1;" + b"a" * 65536 + b"\r\nx" + END, 400),
    "size too big": (CHUNKED + b"FFFFFFFFFFFFFFFFF\r\n", 400),
    "negative size": (CHUNKED + b"-1\r\n", 400),
    "size with underscore": (CHUNKED + b"0_2e\r\n", 400),
    "extension with blank": (CHUNKED + b"5; a\r\nhello" + END, 400),
    "extension without name": (CHUNKED + b"5;\r\nhello" + END, 400),
    "extension with open quote": (CHUNKED + b'5;a="b\r\nhello' + END, 400),
    "size with blank": (CHUNKED + b"5 \r\nhello" + END, 400),
    "blank before size": (CHUNKED + b" 5\r\nhello" + END, 400),
    "hexadecimal prefix": (CHUNKED + b"0x5\r\nhello" + END, 400),
    "no size": (CHUNKED + b"\r\nhello" + END, 400),
    "chunk longer than its size": (CHUNKED + b"4\r\nhello" + END, 400),
    "chunk ended by LF": (CHUNKED + b"5\r\nhello\n0\r\n\r\n", 400),
    "trailers with NUL": (CHUNKED + b"0\r\nA: b\x00\r\n\r\n", 400),
    "trailer that is none": (CHUNKED + b"0\r\nnonsense\r\n\r\n", 400),
    "endless trailers": (CHUNKED + b"0\r\n" + b"A: b\r\n" * 3000, (400, 431)),
    "folded line": (GET + b"A: b\r\n c\r\n\r\n", 400),
    "folded first line": (b"GET /a HTTP/1.1\r\n Host: x\r\n\r\n", 400),
    "blank before colon": (POST + b"Content-Length : 5\r\n\r\nhello", 400),
    "NUL in a value": (GET + b"A: b\x00c\r\n\r\n", 400),
    "CR in a value": (GET + b"A: b\rc\r\n\r\n", 400),
    "LF in a value": (GET + b"A: b\nC: d\r\n\r\n", 400),
    "escape in a value": (GET + b"A: \x1b[2J\r\n\r\n", 400),
    "DEL in a value": (GET + b"A: b\x7f\r\n\r\n", 400),
    "name with bracket": (GET + b"A(: b\r\n\r\n", 400),
    "name not ASCII": (GET + b"\xc3\xa9: b\r\n\r\n", 400),
    "empty name": (GET + b": b\r\n\r\n", 400),
    "no colon": (GET + b"nonsense\r\n\r\n", 400),
    "bare CR as line end": (b"GET /a HTTP/1.1\rHost: x\r\r", 400),
    "bare LF as line end": (b"GET /a HTTP/1.1\nHost: x\n\n", 400),
    "LF before the end": (b"GET /a HTTP/1.1\r\nHost: x\n\r\n", 400),
    "HTTP/0.9": (b"GET /a\r\n", 400),
    "named 0.9": (b"GET /a HTTP/0.9\r\n\r\n", (400, 505)),
    "HTTP/1.32": (b"GET /a HTTP/1.32\r\nHost: x\r\n\r\n", 400),
    "HTTP/1.2": (b"GET /a HTTP/1.2\r\nHost: x\r\n\r\n", 505),
    "HTTP/3.0": (b"GET /a HTTP/3.0\r\nHost: x\r\n\r\n", 505),
    "lower-case protocol": (b"GET /a http/1.1\r\nHost: x\r\n\r\n", 400),
    "HTTP/2 preface": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 505)),
    "TLS hello": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 400),
    "no host": (b"GET /a HTTP/1.1\r\n\r\n", 400),
    "two hosts": (GET + b"host: x\r\n\r\n", 400),
    "empty host": (b"GET /a HTTP/1.1\r\nHost:\r\n\r\n", 400),
    "host longer than names are": (b"GET /a HTTP/1.1\r\nHost: " + b"a" * 256 + b"\r\n\r\n", 400),
    "host with user": (b"GET /a HTTP/1.1\r\nHost: a@b\r\n\r\n", 400),
    "host with path": (b"GET /a HTTP/1.1\r\nHost: a/b\r\n\r\n", 400),
    "host with fragment": (b"GET /a HTTP/1.1\r\nHost: localhost/#@evil\r\n\r\n", 400),
    "host list": (b"GET /a HTTP/1.1\r\nHost: a, b\r\n\r\n", 400),
    "host with port that is none": (b"GET /a HTTP/1.1\r\nHost: a:b\r\n\r\n", 400),
    "two hosts in 1.0": (b"GET /a HTTP/1.0\r\nHost: a\r\nHost: b\r\n\r\n", 400),
    "absolute form without host": (b"GET http://a/b HTTP/1.1\r\n\r\n", 400),
    "absolute form with user": (b"GET http://u@a/b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "absolute form of another scheme": (b"GET ftp://a/b HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "authority form": (b"GET a:443 HTTP/1.1\r\nHost: a\r\n\r\n", 400),
    "fragment": (b"GET /secret#/public HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "fragment in query": (b"GET /a?b#c HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "asterisk": (b"GET * HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "relative target": (b"GET a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "encoded NUL": (b"GET /a%00b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "encoded NUL in query": (b"GET /a?b=%00 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "NUL in target": (b"GET /a\x00b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "tab in target": (b"GET /a\tb HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "target not ASCII": (b"GET /\xc3\xa9 HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "space in target": (b"GET /a b HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "two spaces": (b"GET  /a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "tabs for spaces": (b"GET\t/a\tHTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "space behind version": (b"GET /a HTTP/1.1 \r\nHost: x\r\n\r\n", 400),
    "space in front": (b" GET /a HTTP/1.1\r\nHost: x\r\n\r\n", 400),
    "two empty lines in front": (b"\r\n\r\n" + GET + b"\r\n", 400),
    "method that is none": (b'G=":<> /a HTTP/1.1\r\nHost: x\r\n\r\n', 400),
    "100 KB of method": (b"A" * 102400 + b" /a HTTP/1.1\r\nHost: x\r\n\r\n", (400, 501, 414)),
    "40 bytes of method": (b"A" * 40 + b" /a HTTP/1.1\r\nHost: x\r\n\r\n", 501),
    "CONNECT authority": (b"CONNECT host:443 HTTP/1.1\r\nHost: host\r\n\r\n", (405, 501)),
    "CONNECT path": (b"CONNECT /x HTTP/1.1\r\nHost: host\r\n\r\n", (405, 501)),
    "TRACE": (b"TRACE /x HTTP/1.1\r\nHost: host\r\nA: echo-me\r\n\r\n", (405, 501)),
    "unknown expectation": (POST + b"Expect: nonsense\r\nContent-Length: 1\r\n\r\na", 417),
    "100 KB of target": (b"GET /" + b"a" * 102400 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "9 KB of target": (b"GET /" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "9 KB of query": (b"GET /?" + b"a" * 9000 + b" HTTP/1.1\r\nHost: x\r\n\r\n", 414),
    "64 KiB value": (GET + b"A: " + b"a" * 65536 + b"\r\n\r\n", 431),
    "1 MiB value": (GET + b"A: " + b"a" * 1048576 + b"\r\n\r\n", 431),
    "20,000 fields": (GET + b"A: b\r\n" * 20000 + b"\r\n", 431),
    "5,000 cookies in 5,000 lines": (GET + b"Cookie: a=b\r\n" * 5000 + b"\r\n", 431),
    "101 fields": (GET + b"A: b\r\n" * 100 + b"\r\n", 431),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
async def test_refused_once_and_closed(serve: Serve, name: str) -> None:
    request, expected = REFUSED[name]
    running = await serve(echo)
    caller = await running.call(request + NEXT)
    began = time.perf_counter()
    status, fields, body = await caller.answer()
    assert time.perf_counter() - began < 1
    assert status in (expected if isinstance(expected, tuple) else (expected,))
    assert fields[b"content-type"] == b"application/problem+json"
    assert fields[b"connection"] == b"close"
    assert fields[b"x-content-type-options"] == b"nosniff"
    assert b"date" in fields
    problem = orjson.loads(body)
    assert problem["status"] == status
    assert problem["request_id"].encode() == fields[b"x-request-id"]
    assert b"echo-me" not in body
    assert await caller.rest() == b"", "what follows is not answered"
    assert running.rejected == [(status, problem["code"])]


@pytest.mark.parametrize(
    "begun",
    [
        b"\x00",
        b"GET /\n",
        b"GET /a HTTP/1.1\r\nHost: x\r\nA: \x00",
        b"GET /a HTTP/1.1\r\nA: b\n",
        b"GET /a HTTP/2.0\r\n",
        b"GET /a HTTP/1.1\r\n" + b"A: b\r\n" * 102,
        b"GET /a HTTP/1.1\r\nA: " + b"b" * 32768,
        b"GET /" + b"a" * 9000,
        b"A" * 9000,
        CHUNKED + b"zz",
        CHUNKED + b"1;" + b"a" * 1100,
    ],
)
async def test_a_hopeless_beginning_is_refused_before_its_end(serve: Serve, begun: bytes) -> None:
    running = await serve(echo)
    caller = await running.call(begun)
    status, _, _ = await caller.answer()
    assert 400 <= status <= 505


ACCEPTED: dict[str, tuple[bytes, bytes]] = {
    "plain": (GET + b"\r\n", b"GET /a? "),
    "empty line in front": (b"\r\n" + GET + b"\r\n", b"GET /a? "),
    "query": (GET.replace(b"/a", b"/a?b=1;c&d=%zz&e=/?f") + b"\r\n", b"GET /a?b=1;c&d=%zz&e=/?f "),
    "raw": (GET.replace(b"/a", b"/a%2Fb/%c0%ae//..;x") + b"\r\n", b"GET /a%2Fb/%c0%ae//..;x? "),
    "1.0 without host": (b"GET /a HTTP/1.0\r\n\r\n", b"GET /a? "),
    "unknown method": (b"BREW /a HTTP/1.1\r\nHost: x\r\n\r\n", b"BREW /a? "),
    "lower-case method": (b"get /a HTTP/1.1\r\nHost: x\r\n\r\n", b"get /a? "),
    "sized": (POST + b"Content-Length: 5\r\n\r\nhello", b"POST /a? hello"),
    "empty sized": (POST + b"Content-Length: 0\r\n\r\n", b"POST /a? "),
    "GET with a body": (GET + b"Content-Length: 5\r\n\r\nhello", b"GET /a? hello"),
    "chunked": (CHUNKED + b"5\r\nhello\r\n1\r\n!" + END, b"POST /a? hello!"),
    "chunked in capitals": (POST + TE.swapcase() + b"\r\n5\r\nhello" + END, b"POST /a? hello"),
    "extension": (CHUNKED + b'5;a=b;c="d e"\r\nhello' + END, b"POST /a? hello"),
    "leading zeros": (CHUNKED + b"0005\r\nhello" + END, b"POST /a? hello"),
    "trailers": (CHUNKED + b"0\r\nContent-Length: 9\r\nHost: y\r\n\r\n", b"POST /a? "),
    "absolute form": (b"GET http://y:80/a?b HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /a?b "),
    "absolute form without path": (b"GET HTTP://y HTTP/1.1\r\nHost: x\r\n\r\n", b"GET /? "),
    "IPv6 host": (b"GET /a HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n", b"GET /a? "),
    "99 fields more": (GET + b"A: b\r\n" * 99 + b"\r\n", b"GET /a? "),
    "blanks round a value": (POST + b"Content-Length: \t 5 \t\r\n\r\nhello", b"POST /a? hello"),
    "blanks at the end": (POST + b"A: b\r\nContent-Length: 5 \r\n\r\nhello", b"POST /a? hello"),
    "values not ASCII": (GET + b"A: \xc3\xa9\xff\r\n\r\n", b"GET /a? "),
}  # fmt: skip


@pytest.mark.parametrize("name", ACCEPTED)
async def test_accepted_and_the_next_one_too(serve: Serve, name: str) -> None:
    request, expected = ACCEPTED[name]
    running = await serve(echo)
    caller = await running.call(request + NEXT)
    status, _, body = await caller.answer()
    assert (status, body) == (200, expected)
    if b"HTTP/1.0" not in request:
        assert (await caller.answer())[2] == b"GET /second? "
    assert running.rejected == []


async def test_scope_of_an_absolute_form_knows_one_authority(serve: Serve) -> None:
    seen = []

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        seen.append(scope)
        await echo(scope, receive, send)

    running = await serve(app)
    caller = await running.call(b"GET http://y:80/%41b?c=%20 HTTP/1.1\r\nA: 1\r\nHOST: x\r\n\r\n")
    await caller.answer()
    scope = seen[0]
    assert scope["headers"] == [(b"host", b"y:80"), (b"a", b"1")]
    assert (scope["raw_path"], scope["path"], scope["query_string"]) == (b"/%41b", "/Ab", b"c=%20")
    assert (scope["type"], scope["scheme"], scope["http_version"]) == ("http", "http", "1.1")
    assert (scope["root_path"], scope["state"]) == ("", {})
    assert scope["client"] == caller.writer.get_extra_info("sockname")
    assert scope["server"] == ("127.0.0.1", running.port)
    assert scope["extensions"]["router"].disconnected is False


async def test_options_asterisk_is_answered_by_the_server(serve: Serve) -> None:
    running = await serve(None)
    caller = await running.call(b"OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n" * 2)
    for _ in range(2):
        status, fields, _ = await caller.answer()
        assert status == 204
        assert b"POST" in fields[b"allow"]
