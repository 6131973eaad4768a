"""Field lines are looked at like everything else that leaves."""

from __future__ import annotations

import secrets
import uuid
from base64 import b64encode

import pytest

from router.errors import DownstreamError
from router.privacy.detector import Detector
from router.privacy.head import is_quiet, plain_fields
from router.privacy.quiet import Quiet
from router.privacy.redact import Redactor

pytestmark = pytest.mark.asyncio(loop_scope="session")

MAIL = b"jane@example.com"


@pytest.fixture
def redactor(detector: Detector) -> Redactor:
    return Redactor(detector)


@pytest.mark.parametrize(
    ("name", "value", "sent"),
    [
        (b"accept-language", b"en, x-" + MAIL, b"en, <EMAIL_ADDRESS_1>"),
        (b"x-note", b"call 212 555 0143 \xe2\x82\xac", b"call <PHONE_NUMBER_1> \xe2\x82\xac"),
        (b"x-note", b"to jane%40example.com now", b"to <EMAIL_ADDRESS_1> now"),
        (b"x-note", b'"jane\\@example.com"', b'"<EMAIL_ADDRESS_1>"'),
        (
            b"content-disposition",
            b'inline; filename="jane%40example.com"',
            b'inline; filename="<EMAIL_ADDRESS_1>"',
        ),
        (b"mcp-name", MAIL, b"<EMAIL_ADDRESS_1>"),
        (
            b"mcp-param-to",
            b"=?base64?" + b64encode(MAIL) + b"?=",
            b"=?base64?" + b64encode(b"<EMAIL_ADDRESS_1>") + b"?=",
        ),
        (b"x-note", b"100%", b"100%"),
    ],
)
async def test_a_placeholder_takes_a_findings_place(
    redactor: Redactor, name: bytes, value: bytes, sent: bytes
) -> None:
    redaction = await redactor.redact(b"", fields=[(name, value)])
    assert redaction.fields == [(name, sent)]
    assert bool(redaction.counts) == bool(redaction.values) == (sent != value)


@pytest.mark.parametrize(
    "name",
    [
        b"mcp-session-id",
        b"last-event-id",
        b"idempotency-key",
        b"if-none-match",
        b"if-modified-since",
        b"tracestate",
        b"mcp-protocol-version",
    ],
)
@pytest.mark.parametrize("value", [b'"' + MAIL + b'"', b"k=jane%40example.com"])
async def test_a_handle_is_left_out_rather_than_broken(
    redactor: Redactor, name: bytes, value: bytes
) -> None:
    redaction = await redactor.redact(b"", fields=[(name, value), (b"accept", b"*/*")])
    assert redaction.fields == [(b"accept", b"*/*")]
    assert redaction.counts == {"EMAIL_ADDRESS": 1}


@pytest.mark.parametrize("name", [b"if-match", b"if-unmodified-since"])
async def test_a_write_never_loses_its_condition(redactor: Redactor, name: bytes) -> None:
    with pytest.raises(DownstreamError) as refusal:
        await redactor.redact(b"", fields=[(name, MAIL)])
    assert (refusal.value.status, refusal.value.code) == (422, "pii_blocked")


async def test_a_name_that_callers_choose_is_looked_at(redactor: Redactor) -> None:
    redaction = await redactor.redact(b"", fields=[(b"mcp-536-90-4399", b"x"), (b"mcp-a", b"y")])
    assert redaction.fields == [(b"mcp-a", b"y")]
    assert redaction.counts == {"US_SSN": 1}


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (b"application/json", b"application/json"),
        (b"application/json;charset=utf-8", b"application/json; charset=utf-8"),
        (b"text/plain; to=jane@example.com; Charset=UTF-8", b"text/plain; Charset=UTF-8"),
        (b'multipart/form-data; x="; boundary=c"; boundary="b c"', None),
        (b"multipart/form-data; boundary=b; q=1", b"multipart/form-data; boundary=b"),
    ],
)
async def test_a_media_type_keeps_its_charset_and_boundary_alone(
    value: bytes, sent: bytes | None
) -> None:
    ((_, plain),) = plain_fields([(b"content-type", value)])
    if sent is None:
        assert b"x=" not in plain
    else:
        assert plain == sent


async def test_personal_data_in_a_media_type_is_refused(redactor: Redactor) -> None:
    fields = [(b"content-type", b"application/536-90-4399")]
    with pytest.raises(DownstreamError) as refusal:
        await redactor.redact(b"", fields=fields)
    assert refusal.value.status == 415


async def test_a_field_shares_its_numbers_with_the_body(redactor: Redactor) -> None:
    redaction = await redactor.redact(
        b'{"a":"eve@x.io jane@example.com"}',
        b"application/json",
        fields=[(b"mcp-param-to", MAIL), (b"x-note", b"not <EMAIL_ADDRESS_3>, bob@x.io")],
    )
    assert redaction.fields == [
        (b"mcp-param-to", b"<EMAIL_ADDRESS_2>"),
        (b"x-note", b"not <EMAIL_ADDRESS_3>, <EMAIL_ADDRESS_4>"),
    ]


async def test_block_names_the_field(detector: Detector) -> None:
    with pytest.raises(DownstreamError) as refusal:
        await Redactor(detector, mode="block").redact(b"", fields=[(b"last-event-id", MAIL)])
    assert refusal.value.members == {
        "entities": [{"type": "EMAIL_ADDRESS", "path": "header.last-event-id"}]
    }


async def test_what_most_requests_say_is_quiet_and_handles_of_chance_pass(
    redactor: Redactor,
) -> None:
    lines = [
        (b"content-type", b"application/json"),
        (b"accept", b"application/json, text/event-stream"),
        (b"accept-language", b"de-DE,de;q=0.9,en;q=0.8"),
        (b"mcp-protocol-version", b"2025-06-18"),
        (b"mcp-session-id", str(uuid.uuid4()).encode()),
        (b"idempotency-key", b"stainless-retry-" + str(uuid.uuid4()).encode()),
        (b"if-none-match", b'W/"ba9600152fc1127922ba9600152fc1127922"'),
        (b"last-event-id", b"16907"),
        (b"if-modified-since", b"Wed, 21 Oct 2015 07:28:00 GMT"),
        (b"traceparent", f"00-{secrets.token_hex(16)}-ba96001529f11279-01".encode()),
    ]
    unasked = Detector()
    assert is_quiet(lines, Quiet(unasked.may_hold))
    assert (await Redactor(unasked).redact(b"", fields=lines)).fields == lines
    assert (await redactor.redact(b"", fields=lines)).counts == {}


@pytest.mark.parametrize(
    "boundary",
    [
        b"8c9cb8592fa474d6705de788235831a1",  # as Python's clients draw them
        b"ab10ccf9703059bfb51cba8139cfcc60",
        b"------------------------2125550143fedcba",  # curl
        b"----WebKitFormBoundary2125550143WkTrZu",
        b"---------------------------21255501434155550134415555013",  # Firefox
        b"----formdata-undici-021255501434",
        b'"===============2125550143456789012=="',  # Python's e-mail package
    ],
)
async def test_a_boundary_that_was_drawn_is_nobodys_number(
    redactor: Redactor, boundary: bytes
) -> None:
    fields = [(b"content-type", b"multipart/form-data; boundary=" + boundary)]
    redaction = await redactor.redact(b"", fields=fields)
    assert (redaction.fields, redaction.counts) == (fields, {})


async def test_a_boundary_that_says_something_is_looked_at(redactor: Redactor) -> None:
    fields = [(b"content-type", b'multipart/form-data; boundary="call 212-555-0143"')]
    with pytest.raises(DownstreamError) as told:
        await redactor.redact(b"", fields=fields)
    assert told.value.status == 415
