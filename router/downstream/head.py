"""A request's head: bytes to values, or a refusal. Pure, and linear in its input.

llhttp finds most of what is refused here, but not all (a missing Host, fragments, HTTP/0.9,
Transfer-Encoding in HTTP/1.0), has no limits and cannot stop behind one message. These few passes
over the block run in C, cost less than its callbacks, and are strict about every byte.
"""

from __future__ import annotations

import re
from typing import NamedTuple, TypeAlias

from router.downstream.limits import ProtocolLimits
from router.downstream.target import check_authority, split_target
from router.errors import DownstreamError
from router.exchange import Fields
from router.tuples import made

TOKEN = b"!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
"""RFC 9110 §5.6.2."""

IN_LINE = b"\t" + bytes(range(0x20, 0x7F)) + bytes(range(0x80, 0x100))
"""Every byte that may stand in a line of a head (RFC 9110 §5.5)."""

LEGAL = b"\r\n" + IN_LINE
"""Every byte that may stand in a head; CR and LF only as a pair."""

METHOD_BYTES = 32
"""Longer than any registered method."""

CHUNKED = -1
"""The ``length`` of a body whose end its chunks tell."""

_USUAL_LINE = re.compile(
    rb"(?!CONNECT |TRACE )([A-Z]{1,32}) (/[!\"$->@-~]*+)(?:\?([!\"$-~]*+))? HTTP/1\.([01])"
)
"""A request line in origin form, with nothing to object to but its length."""

_FIELD = re.compile(rb"([!#$%&'*+\-.^_`|~0-9A-Za-z]++):[ \t]*+([\t\x20-\x7e\x80-\xff]*+)")
_KNOWN_LINES = 32
_KNOWN_LINE_BYTES = 512
_KNOWN_BYTES = 8 * 1024
"""Of all lines that are remembered for one connection."""
_VERSION = re.compile(rb"HTTP/[0-9]\.[0-9]")
_VERSIONS = {b"0": "1.0", b"1": "1.1"}
_LENGTH_DIGITS = 18
_ONCE = (b"authorization", b"proxy-authorization", b"x-api-key")


Field: TypeAlias = tuple[bytes, bytes]


class Head(NamedTuple):
    """What a request's head says. ``length`` is the body's, in bytes, or CHUNKED."""

    method: str
    path: bytes
    query: bytes
    fields: Fields
    version: str
    length: int
    keep_alive: bool
    expects_continue: bool
    first: dict[bytes, bytes]
    """The first value under each name."""


class KnownLines(dict[bytes, Field]):
    """Field lines read on one connection, parsed; ``lines[line]`` parses what is not there.

    A caller's requests resemble each other: a line needs to be judged only once.
    """

    __slots__ = ()

    def __missing__(self, line: bytes) -> Field:
        """Raises DownstreamError 400 for what is no field."""
        field = parse_field(line)
        if len(line) <= _KNOWN_LINE_BYTES:
            if len(self) >= _KNOWN_LINES or sum(map(len, self)) > _KNOWN_BYTES:
                self.clear()
            self[line] = field
        return field


def parse_head(block: bytes, limits: ProtocolLimits, known: KnownLines) -> Head:
    """The head in ``block``: the bytes before the empty line, without its last CRLF.

    ``known`` is the connection's. Raises :class:`DownstreamError` 400, 414,
    417, 431, 501 or 505; the connection is to be closed then (RFC 9112 §9.2: nobody can tell
    where the next message begins).
    """
    request_line, *lines = block.split(b"\r\n")
    if len(lines) > limits.head_fields:
        raise DownstreamError(431, "There are too many header fields.")
    method, authority, path, query, version = parse_request_line(request_line, limits)
    fields = list(map(known.__getitem__, lines))
    values = dict(fields)
    if len(values) != len(fields):
        values = _join(fields)
        if any(sum(name == line[0] for line in fields) > 1 for name in _ONCE):
            # RFC 9110 §5.3: which of them counts would be anybody's guess, here and upstream.
            raise DownstreamError(400, "A credential stands in several header fields.")
    _settle_host(fields, values.get(b"host"), authority, version)
    if authority is not None:
        values[b"host"] = authority
    length = _body_length(values, version)
    keep_alive = _keeps_alive(values, version)
    waits = _expects_continue(values, version)
    if len(values) != len(fields):
        # The last pair of a name wins in a dict, so the first one has to come last.
        values = dict(reversed(fields))
    return made(Head, (method, path, query, fields, version, length, keep_alive, waits, values))


def parse_request_line(
    line: bytes, limits: ProtocolLimits
) -> tuple[str, bytes | None, bytes, bytes, str]:
    """Method, authority (absolute form only), path, query, version of a request line.

    RFC 9112 §3; the version is "1.0" or "1.1".
    """
    if len(line) < limits.target_bytes and line.find(b"%00") < 0:
        usual = _USUAL_LINE.fullmatch(line)
        if usual is not None:
            method, path, query, minor = usual.groups(b"")
            return method.decode("ascii"), None, path, query, _VERSIONS[minor]
    return _parse_unusual_line(line, limits)


def _parse_unusual_line(
    line: bytes, limits: ProtocolLimits
) -> tuple[str, bytes | None, bytes, bytes, str]:
    method, _, rest = line.partition(b" ")
    target, _, version = rest.partition(b" ")
    if not method or method.translate(None, TOKEN) or not target:
        raise DownstreamError(400, "The request line is malformed.")
    if len(target) > limits.target_bytes:
        raise DownstreamError(414, "The request target is too long.")
    if _VERSION.fullmatch(version) is None:
        raise DownstreamError(400, "The request line is malformed.")
    if version not in (b"HTTP/1.1", b"HTTP/1.0"):
        raise DownstreamError(505, "This version of HTTP is not spoken here.")
    if len(method) > METHOD_BYTES or method in (b"CONNECT", b"TRACE"):
        raise DownstreamError(501, "This method is not implemented.")
    return method.decode("ascii"), *split_target(method, target), version[5:].decode("ascii")


def parse_field(line: bytes) -> Field:
    """Name (in lower case) and value of one field line (RFC 9112 §5), without its CRLF."""
    match = _FIELD.fullmatch(line)
    if match is None:
        raise DownstreamError(400, "A header field is malformed.")
    name, value = match.groups()
    return name.lower(), value.rstrip(b" \t")


def _join(fields: Fields) -> dict[bytes, bytes]:
    """Values by name, those of one name joined by a comma (RFC 9110 §5.3).

    What may stand only once is then malformed by itself, in the same way as a list in one line.
    """
    values: dict[bytes, bytes] = {}
    for name, value in fields:
        values[name] = values[name] + b"," + value if name in values else value
    return values


def _settle_host(fields: Fields, host: bytes | None, authority: bytes | None, version: str) -> None:
    if host is not None:
        check_authority(host)
    elif version == "1.1":
        raise DownstreamError(400, "The host is missing or malformed.")
    if authority is not None:
        # RFC 9112 §3.2.2: the target's authority wins, so that every reader sees only that one.
        fields[:] = [line for line in fields if line[0] != b"host"]
        fields.insert(0, (b"host", authority))


def _body_length(values: dict[bytes, bytes], version: str) -> int:
    coding = values.get(b"transfer-encoding")
    length = values.get(b"content-length")
    if coding is not None:
        if length is not None or version == "1.0":
            raise DownstreamError(400, "The framing of the body is ambiguous.")
        _check_coding(coding.lower())
        return CHUNKED
    if length is None:
        return 0
    if not length.isdigit() or len(length) > _LENGTH_DIGITS:
        raise DownstreamError(400, "The content length is malformed.")
    return int(length)


def _check_coding(coding: bytes) -> None:
    if coding == b"chunked":
        return
    if not coding or coding.translate(None, TOKEN) or b"chunked" in coding:
        raise DownstreamError(400, "The transfer coding is malformed.")
    raise DownstreamError(501, "This transfer coding is not implemented.")


def _keeps_alive(values: dict[bytes, bytes], version: str) -> bool:
    if b"upgrade" in values:
        return False  # what follows might be another protocol's, never a request
    value = values.get(b"connection")
    if value is None:
        return version == "1.1"
    options = {option.strip(b" \t") for option in value.lower().split(b",")}
    if b"close" in options or b"upgrade" in options:
        return False
    return version == "1.1" or b"keep-alive" in options


def _expects_continue(values: dict[bytes, bytes], version: str) -> bool:
    value = values.get(b"expect")
    if value is None or version == "1.0":
        return False  # RFC 9110 §10.1.1: from HTTP/1.0 it is ignored
    if value.lower() != b"100-continue":
        raise DownstreamError(417, "This expectation cannot be met.")
    return True
