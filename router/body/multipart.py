"""The parts of a multipart/form-data request by their spans (RFC 7578, RFC 2046 §5.1.1).

Strict: CRLF line ends, nothing before the first boundary or behind the last, every part named
once. What would be read differently by different parsers is refused rather than guessed.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from router.errors import DownstreamError

_MAX_HEAD: Final = 8192
_BOUNDARY = re.compile(
    r"multipart/[\w.+-]+[ \t]*;[ \t]*boundary=(?:\"([\w'()+,\-./:=? ]{1,70})\"|([\w'+\-.]{1,70}))"
    r"[ \t]*(?:;[ \t]*charset=\"?[\w-]+\"?[ \t]*)?",
    re.ASCII | re.IGNORECASE,
)
_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*([^\x00\r\n]*)")
_DISPOSITION = re.compile(
    rb'form-data[ \t]*;[ \t]*name=(?:"([^"]*)"|([\w.\-\[\]]+))'
    rb'(?:[ \t]*;[ \t]*filename=(?:"((?:[^"\\]|\\.)*)"|([\w.\-]+)))?'
    rb"(?:[ \t]*;[ \t]*filename\*=([\w'%.\-]+))?[ \t]*",
    re.IGNORECASE,
)


class MalformedMultipart(ValueError):  # noqa: N818 - reads like MalformedJson
    """Not multipart/form-data, or not so that everyone reads it the same."""


class FormField(NamedTuple):
    """One part: ``body[start:end]`` is its content. ``filename`` is None for a plain field."""

    name: str
    filename: str | None
    content_type: str
    start: int
    end: int


def boundary_of(content_type: str) -> bytes:
    """The boundary that a ``Content-Type`` names. Raises MalformedMultipart."""
    found = _BOUNDARY.fullmatch(content_type.strip())
    if found is None:
        raise MalformedMultipart("no usable boundary")
    return (found[1] or found[2]).encode()


def split(body: bytes, boundary: bytes, *, most: int = 1000) -> list[FormField]:
    """The parts in order. Raises MalformedMultipart; DownstreamError 413 over ``most`` parts."""
    mark = b"--" + boundary
    if not body.startswith(mark):
        raise MalformedMultipart("no boundary at the start")
    fields: list[FormField] = []
    pos = len(mark)
    while body[pos : pos + 2] == b"\r\n":
        if len(fields) >= most:
            raise DownstreamError(413, "the form has too many parts")
        end = body.find(b"\r\n" + mark, pos)
        fields.append(_part(body, pos, end))
        pos = end + 2 + len(mark)
    if body[pos:] not in (b"--", b"--\r\n"):
        raise MalformedMultipart("no proper end")
    return fields


def _part(body: bytes, pos: int, end: int) -> FormField:
    head_end = body.find(b"\r\n\r\n", pos, pos + _MAX_HEAD)
    if end < 0 or head_end < 0 or head_end + 2 > end:
        raise MalformedMultipart("a part without head or end")
    head: dict[bytes, bytes] = {}
    for line in body[pos + 2 : head_end].split(b"\r\n"):
        found = _FIELD.fullmatch(line)
        if found is None or found[1].lower() in head:
            raise MalformedMultipart("a malformed part head")
        head[found[1].lower()] = found[2]
    if b"content-transfer-encoding" in head:
        raise MalformedMultipart("a part with a transfer encoding (RFC 7578 §4.7)")
    named = _DISPOSITION.fullmatch(head.get(b"content-disposition", b""))
    if named is None:
        raise MalformedMultipart("a part without a name")
    return _field(named, head.get(b"content-type", b""), head_end + 4, end)


def _field(named: re.Match[bytes], content_type: bytes, start: int, end: int) -> FormField:
    plain, bare, *filenames = named.groups()
    files = [one.decode("utf-8", "replace") for one in filenames if one is not None]
    return FormField(
        (bare or plain).decode("utf-8", "replace"),
        files[0] if files else None,
        content_type.decode("latin-1"),
        max(start, 0),
        max(start, end),
    )
