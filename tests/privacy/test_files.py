"""Files in strings: told from text, told apart, read where they are text."""

from __future__ import annotations

import json
import random
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from router.errors import DownstreamError
from router.privacy.files import decoded, encoded, file_in
from router.privacy.redact import Redactor

if TYPE_CHECKING:
    from router.privacy.detector import Detector

JSON = b"application/json"
PNG = b64encode(random.Random(1).randbytes(900)).decode()
LONG = b64encode(random.Random(2).randbytes(3000)).decode()
LINES = "\r\n".join(LONG[at : at + 76] for at in range(0, len(LONG), 76))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"data:image/png;base64,{PNG}", ("image/png", 22)),
        ("DATA:Audio/WAV;base64,UklGRg==", ("audio/wav", 22)),
        ("data:text/plain;charset=utf-8;base64,aGk=", ("text/plain", 37)),
        ("data:;base64,aGk=", ("text/plain", 13)),
        ("data:text/plain,hello", None),
        ("data:image/png;base64,AAAA and text", None),
        (LONG, ("", 0)),
        (LINES, ("", 0)),
        (urlsafe_b64encode(random.Random(3).randbytes(1200)).decode(), ("", 0)),
        (LONG[:1023], None),
        ("a" * 5000, None),
        ("4111111111111111" * 100, None),
        ("eyJhbGciOiJIUzI1NiJ9." + LONG, None),
        ("0af7651916cd43dd8448eb211c80319c", None),
    ],
)
def test_a_file_is_told_by_what_it_says_or_by_its_length(
    text: str, found: tuple[str, int] | None
) -> None:
    assert file_in(text) == found


@pytest.mark.parametrize(
    ("text", "media_type", "is_file"),
    [
        ("JVBERi0xLjQK", "application/pdf", True),
        ("iVBORw0KGgo=", "image/png", True),
        ("see the image", "image/png", False),
        ("Ym9iQHguaW8=", "text/plain", True),
        ("Sm9zw6k=", "text/plain", True),
        ("hello", "text/plain", False),
        ("536904399", "text/plain", False),
    ],
)
def test_base64_under_a_type_is_a_file_however_short(
    text: str, media_type: str, is_file: bool
) -> None:
    assert (file_in(text, media_type) is not None) is is_file


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60), st.sampled_from(["", "-_"]))
def test_base64_is_undone_and_done_again(data: bytes, alphabet: str) -> None:
    assert decoded(encoded(data, alphabet)) == data
    assert decoded(encoded(data, alphabet).rstrip("=").replace("+", "%2B")) == data


# on whole requests

MEDIA: list[dict[str, Any]] = [
    {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG[:100]}"}},
    {"type": "input_audio", "input_audio": {"data": PNG, "format": "wav"}},
    {"type": "image", "source": {"type": "base64", "media_type": "image/jpeg", "data": PNG}},
    {"inlineData": {"mimeType": "video/mp4", "data": PNG}},
    {"inline_data": {"mime_type": "image/png", "data": LONG}},
]
OTHER: list[dict[str, Any]] = [
    {"type": "file", "file": {"file_data": f"data:application/pdf;base64,{PNG[:100]}"}},
    {"source": {"type": "base64", "media_type": "application/pdf", "data": PNG[:100]}},
    {"x": LONG},
    {"x": "data:text/plain;base64,/////w=="},
    {"x": "data:application/json;base64,ey0="},
]


async def body(redactor: Redactor, part: object) -> Any:
    value = {"messages": [{"role": "user", "content": [{"text": "to bob@x.io"}, part]}]}
    redaction = await redactor.redact(json.dumps(value).encode(), JSON)
    return json.loads(redaction.body)["messages"][0]["content"]


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("part", MEDIA)
async def test_media_pass_by_their_own_policy_and_nothing_in_them_is_changed(
    detector: Detector, part: dict[str, Any]
) -> None:
    redactor = Redactor(detector, media="pass")
    assert await body(redactor, part) == [{"text": "to <EMAIL_ADDRESS_1>"}, part]
    for refusing in (Redactor(detector), Redactor(detector, uninspectable="pass", media="block")):
        with pytest.raises(DownstreamError) as refusal:
            await body(refusing, part)
        assert refusal.value.status == 415


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize("part", OTHER)
async def test_other_files_do_not_pass_as_media(detector: Detector, part: dict[str, Any]) -> None:
    with pytest.raises(DownstreamError) as refusal:
        await body(Redactor(detector, media="pass"), part)
    assert refusal.value.status == 415
    redactor = Redactor(detector, uninspectable="pass", media="block")
    assert await body(redactor, part) == [{"text": "to <EMAIL_ADDRESS_1>"}, part]


def coded(text: str) -> str:
    return b64encode(text.encode()).decode()


@pytest.mark.asyncio(loop_scope="session")
@pytest.mark.parametrize(
    ("part", "expected"),
    [
        (
            {"u": f"data:text/plain;charset=utf-8;base64,{coded('é eve@x.io')}"},
            {"u": f"data:text/plain;charset=utf-8;base64,{coded('é <EMAIL_ADDRESS_2>')}"},
        ),
        (
            {"u": "data:application/json;base64," + coded('{"ssn": 536904399, "a": "\\u0041"}')},
            {"u": "data:application/json;base64," + coded('{"ssn": "<US_SSN_1>", "a": "\\u0041"}')},
        ),
        (
            {"u": f"data:image/svg+xml;base64,{coded('<text>eve@x.io</text>')}"},
            {"u": "data:image/svg+xml;base64," + coded("<text>&lt;EMAIL_ADDRESS_2&gt;</text>")},
        ),
        (
            {"resource": {"mimeType": "text/csv", "blob": coded("a,eve@x.io\n")}},
            {"resource": {"mimeType": "text/csv", "blob": coded("a,<EMAIL_ADDRESS_2>\n")}},
        ),
        (
            {"source": {"type": "text", "media_type": "text/plain", "data": "536-90-4399"}},
            {"source": {"type": "text", "media_type": "text/plain", "data": "<US_SSN_1>"}},
        ),
        ({"u": f"data:text/plain;base64,{coded('hello')}"}, None),
    ],
)
async def test_text_in_base64_is_looked_at(
    detector: Detector, part: dict[str, Any], expected: dict[str, Any] | None
) -> None:
    assert (await body(Redactor(detector), part))[1] == (expected or part)


@pytest.mark.asyncio(loop_scope="session")
async def test_base64_hides_nothing_in_a_small_request_or_outside_json(detector: Detector) -> None:
    url = f"data:text/plain;base64,{coded('eve@x.io')}"
    redactor = Redactor(detector)
    hidden = f"data:text/plain;base64,{coded('<EMAIL_ADDRESS_1>')}".encode()
    assert (await redactor.redact(b'{"u":"%b"}' % url.encode(), JSON)).body == (
        b'{"u":"%b"}' % hidden
    )
    assert (await redactor.redact(url.encode(), b"text/plain")).body == hidden
    for hiding in (b'{"u":"%b"}' % LONG.encode(), b'{"a":"no words","u":"%b"}' % LONG.encode()):
        with pytest.raises(DownstreamError):
            await Redactor(detector, entities=["EMAIL_ADDRESS"]).redact(hiding, JSON)
    for query in (f"u={url}", f"u=data%3Aimage/png;base64,{quote(PNG[:80])}"):
        with pytest.raises(DownstreamError):
            await redactor.redact(b"", query=query.encode())
    passing = Redactor(detector, uninspectable="pass")
    raw = f"u=data:image/png;base64,{quote(PNG[:80])}&m=eve@x.io".encode()
    assert (await passing.redact(b"", query=raw)).query == raw.replace(
        b"eve@x.io", b"%3CEMAIL_ADDRESS_1%3E"
    )


@pytest.mark.asyncio(loop_scope="session")
async def test_what_a_vendor_sealed_goes_back_as_it_came(detector: Detector) -> None:
    value = {
        "messages": [
            {"role": "assistant", "content": [
                {"type": "thinking", "thinking": "hm", "signature": LONG},
                {"type": "redacted_thinking", "data": LONG},
            ]},
        ],
        "input": [{"type": "reasoning", "encrypted_content": LONG}],
    }  # fmt: skip
    raw = json.dumps(value).encode()
    assert (await Redactor(detector).redact(raw, JSON)).body == raw
    short = {"messages": [{"content": [{"data": "536-90-4399"}]}]}
    redaction = await Redactor(detector).redact(json.dumps(short).encode(), JSON)
    assert b"536" not in redaction.body


@pytest.mark.asyncio(loop_scope="session")
async def test_files_within_files_end_somewhere(detector: Detector) -> None:
    text = "eve@x.io"
    for _ in range(12):
        text = json.dumps({"u": f"data:application/json;base64,{coded(text)}"})
    with pytest.raises(DownstreamError):
        await Redactor(detector).redact(text.encode(), JSON)


@pytest.mark.parametrize(
    "text",
    [
        "\n".join(f"Table{number}Row" for number in range(140)),
        "\n".join(f"/usr/share/Doc{number}/lib" for number in range(90)),
    ],
)
def test_words_and_paths_one_a_line_are_no_file(text: str) -> None:
    assert len(text) > 1024
    assert file_in(text) is None


def test_base64_in_lines_of_one_length_is_a_file() -> None:
    coded = b64encode(bytes(range(256)) * 8).decode()
    wrapped = "\n".join(coded[at : at + 64] for at in range(0, len(coded), 64))
    assert file_in(wrapped) is not None
