"""The parts of a multipart/form-data request by their spans (RFC 7578, RFC 2046 §5.1.1).

Strict: CRLF line ends, nothing before the first boundary or behind the last, every part named
once, no fields of a part but its disposition, type and length (RFC 7578 §4.8). What would be read
differently by different parsers is refused rather than guessed.
"""

from __future__ import annotations

import re
from typing import Final, Literal, NamedTuple

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
    rb"(?:[ \t]*;[ \t]*filename\*=(?:utf-8|iso-8859-1)'(?:[a-z]{2,3}(?:-[a-z]{2,4})?)?'"
    rb"([!#$&+\-.^_`|~\w%]+))?[ \t]*",
    re.IGNORECASE,
)


class MalformedMultipart(ValueError):  # noqa: N818 - reads like MalformedJson
    """Not multipart/form-data, or not so that everyone reads it the same."""


Spelt = Literal["quoted", "bare", "extended", "text", "length"]

_SPELT: Final[tuple[Spelt, ...]] = ("quoted", "bare", "quoted", "bare", "extended")
"""How the groups of a disposition are spelt."""


class HeadSpan(NamedTuple):
    """What a caller chose in a part's head: ``body[start:end]``, by how it is spelt.

    A ``quoted`` or ``bare`` name, an ``extended`` one (RFC 8187, its charset not in it), a media
    type as ``text``, or the whole line of a ``length``, which may be left out.
    """

    start: int
    end: int
    spelt: Spelt


class FormField(NamedTuple):
    """One part: ``body[start:end]`` is its content. ``filename`` is None for a plain field.

    ``head`` is what a caller chose in its head, in order.
    """

    name: str
    filename: str | None
    content_type: str
    start: int
    end: int
    head: tuple[HeadSpan, ...] = ()


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
    start = head_end + 4
    end = max(start, end)
    head = _head(body, pos + 2, head_end)
    spans: list[HeadSpan] = []
    disposition = head.pop(b"content-disposition", None)
    named = disposition and _DISPOSITION.fullmatch(body, *disposition.span(2))
    if not named:
        raise MalformedMultipart("a part without a name")
    for group, spelt in enumerate(_SPELT, 1):
        if named.start(group) >= 0:
            spans.append(HeadSpan(*named.span(group), spelt))
    media_type = head.pop(b"content-type", None)
    if media_type is not None:
        spans.append(HeadSpan(*media_type.span(2), "text"))
    length = head.pop(b"content-length", None)
    if length is not None:
        if length[2].strip() != b"%d" % (end - start):
            raise MalformedMultipart("a part of another length than it says")
        spans.append(HeadSpan(length.start(), length.end() + 2, "length"))
    if head:
        raise MalformedMultipart("a part with fields that are none of a form's (RFC 7578 §4.8)")
    content_type = media_type[2] if media_type is not None else b""
    return _field(named, content_type, start, end, tuple(sorted(spans)))


def _head(body: bytes, pos: int, end: int) -> dict[bytes, re.Match[bytes]]:
    """The lines of a part's head by their names."""
    head: dict[bytes, re.Match[bytes]] = {}
    while pos < end:
        stop = body.find(b"\r\n", pos, end)
        if stop < 0:
            stop = end
        found = _FIELD.fullmatch(body, pos, stop)
        if found is None or found[1].lower() in head:
            raise MalformedMultipart("a malformed part head")
        head[found[1].lower()] = found
        pos = stop + 2
    return head


def _field(
    named: re.Match[bytes], content_type: bytes, start: int, end: int, head: tuple[HeadSpan, ...]
) -> FormField:
    plain, bare, *filenames = named.groups()
    files = [one.decode("utf-8", "replace") for one in filenames if one is not None]
    return FormField(
        (bare or plain).decode("utf-8", "replace"),
        files[0] if files else None,
        content_type.decode("latin-1"),
        start,
        end,
        head,
    )
