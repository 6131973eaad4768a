"""What a service's privacy may be told: lists, recognisers, places, modes by entity."""

from __future__ import annotations

import html
import json
import logging
from base64 import b64encode
from typing import TYPE_CHECKING
from urllib.parse import quote

import pytest

from router.config.problems import ConfigProblems
from router.provision.privacy import Privacy
from router.testing import Origin, Received, answer, read_body, running
from tests.config.small import ok, with_service
from tests.talk import api, call, metric, replying, request
from tests.threats.wire import ask, assert_problem, until
from tests.world import CONFIG, World, environment, world

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Iterator
    from pathlib import Path

MAIL = "jane.roe@example.com"
PLACEHOLDER = "<EMAIL_ADDRESS_1>"
TOP = r"""
privacy:
  recognisers:
    - {entity: EMPLOYEE_ID, pattern: '\bEMP-\d{5}\b', score: 0.3, context: [badge]}
"""
SERVICES = """
  listed:
    upstream: origin
    auth: []
    privacy:
      mode: restore
      allow: [support@onasis.example]
      deny: [Project Falcon, {pattern: 'FAL-[0-9]+', entity: PROJECT}]
  mixed:
    upstream: origin
    auth: []
    privacy:
      mode: restore
      modes: {US_SSN: block, IP_ADDRESS: observe, CREDIT_CARD: replace}
    on: {vortexcore: {privacy: {modes: {IP_ADDRESS: off, US_SSN: observe}}}}
  own: {upstream: origin, auth: [], privacy: {mode: replace, entities: [EMPLOYEE_ID]}}
  placed: {upstream: origin, auth: [], privacy: {mode: restore, only: [$.text], numbers: all}}
  seeing: {upstream: origin, auth: [], privacy: {mode: restore, uninspectable: {media: pass}}}
"""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("data"), TOP + CONFIG.rstrip() + SERVICES) as running_world:
        yield running_world


@pytest.fixture
def here(shared: World) -> Iterator[World]:
    yield shared
    shared.origin.handler = None
    shared.origin.reply = answer()


def sent(here: World) -> Received:
    return here.origin.requests[-1]


def test_lists_and_recognisers_hold_for_a_service(here: World) -> None:
    here.origin.handler = replying(answer(b'{"a": "<DENIED_1> <PROJECT_1> <EMPLOYEE_ID_1>"}'))
    text = f"badge EMP-12345 on project falcon, FAL-7; support@onasis.example, {MAIL}, EMP-12345"
    got = ask(here, call("listed", {"text": text}))
    assert json.loads(sent(here).body)["text"] == (
        "badge <EMPLOYEE_ID_1> on <DENIED_1>, <PROJECT_1>; "
        "support@onasis.example, <EMAIL_ADDRESS_1>, EMP-12345"
    )
    assert json.loads(got.body) == {"a": "project falcon FAL-7 EMP-12345"}
    assert got.one("x-privacy") == ("restore; DENIED=1, EMAIL_ADDRESS=1, EMPLOYEE_ID=1, PROJECT=1")


def test_a_recogniser_of_the_file_is_among_the_usual_ones(here: World) -> None:
    ask(here, call("private", {"text": "badge EMP-12345, project falcon"}))
    assert json.loads(sent(here).body)["text"] == "badge <EMPLOYEE_ID_1>, project falcon"


def test_a_recogniser_of_the_file_may_be_all_that_is_asked_for(here: World) -> None:
    ask(here, call("own", {"text": f"badge EMP-12345, {MAIL}"}))
    assert json.loads(sent(here).body)["text"] == f"badge <EMPLOYEE_ID_1>, {MAIL}"


def test_each_entity_has_its_mode(here: World) -> None:
    here.origin.handler = replying(answer(b'{"a": "<EMAIL_ADDRESS_1> <CREDIT_CARD_1>"}'))
    before = metric(here, "entities", "lanonasis", "mixed", "IP_ADDRESS")
    text = f"10.20.30.40, {MAIL}, 4111 1111 1111 1111"
    got = ask(here, call("mixed", {"text": text}))
    assert json.loads(sent(here).body)["text"] == "10.20.30.40, <EMAIL_ADDRESS_1>, <CREDIT_CARD_1>"
    assert json.loads(got.body) == {"a": f"{MAIL} <CREDIT_CARD_1>"}
    assert got.one("x-privacy") == (
        "restore; EMAIL_ADDRESS=1, observe; IP_ADDRESS=1, replace; CREDIT_CARD=1"
    )
    until(lambda: metric(here, "entities", "lanonasis", "mixed", "IP_ADDRESS") == before + 1)


def test_one_entity_ends_the_request_and_all_are_counted(here: World) -> None:
    before = metric(here, "entities", "lanonasis", "mixed")
    asked = len(here.origin.requests)
    got = ask(here, call("mixed", {"text": f"{MAIL}, ssn 536-90-4399"}))
    assert assert_problem(got, 422)["entities"] == [{"type": "US_SSN", "path": "$.text"}]
    assert len(here.origin.requests) == asked
    until(lambda: metric(here, "entities", "lanonasis", "mixed") == before + 2)


def test_a_platform_has_its_own_modes(here: World) -> None:
    raw = json.dumps({"text": f"10.20.30.40, {MAIL}, ssn 536-90-4399"}).encode()
    got = ask(here, request(api("mixed", platform="vortexcore"), body=raw))
    assert sent(here).body == raw.replace(MAIL.encode(), b"<EMAIL_ADDRESS_1>")
    assert got.one("x-privacy") == "restore; EMAIL_ADDRESS=1, observe; US_SSN=1"


def test_the_log_tells_what_was_only_observed_by_its_shape_and_once(
    here: World, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "router.phases.inbound")
    for text in ("from 10.2.3.41", "from 10.2.3.42", f"from 10.2.3.43, {MAIL}"):
        ask(here, call("mixed", {"text": text}))
    ask(here, call("observed", {"text": f"from {MAIL}"}))
    told = [record.getMessage() for record in caplog.records]
    assert told == [
        "privacy: IP_ADDRESS of lanonasis/mixed looks like 00.0.0.00",
        "privacy: EMAIL_ADDRESS of lanonasis/observed looks like aaaa.aaa@aaaaaaa.aaa",
    ]


def test_only_the_places_that_are_named_are_looked_at(here: World) -> None:
    raw = b'{"user": "%b", "text": {"card": 4111111111111111}}' % MAIL.encode()
    ask(here, request(api("placed"), body=raw))
    assert json.loads(sent(here).body) == {"user": MAIL, "text": {"card": "<CREDIT_CARD_1>"}}


def test_media_pass_where_only_other_files_are_refused(here: World) -> None:
    picture = "data:image/png;base64," + b64encode(bytes(range(256))).decode()
    said = {"content": [{"text": MAIL}, {"image_url": {"url": picture}}]}
    ask(here, call("seeing", said))
    assert json.loads(sent(here).body) == json.loads(
        json.dumps(said).replace(MAIL, "<EMAIL_ADDRESS_1>")
    )
    assert_problem(ask(here, call("private", said)), 415)
    pdf = {"url": "data:application/pdf;base64,JVBERi0xLjQK"}
    assert_problem(ask(here, call("seeing", pdf)), 415)
    form = (
        b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.mp3"\r\n'
        b"Content-Type: %b\r\n\r\n\x00\x01\xff\r\n--x--\r\n"
    )
    for media_type, status in ((b"audio/mpeg", 200), (b"application/pdf", 415)):
        kind = "multipart/form-data; boundary=x"
        got = ask(here, request(api("seeing"), body=form % media_type, media_type=kind))
        assert got.status == status


async def echo(got: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answers what it was sent, under the same media type."""
    body = await read_body(got, reader)
    writer.write(answer(body, media_type=got.one("content-type") or "application/json"))
    await writer.drain()


FORM = (
    b'--x\r\nContent-Disposition: form-data; name="note"\r\n\r\nto %b\r\n'
    b'--x\r\nContent-Disposition: form-data; name="f"; filename="%b"\r\n'
    b"Content-Type: text/plain\r\n\r\nfor %b\r\n--x--\r\n"
)
ARGUMENTS = '{"to": "%b", "escaped": "\\u0022"}'.replace('"', '\\"').replace("\\u", "\\\\u")


@pytest.mark.parametrize(
    ("media_type", "body", "there"),
    [
        ("application/json", b'{"a": ["to %b"]}', PLACEHOLDER),
        ("application/json", b'{"arguments": "' + ARGUMENTS.encode() + b'"}', PLACEHOLDER),
        ("application/x-ndjson", b'{"a": "%b"}\n{"b": "%b"}\n', PLACEHOLDER),
        ("application/xml", b"<a>%b</a>", html.escape(PLACEHOLDER)),
        ("text/html", b"<p>%b</p>", html.escape(PLACEHOLDER)),
        ("text/plain", b"to %b, at once", PLACEHOLDER),
        ("text/csv", b"n,mail\n1,%b\n", PLACEHOLDER),
        ("application/yaml", b"to: %b\n", PLACEHOLDER),
        ("multipart/form-data; boundary=x", FORM, PLACEHOLDER),
    ],
)
def test_each_kind_of_body_goes_in_without_and_comes_back_with_its_values(
    here: World, media_type: str, body: bytes, there: str
) -> None:
    here.origin.handler = echo
    raw = body.replace(b"%b", MAIL.encode())
    got = ask(here, request(api("private"), body=raw, media_type=media_type))
    assert sent(here).body == body.replace(b"%b", there.encode())
    assert got.body == raw


def test_parameters_go_in_without_their_values(here: World) -> None:
    form = f"a=1&to={MAIL.replace('@', '%40')}&{MAIL}=x".encode()
    kind = "application/x-www-form-urlencoded"
    ask(here, request(api("private", f"/u/{MAIL}?to={MAIL}"), body=form, media_type=kind))
    coded = quote(PLACEHOLDER)
    assert sent(here).body == f"a=1&to={coded}&{coded}=x".encode()
    assert sent(here).target == f"/private/u/{coded}?to={coded}"


def test_a_call_of_an_mcp_tool_goes_in_without_and_its_result_comes_back_with_its_values(
    here: World,
) -> None:
    result = {"content": [{"type": "text", "text": f'{{"to": "{PLACEHOLDER}"}}'}]}
    told = json.dumps({"jsonrpc": "2.0", "id": "536-90-4399", "result": result})
    here.origin.handler = replying(answer(told.encode()))
    said = {
        "jsonrpc": "2.0",
        "id": "536-90-4399",
        "method": "tools/call",
        "params": {"name": "send", "arguments": {"to": MAIL}},
    }
    got = ask(here, call("private", said))
    assert json.loads(sent(here).body) == json.loads(json.dumps(said).replace(MAIL, PLACEHOLDER))
    assert json.loads(got.body) == json.loads(told.replace(PLACEHOLDER, MAIL))


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("modes: {US_SNN: block}", "nothing finds US_SNN; did you mean 'US_SSN'?"),
        ("allow: [{word: a, entity: EMIAL_ADDRESS}]", "nothing finds EMIAL_ADDRESS"),
        (
            "entities: [EMAIL_ADDRESS], modes: {US_SSN: block}",
            "US_SSN is not looked for here; add it to 'entities'",
        ),
        ("modes: {URL: observe}", "URL is not looked for here; add it to 'entities'"),
        ("allow: [{word: a, entity: URL}]", "URL is not looked for here"),
    ],
)
def test_an_entity_that_nothing_finds_stops_the_start(tmp_path: Path, said: str, told: str) -> None:
    service = f"\n  odd: {{upstream: origin, auth: [], privacy: {{mode: restore, {said}}}}}\n"
    with (
        Origin() as origin,
        pytest.raises(ConfigProblems) as caught,
        running(CONFIG.rstrip() + service, environment(origin, tmp_path), folder=tmp_path),
    ):
        pass
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("top", "said"),
    [
        ("", "mode: restore, modes: {URL: off}"),
        ("", "mode: restore, entities: [default, URL], modes: {URL: block}"),
        ("", "mode: off, modes: {URL: block}"),
        ("", "mode: restore, deny: [x], modes: {DENIED: block}"),
        ("privacy: {allow: [{word: a, entity: PERSON}]}\n", "mode: block, entities: EMAIL_ADDRESS"),
    ],
)
def test_what_is_looked_for_or_is_said_for_all_services_stops_nothing(top: str, said: str) -> None:
    Privacy(ok(top + with_service(f"privacy: {{{said}}}")))
