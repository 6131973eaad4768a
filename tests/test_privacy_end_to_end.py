"""Personal data inwards and back, vendor words outwards, through the whole router."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from urllib.parse import unquote

import pytest

from router.privacy.answer_head import restored_fields
from router.testing import Received, answer, read_body
from tests.talk import (
    add_key,
    api,
    bearer,
    bytewise,
    call,
    chunk,
    delta,
    metric,
    replying,
    request,
    said,
    sse,
)
from tests.threats.wire import Answer, ask, assert_problem, until
from tests.world import CONFIG, World, world

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator

MAIL = "jane.roe@example.com"
PLACEHOLDER = "<EMAIL_ADDRESS_1>"
ASKED = {"messages": [{"role": "user", "content": f"write to {MAIL}"}]}

SERVICES = """
  remembering: {upstream: origin, path: /r, privacy: restore, stateful: true}
  tagged: {upstream: origin, path: /t, auth: [], privacy: restore, request_fields: [x-note]}
  brief: {upstream: origin, path: /b, auth: [], privacy: {mode: restore, max_text: 1kB}}
  lenient: {upstream: origin, path: /l, auth: [], privacy: {mode: restore, uninspectable: pass}}
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("data"), CONFIG.rstrip() + SERVICES) as running:
        yield running


@pytest.fixture
def here(shared: World) -> Iterator[World]:
    yield shared
    shared.origin.handler = None
    shared.origin.reply = answer()


async def echo(got: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers what it was sent."""
    body = await read_body(got, reader)
    writer.write(answer(body, media_type=got.one("content-type") or "application/json"))
    await writer.drain()


def sent(here: World) -> Received:
    """What the upstream was sent last."""
    return here.origin.requests[-1]


def reached(here: World, raw: bytes) -> tuple[Answer, bool]:
    """The answer, and whether the upstream was asked at all."""
    before = len(here.origin.requests)
    got = ask(here, raw)
    return got, len(here.origin.requests) > before


# restore


def test_restore_in_json(here: World) -> None:
    here.origin.handler = echo
    before = metric(here, "entities", "lanonasis", "private", "EMAIL_ADDRESS")
    got = ask(here, call("private", ASKED))
    assert json.loads(sent(here).body)["messages"][0]["content"] == f"write to {PLACEHOLDER}"
    assert json.loads(got.body) == ASKED
    assert got.one("x-privacy") == "restore; EMAIL_ADDRESS=1"
    assert "privacy;dur=" in (got.one("server-timing") or "")
    until(lambda: metric(here, "entities", "lanonasis", "private", "EMAIL_ADDRESS") == before + 1)


def test_restore_in_events(here: World) -> None:
    events = [delta("Dear <EMAIL"), delta("_ADDRESS_"), delta("1>, hello")]
    here.origin.handler = bytewise(sse(*events, "[DONE]"))
    got = ask(here, call("private", ASKED))
    assert said(got.body) == f"Dear {MAIL}, hello"
    assert got.one("content-type") == "text/event-stream"


@pytest.mark.parametrize("status", ["200 OK", "201 Created", "400 Bad Request", "500 Oops"])
def test_restore_in_answers_of_every_status(here: World, status: str) -> None:
    body = json.dumps({"error": f"no such user: {PLACEHOLDER}"}).encode()
    here.origin.handler = replying(answer(body, status))
    got = ask(here, call("private", ASKED))
    assert got.status == int(status[:3])
    assert json.loads(got.body) == {"error": f"no such user: {MAIL}"}


def test_equal_values_share_a_number_and_others_do_not(here: World) -> None:
    here.origin.handler = echo
    text = f"{MAIL} and john.doe@example.com and {MAIL}"
    got = ask(here, call("private", {"content": text}))
    assert json.loads(sent(here).body)["content"] == (
        "<EMAIL_ADDRESS_1> and <EMAIL_ADDRESS_2> and <EMAIL_ADDRESS_1>"
    )
    assert json.loads(got.body)["content"] == text


def test_restore_in_fields(here: World) -> None:
    async def moved(got: Received, _: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        extra = f"Location: {got.target}/\r\nContent-Disposition: attachment; "
        extra += f'filename="{PLACEHOLDER}-<EMAIL_ADDRESS_2>.csv"\r\n'
        writer.write(answer(b"", "308 Permanent Redirect", extra=extra))

    here.origin.handler = moved
    got = ask(here, request(api("private", f"/users/{MAIL}")))
    assert "jane" not in sent(here).target
    assert got.one("location") == api("private", f"/users/{MAIL}/")
    expected = f'attachment; filename="{MAIL}-<EMAIL_ADDRESS_2>.csv"'
    assert got.one("content-disposition") == expected
    assert got.one("cache-control") == "private, no-store"


def test_a_value_that_a_field_cannot_hold_is_encoded_in_urls_and_hidden_elsewhere() -> None:
    values = {"<X_1>": 'a "b"\r\nc/é', "<X_2>": "a; Domain=evil"}
    encoded = b"a%20%22b%22%0D%0Ac%2F%C3%A9"
    fields = [
        (b"location", b"/x/%3Cx_1%3e?<X_1>"),
        (b"link", b"</x/%3CX_1%3E>; rel=next"),
        (b"content-disposition", b"attachment; filename*=UTF-8''%3CX_1%3E"),
        (b"warning", b"<X_1> <X_2> <X_3>"),
        (b"set-cookie", b"u=<X_2>"),
    ]
    assert restored_fields(fields, values) == [
        (b"location", b"/x/%b?%b" % (encoded, encoded)),
        (b"link", b"</x/%b>; rel=next" % encoded),
        (b"content-disposition", b"attachment; filename*=UTF-8''" + encoded),
        *fields[3:],
    ]


def test_a_look_alike_is_the_callers_own_text_and_stays(here: World) -> None:
    here.origin.handler = echo
    text = f"{PLACEHOLDER} is not {MAIL}"
    got = ask(here, call("private", {"content": text}))
    inside = json.loads(sent(here).body)["content"]
    assert inside.startswith(PLACEHOLDER)
    assert MAIL not in inside
    assert inside.count(PLACEHOLDER) == 1, "its number was reserved"
    assert json.loads(got.body)["content"] == text


def test_a_placeholder_that_was_not_issued_is_left_alone(here: World) -> None:
    here.origin.handler = replying(answer(b'{"a":"<EMAIL_ADDRESS_7> <PERSON_1>"}'))
    assert json.loads(ask(here, call("private", ASKED)).body) == {
        "a": "<EMAIL_ADDRESS_7> <PERSON_1>"
    }


def test_nothing_of_one_request_is_restored_in_another(here: World) -> None:
    ask(here, call("private", ASKED))
    here.origin.handler = replying(answer(b'{"a":"<EMAIL_ADDRESS_1>"}'))
    assert json.loads(ask(here, call("private", {"content": "hello"})).body) == {"a": PLACEHOLDER}


def test_tool_arguments_get_their_values_back_escaped_once_more(here: World) -> None:
    arguments = json.dumps({"to": PLACEHOLDER})
    body = {"choices": [{"message": {"tool_calls": [{"function": {"arguments": arguments}}]}}]}
    here.origin.handler = replying(answer(json.dumps(body).encode()))
    got = json.loads(ask(here, call("private", ASKED)).body)
    told = got["choices"][0]["message"]["tool_calls"][0]["function"]["arguments"]
    assert json.loads(told) == {"to": MAIL}


def test_a_stateful_service_gets_one_number_for_one_value_and_none_is_guessed(here: World) -> None:
    here.origin.handler = echo
    line = bearer(here)
    got = ask(here, call("remembering", ASKED, line))
    first = sent(here).body
    assert MAIL.encode() not in first
    assert json.loads(got.body) == ASKED
    ask(here, call("remembering", {"content": f"other@example.com, {MAIL}"}, line))
    number = json.loads(first)["messages"][0]["content"].removeprefix("write to ")
    assert number in sent(here).body.decode()
    here.origin.handler = replying(answer(json.dumps({"a": number}).encode()))
    assert json.loads(ask(here, call("remembering", {"a": "b"}, line)).body) == {"a": number}


# query and path


def test_query_and_path_are_looked_at_too(here: World) -> None:
    here.origin.handler = replying(answer(json.dumps({"a": PLACEHOLDER}).encode()))
    target = api("private", f"/users/{MAIL}/x?q=mail%20{MAIL.replace('@', '%40')}&n=1")
    got = ask(here, request(target))
    path, _, query = sent(here).target.partition("?")
    assert MAIL not in unquote(path) + unquote(query)
    assert unquote(path) == f"/private/users/{PLACEHOLDER}/x"
    assert query.endswith("&n=1")
    assert json.loads(got.body) == {"a": MAIL}
    assert got.one("x-privacy") == "restore; EMAIL_ADDRESS=2"


def test_a_query_in_which_nothing_is_found_goes_as_it_came(here: World) -> None:
    ask(here, request(api("private", "/a%20b?x=%41&y=1;z&&q")))
    assert sent(here).target == "/private/a%20b?x=%41&y=1;z&&q"


# fields


def test_fields_are_looked_at_too(here: World) -> None:
    here.origin.handler = replying(answer(json.dumps({"a": PLACEHOLDER}).encode()))
    lines = (
        f"X-Note: from {MAIL}",
        f"Mcp-Param-To: {MAIL}",
        f"Idempotency-Key: order-{MAIL}",
        f"Last-Event-ID: {MAIL.replace('@', '%40')}",
        f'If-None-Match: "{MAIL}"',
        "traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
        f"tracestate: a={MAIL}",
        f"Accept-Language: en, {MAIL}",
    )
    media_type = f"text/plain; charset=utf-8; from={MAIL}"
    got = ask(here, request(api("tagged"), *lines, body=b"hello", media_type=media_type))
    asked = sent(here)
    assert MAIL not in str(asked.fields)
    assert "%40" not in str(asked.fields)
    for name in ("x-note", "mcp-param-to", "accept-language"):
        assert (asked.one(name) or "").endswith(PLACEHOLDER), name
    for name in ("idempotency-key", "last-event-id", "if-none-match", "tracestate"):
        assert asked.one(name) is None, name
    assert (asked.one("traceparent") or "").startswith("00-0af76519")
    assert asked.one("content-type") == "text/plain; charset=utf-8"
    assert json.loads(got.body) == {"a": MAIL}
    assert got.one("x-privacy") == "restore; EMAIL_ADDRESS=7"


def test_a_handle_in_which_nothing_is_found_goes_as_it_came(here: World) -> None:
    lines = {"Mcp-Session-Id": "1868a90c-2b3c-4f5d-8a6b-7c8d9e0f1a2b", "Last-Event-ID": "42-0"}
    ask(here, call("private", {}, *(f"{name}: {value}" for name, value in lines.items())))
    assert {name: sent(here).one(name.lower()) for name in lines} == lines


def test_block_refuses_a_field(here: World) -> None:
    got, asked = reached(here, request(api("blocking"), f"Last-Event-ID: {MAIL}"))
    assert not asked
    told = assert_problem(got, 422)
    assert told["entities"] == [{"type": "EMAIL_ADDRESS", "path": "header.last-event-id"}]


# escapes


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize(
    "body", [b'{"message":"jane\\u0040example.com"} x', b'"jane\\u0040example.com"']
)
def test_escapes_hide_nothing_whatever_the_body_is_called(
    here: World, body: bytes, mark: bytes
) -> None:
    here.origin.handler = echo
    got = ask(here, request(api("private"), body=mark + body, media_type="text/plain"))
    assert sent(here).body == mark + body.replace(b"jane\\u0040example.com", PLACEHOLDER.encode())
    assert got.body.replace(b"\\u0040", b"@") == mark + body.replace(b"\\u0040", b"@")


@pytest.mark.parametrize(
    "head",
    [
        b"name=536-90-4399",
        b"name=\"f\"; filename*=utf-8''jane%40example.com",
        b'name="jane%40example.com"',
        b'name="a"\r\nX-Note: jane@example.com',
    ],
)
def test_the_head_of_a_forms_part_hides_nothing(here: World, head: bytes) -> None:
    body = (
        b"--x\r\nContent-Disposition: form-data; %b\r\nContent-Type: text/plain\r\n\r\nok\r\n--x--"
    )
    raw = request(api("private"), body=body % head, media_type="multipart/form-data; boundary=x")
    got, asked = reached(here, raw)
    assert (got.status, asked) == ((400, False) if b"X-Note" in head else (200, True))
    if asked:
        assert b"536-90" not in sent(here).body
        assert b"%40" not in sent(here).body


def test_each_service_has_its_own_most_text(here: World) -> None:
    text = {"a": "words " * 300}
    assert ask(here, call("private", text)).status == 200
    assert_problem(ask(here, call("brief", {**text, "b": MAIL})), 413)


# the other modes


def test_replace_is_one_way(here: World) -> None:
    here.origin.handler = echo
    got = ask(here, call("replaced", ASKED))
    assert MAIL.encode() not in sent(here).body
    assert json.loads(got.body)["messages"][0]["content"] == f"write to {PLACEHOLDER}"
    assert got.one("x-privacy") == "replace; EMAIL_ADDRESS=1"


def test_block_refuses_and_sends_nothing(here: World) -> None:
    got, asked = reached(here, call("blocking", ASKED))
    told = assert_problem(got, 422)
    assert (told["code"], asked) == ("pii_blocked", False)
    assert MAIL not in got.body.decode()
    got, asked = reached(here, call("blocking", {"content": "hello"}))
    assert (got.status, asked) == (200, True)


def test_observe_counts_and_changes_nothing(here: World) -> None:
    here.origin.handler = echo
    raw = b'{"content" : "write to ' + MAIL.encode() + b'" , "content":1e400}'
    got = ask(here, request(api("observed"), body=raw))
    assert sent(here).body == got.body == raw
    assert got.one("x-privacy") == "observe; EMAIL_ADDRESS=1"


def test_off_looks_at_nothing(here: World) -> None:
    here.origin.handler = echo
    got = ask(here, call("open", ASKED))
    assert json.loads(sent(here).body) == ASKED
    assert got.one("x-privacy") is None


# what cannot be looked at


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"\x08\x01\x12\x05", "application/x-protobuf"),
        (b"PK\x03\x04", "application/zip"),
        ('{"a":"jane"}'.encode("utf-16"), "application/json; charset=utf-16"),
        (b"hello", "text/plain; charset=utf-7"),
    ],
)
def test_what_cannot_be_looked_at_is_refused(here: World, body: bytes, media_type: str) -> None:
    got, asked = reached(here, request(api("private"), body=body, media_type=media_type))
    assert_problem(got, 415)
    assert not asked


def test_what_cannot_be_looked_at_passes_where_the_policy_says_so(here: World) -> None:
    body = b"\x08\x01\x12\x05"
    got = ask(here, request(api("lenient"), body=body, media_type="application/x-protobuf"))
    assert (got.status, sent(here).body) == (200, body)


@pytest.mark.parametrize("chunked", [False, True])
def test_what_is_too_large_to_be_looked_at_is_refused(here: World, chunked: bool) -> None:
    body = json.dumps({"a": "b " * 40_000, "z": MAIL}).encode()
    raw = request(api("private"), body=body)
    if chunked:
        raw = request(api("private"), "Transfer-Encoding: chunked", body=chunk(body) + chunk(b""))
    got, asked = reached(here, raw)
    assert_problem(got, 413)
    assert not asked


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", ""])
def test_json_is_looked_at_whatever_it_is_called(here: World, media_type: str) -> None:
    raw = request(api("private"), body=json.dumps(ASKED).encode(), media_type=media_type)
    if not media_type:
        raw = raw.replace(b"Content-Type: \r\n", b"")
    got, asked = reached(here, raw)
    assert (got.status, asked) == (200, True)
    assert json.loads(sent(here).body)["messages"][0]["content"] == f"write to {PLACEHOLDER}"


FORM = (
    b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\n' + MAIL.encode() + b"\r\n"
    b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n'
    b"Content-Type: audio/mpeg\r\n\r\n\x00\x01\xff\r\n--x--\r\n"
)


def test_a_form_is_looked_at_and_its_file_passes_where_the_policy_says_so(here: World) -> None:
    raw = request(api("lenient"), body=FORM, media_type="multipart/form-data; boundary=x")
    assert ask(here, raw).status == 200
    assert sent(here).body == FORM.replace(MAIL.encode(), PLACEHOLDER.encode())
    raw = request(api("private"), body=FORM, media_type="multipart/form-data; boundary=x")
    got, asked = reached(here, raw)
    assert_problem(got, 415)
    assert not asked


def test_a_compressed_request_is_looked_at_and_goes_on_plain(here: World) -> None:
    import gzip  # noqa: PLC0415  this test alone

    body = gzip.compress(json.dumps(ASKED).encode())
    got = ask(here, request(api("private"), "Content-Encoding: gzip", body=body))
    assert got.status == 200
    assert json.loads(sent(here).body)["messages"][0]["content"] == f"write to {PLACEHOLDER}"
    assert sent(here).one("content-encoding") is None


# masking


def test_what_the_caller_said_is_never_masked(here: World) -> None:
    here.origin.handler = echo
    said = {"content": "mail jane@openai.com about it"}
    got = ask(here, call("both", said))
    assert "openai" not in sent(here).body.decode()
    assert json.loads(got.body) == said


def test_an_alias_of_a_model_goes_in_as_the_vendors_and_comes_back(here: World) -> None:
    body = {"model": "gpt-4o-mini-2024-07-18", "choices": [{"message": {"content": "hi"}}]}
    here.origin.handler = replying(answer(json.dumps(body).encode()))
    got = ask(here, call("masked", {"model": "onasis-chat", "temperature": 1}))
    assert json.loads(sent(here).body) == {"model": "gpt-4o-mini", "temperature": 1}
    assert json.loads(got.body)["model"] == "onasis-chat"


def test_a_model_that_is_not_listed_is_refused_where_the_policy_says_so(here: World) -> None:
    got, asked = reached(here, call("strict-models", {"model": "gpt-4o-mini"}))
    assert assert_problem(got, 400)["code"] == "model_not_allowed"
    assert not asked
    assert ask(here, call("strict-models", {"model": "onasis-chat"})).status == 200
    assert json.loads(sent(here).body)["model"] == "gpt-4o-mini"


@pytest.mark.parametrize(
    "status",
    ["400 Bad Request", "401 Unauthorized", "403 Forbidden", "404 Not Found", "429 Too Many",
     "500 Internal Server Error", "502 Bad Gateway", "503 Service Unavailable", "529 Overloaded"],
)  # fmt: skip
@pytest.mark.parametrize(
    ("media_type", "body"),
    [
        ("application/json", b'{"error":{"message":"No such OpenAI key","type":"openai_error"}}'),
        ("text/html", b"<h1>OpenAI is down</h1><a href='https://status.openai.com'>openai</a>"),
        ("text/plain", b"upstream openai failed"),
    ],
)  # fmt: skip
def test_no_error_of_any_status_names_the_vendor(
    here: World, status: str, media_type: str, body: bytes
) -> None:
    extra = 'X-OpenAI-Error: 1\r\nWWW-Authenticate: Bearer realm="OpenAI"\r\n'
    here.origin.handler = replying(answer(body, status, media_type, extra))
    got = ask(here, call("masked", {}))
    assert got.status == int(status[:3])
    assert b"openai" not in got.body.lower()
    assert b"onasis" in got.body.lower()
    assert "openai" not in str(got.fields).lower()


def test_masks_are_counted(here: World) -> None:
    before = metric(here, "masked", "lanonasis", "masked")
    here.origin.handler = replying(answer(b'{"text":"OpenAI and OpenAI"}'))
    ask(here, call("masked", {}))
    until(lambda: metric(here, "masked", "lanonasis", "masked") == before + 2)


def test_a_restored_answer_has_no_tag_and_a_masked_one_a_weak_one(here: World) -> None:
    reply = answer(json.dumps({"a": PLACEHOLDER}).encode(), extra='ETag: "a"\r\nDigest: x\r\n')
    here.origin.handler = replying(reply)
    got = ask(here, call("private", ASKED))
    assert (got.one("etag"), got.one("digest")) == (None, None)
    got = ask(here, call("masked", {}))
    assert (got.one("etag"), got.one("digest")) == ('W/"a"', None)


def test_a_key_is_no_personal_data_of_the_body(here: World) -> None:
    """The credential the router consumes reaches neither the upstream nor the log."""
    key = add_key(here, name="quiet")
    ask(here, call("remembering", ASKED, f"X-API-Key: {key}"))
    got = sent(here)
    assert key not in f"{got.fields} {got.target}" + got.body.decode()
    assert key.encode() not in here.router.log.getvalue()
