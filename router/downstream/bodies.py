"""Where a request's body ends: by its length, or by its chunks (RFC 9112 §6, §7.1).

A body takes its own bytes from the front of a buffer and leaves what stands behind it.
"""

from __future__ import annotations

import re
from typing import Protocol

from router.downstream.head import CHUNKED, parse_field
from router.downstream.limits import ProtocolLimits
from router.errors import DownstreamError

_NAME = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]++"
_QUOTED = rb'"(?:[\t !#-\[\]-~\x80-\xff]|\\[\t -~\x80-\xff])*+"'
_SIZE_LINE = re.compile(
    rb"([0-9A-Fa-f]{1,15})(?:;%b(?:=(?:%b|%b))?+)*+\r\n" % (_NAME, _NAME, _QUOTED)
)
"""RFC 9112 §7.1, without the blanks it calls bad."""

_SIZE_LINE_BEGUN = re.compile(rb"(?:[0-9A-Fa-f]{1,15}(?:;[\t -~\x80-\xff]*+)?+\r?)?")
_CRLF = b"\r\n"
_CHUNKS_A_TURN = 8192
"""Tiny chunks cost about a microsecond each: more of them at once would hold up the loop."""

_LINE_TOO_LONG = "A chunk extension is too long."


class Body(Protocol):
    """One request's body.

    ``left``: bytes still to come, where that is known. ``more``: another ``take`` would find
    something without new bytes; each does a bounded amount of work.
    """

    done: bool
    left: int | None
    more: bool

    def take(self, buffer: bytearray) -> bytes:
        """The body bytes now in ``buffer``, removed from it together with their framing."""
        ...


class SizedBody:
    """A body with a Content-Length."""

    __slots__ = ("done", "left", "more")

    def __init__(self, length: int) -> None:
        self.more = False
        self.left: int | None = length
        self.done = length == 0

    def take(self, buffer: bytearray) -> bytes:
        """See :meth:`Body.take`."""
        assert self.left is not None
        data = bytes(buffer) if len(buffer) <= self.left else bytes(buffer[: self.left])
        del buffer[: len(data)]
        self.left -= len(data)
        self.done = self.left == 0
        return data


class ChunkedBody:
    """A chunked body. Extensions and trailers are bounded, checked and dropped (§7.1.1, §7.1.2).

    Raises 400 for every other spelling than the grammar's: bare LF, blanks, signs, underscores.
    """

    __slots__ = ("_chunk", "_in_trailers", "_limits", "done", "left", "more")

    def __init__(self, limits: ProtocolLimits) -> None:
        self.done = False
        self.left: int | None = None
        self.more = False
        self._limits = limits
        self._chunk = 0  # bytes to come of the chunk under way, with the CRLF behind it
        self._in_trailers = False

    def take(self, buffer: bytearray) -> bytes:
        """See :meth:`Body.take`."""
        parts: list[bytes | bytearray] = []
        position = self._take_chunk(buffer, 0, parts) if self._chunk else 0
        self.more = False
        while not (self._chunk or self._in_trailers):
            if len(parts) > _CHUNKS_A_TURN:
                self.more = True
                break
            match = _SIZE_LINE.match(buffer, position)
            if match is None:
                self._check_begun(buffer, position)
                break
            begin = match.end()
            if begin - position > self._limits.chunk_line_bytes:
                raise DownstreamError(400, _LINE_TOO_LONG)
            size = int(match[1], 16)
            end = begin + size
            if size and buffer.startswith(_CRLF, end):
                parts.append(buffer[begin:end])
                position = end + 2
            elif size:
                self._chunk = size + 2
                position = self._take_chunk(buffer, begin, parts)
            else:
                self._in_trailers = True
                position = begin
        del buffer[:position]
        if self._in_trailers:
            self._take_trailers(buffer)
        return b"".join(parts)

    def _take_chunk(self, buffer: bytearray, position: int, parts: list[bytes | bytearray]) -> int:
        """Takes what there is of a chunk that is not whole yet; the position behind it."""
        data = bytes(buffer[position : position + self._chunk])
        self._chunk -= len(data)
        behind = max(0, 2 - self._chunk)  # how much of the closing CRLF is in ``data``
        if behind:
            cut = max(0, len(data) - behind)
            ending = data[cut:]
            if ending != _CRLF[behind - len(ending) : behind]:
                raise DownstreamError(400, "A chunk of the body is malformed.")
            parts.append(data[:cut])
        else:
            parts.append(data)
        return position + len(data)

    def _check_begun(self, buffer: bytearray, position: int) -> None:
        if len(buffer) - position > self._limits.chunk_line_bytes:
            raise DownstreamError(400, _LINE_TOO_LONG)
        if _SIZE_LINE_BEGUN.fullmatch(buffer, position) is None:
            raise DownstreamError(400, "A chunk of the body is malformed.")

    def _take_trailers(self, buffer: bytearray) -> None:
        if buffer.startswith(_CRLF):
            end = 0
        else:
            end = buffer.find(b"\r\n\r\n", 0, self._limits.trailer_bytes)
            if end < 0:
                if len(buffer) > self._limits.trailer_bytes:
                    raise DownstreamError(431, "The trailer fields are too large.")
                return
            for line in bytes(buffer[:end]).split(_CRLF):
                parse_field(line)
            end += 2
        del buffer[: end + 2]
        self.done = True


def body_of(length: int, limits: ProtocolLimits) -> Body:
    """The body that a head with this ``length`` announces."""
    return ChunkedBody(limits) if length == CHUNKED else SizedBody(length)
