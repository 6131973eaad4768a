from __future__ import annotations

import json
import secrets
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, quote, unquote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from router.body.filters import Place
from router.errors import DownstreamError
from router.privacy.parts import edited
from router.privacy.redact import Redaction, Redactor
from router.privacy.request import Sent
from router.privacy.restore import Restorer

if TYPE_CHECKING:
    from router.privacy.detector import Detector

pytestmark = pytest.mark.asyncio(loop_scope="session")

JSON = b"application/json"


@pytest.fixture
def redactor(detector: Detector) -> Redactor:
    return Redactor(detector)


async def redacted(redactor: Redactor, value: object) -> Any:
    return json.loads((await redactor.redact(json.dumps(value).encode(), JSON)).body)


def restored(redaction: Redaction, text: str) -> str:
    edits, settled = Restorer(redaction.values).edits(text, Place(), final=True)
    assert settled == len(text)
    return edited(text, edits)


async def test_strings_are_replaced_in_place_and_the_rest_keeps_its_bytes(
    redactor: Redactor,
) -> None:
    body = (
        b'\xef\xbb\xbf{ "n" : 1e400,"big":12345678901234567890123 , "t":"\\u0041 mail'
        b' bob\\u0040example.com \\/ now", "n":NULL}'
    ).replace(b"NULL", b"null")
    redaction = await redactor.redact(body, JSON)
    assert redaction.body == body.replace(b"bob\\u0040example.com", b"<EMAIL_ADDRESS_1>")
    assert redaction.values == {"<EMAIL_ADDRESS_1>": "bob@example.com"}
    assert redaction.counts == {"EMAIL_ADDRESS": 1}


async def test_nothing_found_is_the_very_same_bytes(redactor: Redactor) -> None:
    body = b'{"messages": [{"role": "user", "content": "hello"}]}'
    redaction = await redactor.redact(body, JSON, query=b"a=1", rest=b"/v1")
    assert redaction.body is body
    assert (redaction.query, redaction.rest, redaction.counts) == (b"a=1", b"/v1", {})
    assert redaction.summary("restore") == b""


async def test_numbers_run_over_path_query_and_body_and_equal_values_share_one(
    redactor: Redactor,
) -> None:
    redaction = await redactor.redact(
        json.dumps({"a": "c@x.io and a@x.io", "b": ["a@x.io"]}).encode(),
        JSON,
        query=b"from=b%40x.io&ok=%7e",
        rest=b"/users/a@x.io/%41",
    )
    assert redaction.rest == b"/users/%3CEMAIL_ADDRESS_1%3E/%41".replace(
        b"%3CEMAIL_ADDRESS_1%3E", quote("<EMAIL_ADDRESS_1>").encode()
    )
    assert redaction.query == b"from=%3CEMAIL_ADDRESS_2%3E&ok=%7e"
    assert json.loads(redaction.body) == {
        "a": "<EMAIL_ADDRESS_3> and <EMAIL_ADDRESS_1>",
        "b": ["<EMAIL_ADDRESS_1>"],
    }
    assert redaction.summary("restore") == b"restore; EMAIL_ADDRESS=5"


async def test_a_lookalike_in_a_body_without_findings_keeps_its_number_too(
    redactor: Redactor,
) -> None:
    redaction = await redactor.redact(b'"<EMAIL_ADDRESS_1>"', JSON, query=b"q=bob%40x.io")
    assert redaction.values == {"<EMAIL_ADDRESS_2>": "bob@x.io"}


async def test_keys_are_looked_at_unless_told_otherwise(detector: Detector) -> None:
    body = b'{"bob@example.com": 1}'
    assert (await Redactor(detector).redact(body, JSON)).body == b'{"<EMAIL_ADDRESS_1>": 1}'
    assert (await Redactor(detector, keys=False).redact(body, JSON)).body is body


async def test_duplicate_members_are_all_looked_at(redactor: Redactor) -> None:
    redaction = await redactor.redact(b'{"a": "x@x.io", "a": "y@x.io", "A": "z@x.io"}', JSON)
    assert redaction.body == (
        b'{"a": "<EMAIL_ADDRESS_1>", "a": "<EMAIL_ADDRESS_2>", "A": "<EMAIL_ADDRESS_3>"}'
    )


async def test_a_member_that_says_what_it_holds_gives_context_to_numbers_too(
    redactor: Redactor,
) -> None:
    assert await redacted(redactor, {"ssn": "536904399", "cardNumber": 4111111111111111}) == {
        "ssn": "<US_SSN_1>",
        "cardNumber": "<CREDIT_CARD_1>",
    }
    other = {"created": 4111111111111111, "reference": "123456789", "temperature": 0.75}
    assert await redacted(redactor, other) == other


async def test_what_belongs_to_a_protocol_is_no_text(redactor: Redactor) -> None:
    rpc = {
        "jsonrpc": "2.0",
        "id": "536-90-4399",
        "method": "tools/call",
        "params": {"name": "send", "arguments": {"id": "536-90-4399"}},
    }
    expected = json.loads(json.dumps(rpc))
    expected["params"]["arguments"]["id"] = "<US_SSN_1>"
    assert await redacted(redactor, rpc) == expected
    assert await redacted(redactor, [rpc]) == [expected]
    assert await redacted(redactor, {"id": "536-90-4399"}) == {"id": "<US_SSN_1>"}
    chat = {"messages": [{"role": "tool", "tool_call_id": "536-90-4399", "content": "ok"}]}
    assert await redacted(redactor, chat) == chat
    hidden = {"model": "bob@example.com"}
    assert await redacted(redactor, hidden) == {"model": "<EMAIL_ADDRESS_1>"}


async def test_lookalikes_keep_their_number_and_are_never_restored(redactor: Redactor) -> None:
    text = "say <EMAIL_ADDRESS_1> and &lt;email_address_2&gt; to bob@example.com"
    redaction = await redactor.redact(json.dumps({"t": text}).encode(), JSON)
    assert redaction.values == {"<EMAIL_ADDRESS_3>": "bob@example.com"}
    assert restored(redaction, json.loads(redaction.body)["t"]) == text


async def test_an_upstream_that_remembers_sees_one_number_a_value(detector: Detector) -> None:
    redactor = Redactor(detector, secret=secrets.token_bytes(32))
    first = await redactor.redact(b'"x@x.io bob@example.com"', JSON, tenant="user:1")
    second = await redactor.redact(b'"bob@example.com"', JSON, tenant="user:1")
    other = await redactor.redact(b'"bob@example.com"', JSON, tenant="user:2")
    (name,) = second.values
    assert first.values[name] == "bob@example.com"
    assert name not in other.values


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        (b"text/plain", b"mail bob@x.io", b"mail <EMAIL_ADDRESS_1>"),
        (b"text/plain; charset=iso-8859-1", b"\xe9 bob@x.io", b"\xe9 <EMAIL_ADDRESS_1>"),
        (b"text/plain", b'{"a":"bob\\u0040x.io"}', b'{"a":"<EMAIL_ADDRESS_1>"}'),
        (b"text/plain", b"{not json} bob@x.io", b"{not json} <EMAIL_ADDRESS_1>"),
        (
            b"text/plain",
            b'{"message":"jane\\u0040example.com"} x',
            b'{"message":"<EMAIL_ADDRESS_1>"} x',
        ),
        (
            b"text/plain",
            b'\xef\xbb\xbf {"message":"jane\\u0040x.io", "id":"4.3.2.1"}',
            b'\xef\xbb\xbf {"message":"<EMAIL_ADDRESS_1>", "id":"<IP_ADDRESS_1>"}',
        ),
        (
            b"text/plain",
            b'\xef\xbb\xbf{"message":"jane\\u0040x.io \xe2\x82\xac"} x',
            b'\xef\xbb\xbf{"message":"<EMAIL_ADDRESS_1> \xe2\x82\xac"} x',
        ),
        (b"text/plain", b'"jane\\u0040example.com"', b'"<EMAIL_ADDRESS_1>"'),
        (b"text/plain", b'"jane\\u0040example.com", he said', b'"<EMAIL_ADDRESS_1>", he said'),
        (b"text/plain", b"{ C:\\new\\users }", b"{ C:\\new\\users }"),
        (b"application/yaml", b'a: "j\\x40x.io"', b'a: "<EMAIL_ADDRESS_1>"'),
        (b"text/html", b"<p>jane&#64;x.io", b"<p>&lt;EMAIL_ADDRESS_1&gt;"),
        (
            JSON,
            b'{"u":"m:j%40x.io&n"}',
            b'{"u":"m:<EMAIL_ADDRESS_1>&n"}',
        ),
        (
            JSON,
            b'{"arguments":"{\\"to\\":\\"j\\\\u0040x.io\\"}"}',
            b'{"arguments":"{\\"to\\":\\"<EMAIL_ADDRESS_1>\\"}"}',
        ),
        (b"", b'{"a":"bob\\u0040x.io"}', b'{"a":"<EMAIL_ADDRESS_1>"}'),
        (b"application/vnd.api+json", b'"bob@x.io"', b'"<EMAIL_ADDRESS_1>"'),
        (
            b"application/x-ndjson",
            b'{"a":"bob@x.io"}\n\n{"a":"eve@x.io"}\r\n',
            b'{"a":"<EMAIL_ADDRESS_1>"}\n\n{"a":"<EMAIL_ADDRESS_2>"}\r\n',
        ),
        (
            b"application/x-www-form-urlencoded",
            b"a=bob%40x.io&b=%zz+1&c",
            b"a=%3CEMAIL_ADDRESS_1%3E&b=%zz+1&c",
        ),
        (
            b"application/x-www-form-urlencoded",
            b'{"a":"bob@x.io"}',
            b'{"a":"<EMAIL_ADDRESS_1>"}',
        ),
        (
            b"application/xml",
            b"<m>o&amp;x@x.io bob@x.io</m>",
            b"<m>&lt;EMAIL_ADDRESS_1&gt; &lt;EMAIL_ADDRESS_2&gt;</m>",
        ),
    ],
)
async def test_each_kind_of_body_is_read_and_edited(
    redactor: Redactor, content_type: bytes, body: bytes, expected: bytes
) -> None:
    assert (await redactor.redact(body, content_type)).body == expected


@pytest.mark.parametrize(
    ("content_type", "body", "status", "code"),
    [
        (JSON, b'{"a": ', 400, "malformed_body"),
        (JSON, b"[" * 100_000, 400, "malformed_body"),
        (JSON, b'"\xff"', 400, "malformed_body"),
        (b"text/plain", b"\xff\xff", 400, "malformed_body"),
        (b"application/x-ndjson", b'{"a":1}\n{', 400, "malformed_body"),
        (b"multipart/form-data", b"x", 400, "malformed_body"),
        (b"text/plain; charset=utf-16", b"a", 415, "unsupported_media_type"),
        (b"text/plain; charset=utf-7", b"a", 415, "unsupported_media_type"),
        (b"text/plain; charset=utf-8; charset=utf-7", b"a", 415, "unsupported_media_type"),
        (b"text/plain; charset=nonsense", b"a", 415, "unsupported_media_type"),
        (b"text/plain", b"\xff\xfea\0", 415, "unsupported_media_type"),
        (b"text/plain", "bob@x.io".encode("utf-16-le"), 415, "unsupported_media_type"),
        (JSON + b"; charset=iso-8859-1", b'"\xc3\xa9"', 415, "unsupported_media_type"),
        (b"application/json, text/plain", b"{}", 415, "unsupported_media_type"),
        (b"application/octet-stream", b"a", 415, "unsupported_media_type"),
        (b"audio/mpeg", b"a", 415, "unsupported_media_type"),
        (JSON, b'"' + b"iVBORw0KGgo1" * 200 + b'"', 415, "unsupported_media_type"),
        (b"application/x-www-form-urlencoded", b"a&" * 20_000, 413, "content_too_large"),
    ],
)
async def test_what_cannot_be_read_is_refused(
    redactor: Redactor, content_type: bytes, body: bytes, status: int, code: str
) -> None:
    with pytest.raises(DownstreamError) as refusal:
        await redactor.redact(body, content_type)
    assert (refusal.value.status, refusal.value.code) == (status, code)


async def test_by_policy_what_cannot_be_read_passes(detector: Detector) -> None:
    redactor = Redactor(detector, uninspectable="pass")
    assert (await redactor.redact(b"\xff bob@x.io", b"audio/mpeg")).body == b"\xff bob@x.io"
    image = "data:image/png;base64," + "iVBORw0KGgo4" * 200
    assert await redacted(redactor, {"u": image, "t": "bob@x.io"}) == {
        "u": image,
        "t": "<EMAIL_ADDRESS_1>",
    }
    with pytest.raises(DownstreamError):
        await redactor.redact(b"{", JSON)


FORM = b"multipart/form-data; boundary=b0undary"


def form(*parts: tuple[bytes, bytes]) -> bytes:
    return (
        b"".join(
            b"--b0undary\r\nContent-Disposition: form-data; "
            + head
            + b"\r\n\r\n"
            + content
            + b"\r\n"
            for head, content in parts
        )
        + b"--b0undary--\r\n"
    )


async def test_form_data_fields_are_read_and_audio_passes_only_by_policy(
    detector: Detector,
) -> None:
    audio = b'name="file"; filename="bob@x.io.wav"\r\nContent-Type: audio/wav', b"\x00\xff 10.0.0.1"
    field = b'name="prompt"', b"by eve@x.io"
    document = b'name="meta"\r\nContent-Type: application/json', b'{"to": "bob@x.io"}'
    with pytest.raises(DownstreamError) as refusal:
        await Redactor(detector).redact(form(audio, field), FORM)
    assert refusal.value.status == 415
    redaction = await Redactor(detector, uninspectable="pass").redact(
        form(audio, field, document), FORM
    )
    assert redaction.body == form(audio, field, document).replace(
        b"eve@x.io", b"<EMAIL_ADDRESS_2>"
    ).replace(b'"bob@x.io"', b'"<EMAIL_ADDRESS_3>"').replace(b"bob@x.io.wav", b"<EMAIL_ADDRESS_1>")


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (b"name=536-90-4399", b'name="<US_SSN_1>"'),
        (b'name="536-90-4399"', b'name="<US_SSN_1>"'),
        (b'name="jane%40example.com"', b'name="<EMAIL_ADDRESS_1>"'),
        (b'name="f"; filename=536-90-4399', b'name="f"; filename="<US_SSN_1>"'),
        (b'name="f"; filename="jane\\@x.io"', b'name="f"; filename="<EMAIL_ADDRESS_1>"'),
        (
            b"name=\"f\"; filename*=utf-8''jane%40example.com",
            b"name=\"f\"; filename*=utf-8''%3CEMAIL_ADDRESS_1%3E",
        ),
        (
            b'name="f"\r\nContent-Type: text/plain; by="j@x.io"',
            b'name="f"\r\nContent-Type: text/plain; by="<EMAIL_ADDRESS_1>"',
        ),
        (b'name="j@x.io"\r\nContent-Length: 2', b'name="<EMAIL_ADDRESS_1>"'),
    ],
)
async def test_names_of_a_form_are_looked_at_however_they_are_spelt(
    redactor: Redactor, head: bytes, expected: bytes
) -> None:
    typed = b"" if b"filename" not in head else b"\r\nContent-Type: text/plain"
    redaction = await redactor.redact(form((head + typed, b"ok")), FORM)
    assert redaction.body == form((expected + typed, b"ok"))


async def test_a_field_of_a_form_lends_its_name_to_what_is_in_it(redactor: Redactor) -> None:
    body = form((b'name="ssn"', b"536904399"))
    assert (await redactor.redact(body, FORM)).body == form((b'name="ssn"', b"<US_SSN_1>"))


async def test_a_part_with_other_fields_is_refused(redactor: Redactor) -> None:
    for head in (b'name="a"\r\nX-Note: jane@example.com', b'name="a"\r\nContent-Length: 5'):
        with pytest.raises(DownstreamError) as refusal:
            await redactor.redact(form((head, b"ok")), FORM)
        assert (refusal.value.status, refusal.value.code) == (400, "malformed_body")


async def test_block_names_types_and_places_and_never_a_value(detector: Detector) -> None:
    redactor = Redactor(detector, mode="block")
    body = {"m": [{"t": "bob@x.io"}], "eve@x.io": "10.1.2.3", "odd name": "4.3.2.1"}
    with pytest.raises(DownstreamError) as refusal:
        await redactor.redact(json.dumps(body).encode(), JSON, query=b"q=a@x.io", rest=b"/b@x.io")
    assert (refusal.value.status, refusal.value.code) == (422, "pii_blocked")
    assert refusal.value.members == {
        "entities": [
            {"type": "EMAIL_ADDRESS", "path": "path[1]"},
            {"type": "EMAIL_ADDRESS", "path": "query.q"},
            {"type": "EMAIL_ADDRESS", "path": "$.m[0].t"},
            {"type": "EMAIL_ADDRESS", "path": "$.*"},
            {"type": "IP_ADDRESS", "path": "$.*"},
        ]
    }
    assert b"x.io" not in refusal.value.body("1")
    clean = await redactor.redact(b'"ok"', JSON)
    assert clean.body == b'"ok"'


async def test_observe_counts_and_changes_nothing(detector: Detector) -> None:
    redactor = Redactor(detector, mode="observe")
    body = b'"bob@x.io"'
    lines = [(b"content-type", JSON + b"; note=x"), (b"last-event-id", b"eve@x.io")]
    redaction = await redactor.redact(body, JSON, b"a=10.0.0.1", fields=lines)
    assert (redaction.body, redaction.query, redaction.fields) == (body, b"a=10.0.0.1", lines)
    assert redaction.counts == {"EMAIL_ADDRESS": 2, "IP_ADDRESS": 1}
    assert redaction.summary("observe") == b"observe; EMAIL_ADDRESS=2, IP_ADDRESS=1"
    assert (await redactor.redact(b"{", JSON)).body == b"{"


async def test_replace_gives_nothing_to_restore(detector: Detector) -> None:
    redaction = await Redactor(detector, mode="replace").redact(b'"bob@x.io"', JSON)
    assert (redaction.body, dict(redaction.values)) == (b'"<EMAIL_ADDRESS_1>"', {})


@pytest.mark.parametrize(
    ("body", "large"),
    [
        (b'{"a":"' + b"b" * 8000 + b'"}', False),
        (b'{"a":"' + b"b" * 8200 + b'"}', True),
        (b"[" + b"1," * 600 + b"1]", True),
        (b"a&" * 600, True),
        (b"1\n" * 600, True),
    ],
)
async def test_a_body_is_large_by_its_bytes_or_by_its_values(body: bytes, large: bool) -> None:
    assert Sent(body, JSON, b"", b"", ()).is_large is large


async def test_a_large_body_is_taken_apart_beside_the_loop(redactor: Redactor) -> None:
    value = [
        {"text": f"line {n % 1000} of the words", "to": f"u{n % 50}@x.io"} for n in range(3000)
    ]
    redaction = await redactor.redact(json.dumps(value).encode(), JSON)
    assert len(redaction.values) == 50
    assert restored(redaction, redaction.body.decode()) == json.dumps(value)


_VALUES = st.sampled_from(
    ["bob@x.io", "4111 1111 1111 1111", "+1 212 555 0143", "536-90-4399", "<EMAIL_ADDRESS_1>"]
)
_TEXTS = st.lists(
    st.one_of(_VALUES, st.text(max_size=5), st.sampled_from(["\\", "<", "&lt;", '"', " ", "_1>"])),
    max_size=8,
).map("".join)


@settings(
    deadline=None,
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(texts=st.lists(_TEXTS, max_size=4), ascii_only=st.booleans())
async def test_redacted_echoed_and_restored_is_what_was_said(
    redactor: Redactor, texts: list[str], ascii_only: bool
) -> None:
    body = json.dumps(texts, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")
    redaction = await redactor.redact(body, JSON)
    assert [restored(redaction, text) for text in json.loads(redaction.body)] == texts
    query = "&".join(f"p={quote(text, errors='surrogatepass')}" for text in texts).encode()
    redaction = await redactor.redact(b"", query=query)
    assert [restored(redaction, v) for _, v in parse_qsl(redaction.query.decode())] == [
        unquote(quote(text, errors="surrogatepass")) for text in texts if text
    ]
