"""Answers on their way: each piece at once, whole words however cut, and no false end."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
import re
import zlib
from typing import TYPE_CHECKING

import brotli
import httpx
import pytest
import zstandard

from router.testing import Received, answer
from tests.talk import (
    CHUNKS,
    ORIGIN,
    Stepwise,
    api,
    bytewise,
    call,
    chunk,
    delta,
    first_chunk,
    replying,
    request,
    said,
    sse,
)
from tests.threats.wire import ask, calling, until
from tests.world import World, world

if TYPE_CHECKING:
    from collections.abc import Iterator

ASKED = {"messages": [{"role": "user", "content": "write to jane.roe@example.com"}]}


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("data")) as running:
        yield running


@pytest.fixture
def here(shared: World) -> Iterator[World]:
    yield shared
    shared.origin.handler = None
    shared.origin.reply = answer()


# Each piece at once


@pytest.mark.parametrize(
    ("service", "first", "seen"),
    [
        ("open", delta("hello"), "hello"),
        ("masked", delta("OpenAI says hello"), "Onasis says hello"),
        ("private", delta("hello"), "hello"),
        ("private", delta("to <EMAIL_ADDRESS_1>"), "to jane.roe@example.com"),
        (
            "both",
            delta("OpenAI writes to <EMAIL_ADDRESS_1>."),
            "Onasis writes to jane.roe@example.com.",
        ),
    ],
)
def test_an_event_reaches_the_caller_before_the_upstream_sends_the_next(
    here: World, service: str, first: object, seen: str
) -> None:
    steps = here.origin.handler = Stepwise([sse(first), sse(delta("!"), "[DONE]")])
    with calling(here, call(service, ASKED)) as caller:
        assert caller._head()[0] == 200
        steps.go()
        stream = b""
        while len(said(stream)) < len(seen):
            stream += first_chunk(caller)
        assert said(stream) == seen
        assert steps.sent == 1
        steps.go()
        stream += caller._chunks()
        assert said(stream) == seen + "!"
        assert stream.endswith(b"data: [DONE]\n\n")


@pytest.mark.parametrize("service", ["open", "masked", "private"])
def test_the_head_of_a_stream_comes_before_its_first_event(here: World, service: str) -> None:
    steps = here.origin.handler = Stepwise([sse(delta("a"))])
    with calling(here, call(service, ASKED)) as caller:
        status, fields = caller._head()
        assert (status, steps.sent) == (200, 0)
        assert ("x-accel-buffering", "no") in fields
        steps.go()
        assert said(caller._chunks()) == "a"


@pytest.mark.parametrize("service", ["open", "masked", "both"])
def test_a_comment_that_keeps_a_stream_alive_is_not_held_up(here: World, service: str) -> None:
    steps = here.origin.handler = Stepwise([b": ping\n\n", sse("[DONE]")])
    with calling(here, call(service, ASKED)) as caller:
        caller._head()
        steps.go()
        assert first_chunk(caller) == b": ping\n\n"
        steps.go()
        assert caller._chunks() == b"data: [DONE]\n\n"


def test_lines_of_json_come_one_by_one_too(here: World) -> None:
    lines = [b'{"text":"OpenAI. "}\n', b'{"text":"end. "}\n']
    steps = here.origin.handler = Stepwise(lines, media_type=b"application/x-ndjson")
    with calling(here, call("masked", {})) as caller:
        caller._head()
        steps.go()
        assert first_chunk(caller) == b'{"text":"Onasis. "}\n'
        steps.go()
        assert caller._chunks() == lines[1]


# However it is cut


@pytest.mark.parametrize("newline", [b"\n", b"\r\n", b"\r"])
def test_events_cut_at_every_byte_say_the_same(here: World, newline: bytes) -> None:
    stream = sse(
        delta("OpenAI wrote to <EMAIL_"), delta("ADDRESS_1> on Open"), delta("AI's behalf ✓")
    )
    stream = (stream + sse("[DONE]")).replace(b"\n", newline)
    here.origin.handler = bytewise(stream)
    got = ask(here, call("both", ASKED))
    text = said(got.body.replace(b"\r\n", b"\n").replace(b"\r", b"\n"))
    assert text == "Onasis wrote to jane.roe@example.com on Onasis's behalf ✓"
    assert got.body.endswith(b"data: [DONE]" + newline * 2)
    assert b"EMAIL" not in got.body


@pytest.mark.parametrize(
    "media_type", [b"application/json", b"text/plain", b"application/x-ndjson"]
)
def test_other_text_cut_at_every_byte_says_the_same(here: World, media_type: bytes) -> None:
    here.origin.handler = bytewise(b'{"to":"<EMAIL_ADDRESS_1>","by":"OpenAI"}', media_type)
    got = ask(here, call("both", ASKED))
    assert json.loads(got.body) == {"to": "jane.roe@example.com", "by": "Onasis"}


# No false end


@pytest.mark.parametrize("service", ["open", "masked", "private", "both"])
@pytest.mark.parametrize("cut", [b"", b'data: {"choices":[{"index":0,"del'])
def test_a_stream_that_breaks_off_ends_in_one_error_event(
    here: World, service: str, cut: bytes
) -> None:
    steps = here.origin.handler = Stepwise([sse(delta("begun. ")) + cut], end=False)
    steps.go()
    with calling(here, call(service, ASKED)) as caller:
        caller._head()
        stream = caller._chunks()
    assert stream.startswith(sse(delta("begun. ")))
    errors = [one for one in re.split(rb"\n\n", stream) if one.startswith(b"event: error\n")]
    assert len(errors) == 1
    told = json.loads(errors[0].partition(b"\ndata: ")[2])
    assert (told["code"], told["status"]) == ("http_response_incomplete", 502)
    assert stream.endswith(errors[0] + b"\n\n")


def test_a_stream_that_goes_quiet_ends_in_an_error_event(here: World) -> None:
    here.origin.handler = Stepwise([sse(delta("begun. ")), b""])
    here.origin.handler.go()
    got = ask(here, call("masked", ASKED))
    assert b"event: error\ndata: " in got.body
    assert json.loads(got.body.rpartition(b"data: ")[2])["code"] == "http_response_timeout"
    here.origin.handler.go()


@pytest.mark.parametrize("service", ["open", "masked", "private"])
@pytest.mark.parametrize("media_type", [b"application/json", b"audio/mpeg"])
def test_any_other_body_that_breaks_off_is_cut(
    here: World, service: str, media_type: bytes
) -> None:
    steps = here.origin.handler = Stepwise([b'{"a":"b", ' * 10], media_type, end=False)
    steps.go()
    with calling(here, call(service, {})) as caller:
        status, fields = caller._head()
        assert (status, dict(fields)["Transfer-Encoding"]) == (200, "chunked")
        rest = caller.rest()
    assert not rest.endswith(b"0\r\n\r\n")
    assert b"event: error" not in rest


def test_a_body_shorter_than_its_length_is_cut(here: World) -> None:
    reply = answer(b"0123456789").replace(b"Length: 10", b"Length: 20")
    here.origin.handler = replying(reply, close=True)
    with calling(here, call("open", {})) as caller:
        _, fields = caller._head()
        assert dict(fields)["Content-Length"] == "20"
        assert caller.rest() == b"0123456789"


def test_a_compressed_body_that_breaks_off_is_a_fault_of_the_upstream(here: World) -> None:
    body = gzip.compress(b'{"a":"OpenAI"}')[:-6]
    here.origin.handler = replying(answer(body, extra="Content-Encoding: gzip\r\n"))
    assert httpx.post(here.path("masked")).status_code == 502


# Uploads


@pytest.mark.parametrize("service", ["open", "masked"])
def test_an_upstream_that_refuses_during_an_upload_is_heard_at_once(
    here: World, service: str
) -> None:
    async def refuse(
        _: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await reader.readexactly(1000)
        body = b'{"error":"too much for OpenAI"}'
        writer.write(answer(body, "413 Payload Too Large", extra="Connection: close\r\n"))
        await writer.drain()

    here.origin.handler = refuse
    lines = ("Content-Length: 9000000",)
    kind = "audio/mpeg"
    raw = request(api(service), f"Content-Type: {kind}", *lines, method="POST")
    with calling(here, raw + b"a" * 100_000) as caller:
        got = caller.answer()
        assert got.status == 413
        assert json.loads(got.body)["error"].startswith("too much for O")
        assert got.closes
    assert not here.origin.requests[-1].complete


def test_a_caller_who_waits_to_be_asked_for_the_body_is_asked(here: World) -> None:
    raw = request(api("open"), "Expect: 100-continue", "Content-Length: 5", method="POST")
    with calling(here, raw) as caller:
        assert caller._head()[0] == 100
        caller.send(b"hello")
        assert caller.answer().status == 200
    got = here.origin.requests[-1]
    assert (got.body, got.one("expect")) == (b"hello", None)


@pytest.mark.parametrize(("service", "status"), [("signed-in", 401), ("reading", 405), ("x", 404)])
def test_a_caller_who_is_refused_is_not_asked_for_the_body(
    here: World, service: str, status: int
) -> None:
    raw = request(api(service), "Expect: 100-continue", "Content-Length: 5", method="POST")
    with calling(here, raw) as caller:
        assert caller.answer().status == status
        assert caller.interim == []


def test_an_upload_goes_on_piece_by_piece(here: World) -> None:
    raw = request(api("open"), "Transfer-Encoding: chunked", body=chunk(b"one"))
    seen: list[bytes] = []

    async def reading(
        got: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while (size := int(await reader.readline(), 16)) > 0:
            seen.append(await reader.readexactly(size))
            await reader.readexactly(2)
        await reader.readline()
        writer.write(answer())
        await writer.drain()

    here.origin.handler = reading
    with calling(here, raw) as caller:
        until(lambda: seen == [b"one"])
        caller.send(chunk(b"two") + chunk(b""))
        assert caller.answer().status == 200
    assert b"".join(seen) == b"onetwo"


# Codings


def _zlib(data: bytes) -> bytes:
    return zlib.compress(data)


CODINGS = {
    "gzip": gzip.compress,
    "br": brotli.compress,
    "zstd": zstandard.compress,
    "deflate": _zlib,
}


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("cut", [False, True])
def test_an_answer_compressed_all_the_same_is_decoded_and_masked(
    here: World, coding: str, cut: bool
) -> None:
    plain = json.dumps({"text": "OpenAI for <EMAIL_ADDRESS_1> " * 50}).encode()
    body = CODINGS[coding](plain)
    fields = f"Content-Encoding: {coding}\r\nVary: Accept-Encoding\r\n"
    if cut:
        head = CHUNKS.replace(b"\r\n\r\n", b"\r\n" + fields.encode() + b"\r\n")
        pieces = b"".join(chunk(body[i : i + 1]) for i in range(len(body))) + chunk(b"")
        reply = head % b"application/json" + pieces
    else:
        reply = answer(body, extra=fields)
    here.origin.handler = replying(reply)
    got = ask(here, call("both", ASKED))
    assert here.origin.requests[-1].one("accept-encoding") == "identity"
    assert got.one("content-encoding") is None
    assert json.loads(got.body) == {"text": "Onasis for jane.roe@example.com " * 50}


def test_an_unedited_answer_stays_compressed(here: World) -> None:
    body = gzip.compress(b'{"text":"OpenAI"}')
    here.origin.handler = replying(answer(body, extra="Content-Encoding: gzip\r\n"))
    got = ask(here, call("open", {}, "Accept-Encoding: gzip"))
    assert here.origin.requests[-1].one("accept-encoding") == "gzip"
    assert (got.one("content-encoding"), got.body) == ("gzip", body)


def test_an_unknown_coding_of_an_edited_answer_is_a_502(here: World) -> None:
    here.origin.handler = replying(answer(b"xyz", extra="Content-Encoding: rot13\r\n"))
    got = ask(here, call("masked", {}))
    assert (got.status, json.loads(got.body)["code"]) == (502, "http_protocol_error")
    assert b"xyz" not in got.body


# Bodies that stay as they are


@pytest.mark.parametrize("service", ["open", "masked", "both"])
def test_bytes_that_are_no_text_come_as_they_were_sent(here: World, service: str) -> None:
    body = os.urandom(300_000) + b"openai <EMAIL_ADDRESS_1>"
    here.origin.handler = replying(answer(body, media_type="audio/mpeg"))
    got = ask(here, call(service, ASKED))
    assert got.body == body
    assert got.one("content-type") == "audio/mpeg"


@pytest.mark.parametrize("service", ["open", "masked", "both"])
def test_json_in_which_nothing_is_found_comes_as_it_was_sent(here: World, service: str) -> None:
    body = (
        b'\xef\xbb\xbf { "a" : 1e400 , "a":1.0, "big":123456789012345678901234567890,'
        b' "n": NaN, "e": "\\u00e9\\/", "x": [ ] }\r\n'
    )
    here.origin.handler = replying(answer(body))
    assert ask(here, call(service, ASKED)).body == body


def test_a_request_in_which_nothing_is_found_goes_as_it_was_sent(here: World) -> None:
    body = b'{ "a" : 1e400 , "a":1.0, "big":123456789012345678901234567890, "e":"\\u00e9\\/" }\r\n'
    ask(here, request(api("both"), body=body))
    assert here.origin.requests[-1].body == body


@pytest.mark.parametrize("service", ["open", "masked", "both"])
def test_head_and_its_get_have_the_same_fields_but_one_no_body(here: World, service: str) -> None:
    fields = b"HTTP/1.1 200 OK\r\nContent-Type: audio/mpeg\r\nContent-Length: 5\r\n\r\n"
    here.origin.handler = replying(fields)
    got = ask(here, request(api(service), method="HEAD"), "HEAD")
    assert (got.status, got.one("content-type")) == (200, "audio/mpeg")
    assert got.one("transfer-encoding") is None


@pytest.mark.parametrize("service", ["open", "masked", "both"])
@pytest.mark.parametrize("status", ["204 No Content", "304 Not Modified"])
def test_an_answer_that_has_no_body_gets_none(here: World, service: str, status: str) -> None:
    reply = f'HTTP/1.1 {status}\r\nETag: "a"\r\nContent-Type: application/json\r\n\r\n'
    here.origin.handler = replying(reply.encode())
    raw = request(api(service))
    with calling(here, raw) as caller:
        got = caller.answer()
        assert (got.status, got.body) == (int(status[:3]), b"")
        assert got.one("transfer-encoding") is None
        assert got.one("content-length") is None
        caller.send(raw)
        assert caller.answer().status == got.status, "the connection is still in step"


def test_pages_may_read_a_stream(here: World) -> None:
    here.origin.handler = bytewise(sse("[DONE]"))
    got = httpx.post(here.path("masked"), json={}, headers={"origin": ORIGIN})
    assert got.headers["access-control-allow-origin"] == ORIGIN
    assert got.headers["content-type"] == "text/event-stream"
