"""Forms with files: spans of parts, and refusal of whatever is read in two ways."""

from __future__ import annotations

from typing import Any

import pytest

from router.body.multipart import MalformedMultipart, boundary_of, split
from router.errors import DownstreamError


def form(*parts: tuple[bytes, bytes], end: bytes = b"--b--\r\n") -> bytes:
    return (
        b"".join(b"--b\r\n" + head + b"\r\n\r\n" + content + b"\r\n" for head, content in parts)
        + end
    )


TEXT = b'Content-Disposition: form-data; name="prompt"'
FILE = (
    b'content-disposition: form-data; name="file"; filename="a \\"b\\".wav"'
    b"\r\nContent-Type: audio/wav"
)


def test_parts_are_found_by_span() -> None:
    body = form((TEXT, b"hi\r\n--c\r\n"), (FILE, b"\x00--b\r\n\xff"), (TEXT, b""))
    fields = split(body, b"b")
    assert [(one.name, one.filename, one.content_type) for one in fields] == [
        ("prompt", None, ""),
        ("file", 'a \\"b\\".wav', "audio/wav"),
        ("prompt", None, ""),
    ]
    assert [body[one.start : one.end] for one in fields] == [
        b"hi\r\n--c\r\n",
        b"\x00--b\r\n\xff",
        b"",
    ]


def test_an_empty_form() -> None:
    assert split(b"--b--\r\n", b"b") == split(b"--b--", b"b") == []


@pytest.mark.parametrize(
    "disposition",
    [
        b"form-data; name=prompt",
        b'Form-Data; name="prompt"; filename=x.txt',
        b'form-data; name="prompt"; filename="x"; filename*=UTF-8\'\'x',
    ],
)
def test_forms_of_disposition(disposition: bytes) -> None:
    (field,) = split(form((b"Content-Disposition: " + disposition, b"x")), b"b")
    assert field.name == "prompt"
    assert (field.filename is None) == (b"filename" not in disposition)


def test_what_a_caller_chose_in_a_head_is_told_by_span() -> None:
    head = (
        b'Content-Length: 1\r\nContent-Disposition: form-data; name=a; filename="b";'
        b" filename*=UTF-8'en'c%40d\r\nContent-Type: text/plain; x=y"
    )
    body = form((head, b"x"))
    (field,) = split(body, b"b")
    assert [(one.spelt, body[one.start : one.end]) for one in field.head] == [
        ("length", b"Content-Length: 1\r\n"),
        ("bare", b"a"),
        ("quoted", b"b"),
        ("extended", b"c%40d"),
        ("text", b"text/plain; x=y"),
    ]


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"--b\r\n",
        b"preamble\r\n" + form((TEXT, b"x")),
        form((TEXT, b"x"), end=b"--b"),
        form((TEXT, b"x"), end=b""),
        form((TEXT, b"x"), end=b"--b--\r\nepilogue"),
        form((TEXT, b"x")).replace(b"\r\n", b"\n"),
        form((b"", b"x")),
        form((b"X: y", b"x")),
        form((TEXT + b"\r\n" + TEXT, b"x")),
        form((TEXT + b"\r\n folded", b"x")),
        form((TEXT + b"\r\nContent-Transfer-Encoding: base64", b"eA==")),
        form((TEXT + b'; name="other"', b"x")),
        form((TEXT + b"\r\nX-Note: y", b"x")),
        form((TEXT + b"\r\nContent-Length: 2", b"x")),
        form((TEXT + b"; filename*=utf-7''x", b"x")),
        form((b"Content-Disposition: attachment", b"x")),
        form((TEXT + b"\r\nX: " + b"y" * 9000, b"x")),
        b"--b\r\n" + TEXT + b"\r\n--b--\r\n",
        form((TEXT, b"x")).replace(b"--b\r\n", b"--b \r\n"),
    ],
)
def test_anything_else_is_refused(body: Any) -> None:
    with pytest.raises(MalformedMultipart):
        split(body, b"b")


def test_the_number_of_parts_is_bounded() -> None:
    body = form(*[(TEXT, b"x")] * 5)
    assert len(split(body, b"b", most=5)) == 5
    with pytest.raises(DownstreamError) as error:
        split(body, b"b", most=4)
    assert error.value.status == 413


@pytest.mark.parametrize(
    ("content_type", "boundary"),
    [
        ("multipart/form-data; boundary=abc", b"abc"),
        ('Multipart/Form-Data;boundary="a b:c"; charset=utf-8', b"a b:c"),
        ("multipart/form-data; boundary=----WebKitFormBoundaryx7", b"----WebKitFormBoundaryx7"),
    ],
)
def test_boundaries(content_type: str, boundary: bytes) -> None:
    assert boundary_of(content_type) == boundary


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/form-data",
        "multipart/form-data; boundary=",
        "multipart/form-data; boundary=" + "x" * 71,
        "multipart/form-data; boundary=a; boundary=b",
        "multipart/form-data; boundary=a\r\nb",
        "text/plain; boundary=a",
    ],
)
def test_unusable_boundaries(content_type: str) -> None:
    with pytest.raises(MalformedMultipart):
        boundary_of(content_type)
