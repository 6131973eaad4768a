"""Reads one response after the other from bytes, strictly; pure.

llhttp refuses most of what is malformed. What it lets through and must not pass is refused here:
control characters in the reason, other protocols' start lines, status codes that are none,
transfer codings we cannot undo, and heads without end.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import httptools

from router.exchange import ResponseHead
from router.upstream import faults

if TYPE_CHECKING:
    from router.errors import UpstreamError
    from router.exchange import Fields
    from router.upstream.bounds import Bounds

_REASON = re.compile(rb"[\t\x20-\x7e\x80-\xff]*")
_TOLD = frozenset((b"content-length", b"transfer-encoding", b"content-type"))
_END_OF_HEAD = b"\r\n\r\n"
_H = 0x48


class _Stop(Exception):  # noqa: N818 -- it stops the parser and leaves this module never
    """Raised in a callback, to make the parser stop."""


class ResponseReader:
    """``feed`` it what comes; ``head``, ``pieces`` and ``complete`` tell what that was.

    ``started``: a byte has come. ``reusable``: another response may follow on the connection
    (only meaningful once ``complete``). ``unread`` counts the bytes in ``pieces``.
    """

    __slots__ = (
        "_bounds",
        "_chunked",
        "_dry",
        "_fault",
        "_fields",
        "_informational",
        "_no_body",
        "_parser",
        "_reason",
        "_sized",
        "complete",
        "event_stream",
        "head",
        "pieces",
        "reusable",
        "started",
        "unread",
    )

    def __init__(self, bounds: Bounds) -> None:
        self._bounds = bounds
        self._parser: httptools.HttpResponseParser | None = None
        self.pieces: list[bytes] = []
        self.begin(no_body=False)

    def begin(self, *, no_body: bool) -> None:
        """Expects the next response; ``no_body`` where it answers HEAD (RFC 9112 §6.3)."""
        self.head: ResponseHead | None = None
        self.pieces.clear()
        self.unread = 0
        self.complete = self.reusable = self.started = self.event_stream = False
        self._no_body = no_body
        self._chunked = self._sized = False
        self._fields: Fields = []
        self._reason = b""
        self._informational = 0
        self._dry = 0
        self._fault: UpstreamError | None = None

    def feed(self, data: bytes | memoryview) -> None:
        """Takes what came (not b""). UpstreamError: it is no response we pass on."""
        if self.complete:
            self.reusable = False
            return
        if not self.started:
            self.started = True
            if data[0] != _H:  # llhttp takes RTSP and ICE too
                raise faults.malformed()
        parser = self._parser
        if parser is None:
            parser = self._parser = self._new_parser()
        self._dry += len(data)
        try:
            parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._stopped()
        if self._dry > self._bounds.head_bytes and not self.complete:
            raise faults.head_too_large()
        if self._no_body and self.complete:
            self._parser = None  # it still waits for the body that HEAD does not bring
            self.reusable = self.reusable and data[-4:] == _END_OF_HEAD

    def eof(self) -> bool:
        """The other side has ended properly: whether that leaves the response complete."""
        if self.head is not None and not (self._chunked or self._sized):
            self.complete = True
        self.reusable = False
        return self.complete

    def take(self) -> bytes:
        """What has come of the body and was not taken yet."""
        pieces = self.pieces
        data = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self.unread = 0
        return data

    def close(self) -> None:
        """Forgets the parser, which refers back to this reader."""
        self._parser = None

    def _new_parser(self) -> httptools.HttpResponseParser:
        parser = httptools.HttpResponseParser(self)
        # RFC 9112 §6.3: Transfer-Encoding overrides Content-Length, which on_header drops.
        parser.set_dangerous_leniencies(lenient_chunked_length=True)
        return parser

    def _stopped(self) -> None:
        """The parser gave up: no matter behind a complete response, an error before."""
        if self.complete:
            self.reusable = False
            return
        raise self._fault or faults.malformed()

    def _refuse(self, error: UpstreamError) -> None:
        self._fault = error
        raise _Stop

    # what llhttp calls

    def on_message_begin(self) -> None:
        """Another message right behind a complete one: nobody asked for it."""
        if self.complete:
            raise _Stop

    def on_status(self, reason: bytes) -> None:
        """The reason phrase, or a part of it."""
        self._reason += reason

    def on_header(self, name: bytes, value: bytes) -> None:
        """One field line; behind the head it is a trailer, which is dropped (RFC 9110 §6.5.1)."""
        if self.head is not None:
            return
        name = name.lower()
        value = value.rstrip(b" \t")
        if name in _TOLD:
            if name == b"transfer-encoding":
                self._coding(value)
                return
            if name == b"content-length":
                self._sized = True
            else:
                self.event_stream = value[:17].lower() == b"text/event-stream"
        self._fields.append((name, value))

    def on_headers_complete(self) -> None:
        """The head is whole: judges it."""
        parser = self._parser
        assert parser is not None
        status = parser.get_status_code()
        version = parser.get_http_version()
        if (
            not 100 <= status <= 599
            or version not in ("1.1", "1.0")
            or not _REASON.fullmatch(self._reason)
        ):
            self._refuse(faults.malformed())
        if len(self._fields) > self._bounds.head_fields or self._oversized():
            self._refuse(faults.head_too_large())
        if status < 200:
            self._interim(status)
            return
        self._final(status, keep_alive=parser.should_keep_alive(), version=version)

    def on_body(self, piece: bytes) -> None:
        """A piece of the body; behind a complete response (HEAD) it is junk."""
        if self.complete:
            self.reusable = False
            return
        self._dry = 0
        self.pieces.append(piece)
        self.unread += len(piece)

    def on_chunk_header(self) -> None:
        """A chunk begins; behind a complete response (HEAD) it is junk."""
        if self.complete:
            self.reusable = False

    def on_message_complete(self) -> None:
        """The message has ended as its framing says."""
        if self.head is not None:
            self.complete = True

    # what they need

    def _coding(self, value: bytes) -> None:
        if self._chunked or value.lower() != b"chunked":
            self._refuse(faults.coding_unknown())
        self._chunked = True

    def _interim(self, status: int) -> None:
        """A 1xx: nothing of it is passed on (RFC 9110 §15.2); 101 was not asked for."""
        if status == 101:
            self._refuse(faults.upgraded())
        self._informational += 1
        if self._informational > self._bounds.informational:
            self._refuse(faults.malformed())
        self._fields = []
        self._reason = b""
        self._chunked = self._sized = self.event_stream = False

    def _final(self, status: int, *, keep_alive: bool, version: str) -> None:
        empty = status in (204, 304)
        fields = self._fields
        if self._sized and (self._chunked or status == 204):
            fields = [line for line in fields if line[0] != b"content-length"]
        # Two framings at once, or a framing HTTP/1.0 has not, are a reason to part (RFC 9112 §6.1)
        doubtful = self._chunked and (self._sized or version == "1.0")
        self.head = ResponseHead(status, fields, self._reason)
        self.reusable = keep_alive and not doubtful
        self._sized = self._sized or empty
        if self._no_body:
            self.complete = True

    def _oversized(self) -> bool:
        if self._dry <= self._bounds.head_bytes:
            return False
        size = sum(len(name) + len(value) + 4 for name, value in self._fields)
        return size + len(self._reason) > self._bounds.head_bytes
