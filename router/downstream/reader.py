"""Bytes in; heads, then bodies out. Pure: any split of the input reads the same."""

from __future__ import annotations

from router.downstream.bodies import Body, body_of
from router.downstream.head import (
    LEGAL,
    METHOD_BYTES,
    Head,
    KnownLines,
    parse_head,
    parse_request_line,
)
from router.downstream.limits import ProtocolLimits
from router.errors import DownstreamError

_END = b"\r\n\r\n"
_LINE_SLACK = METHOD_BYTES + len(b"  HTTP/1.1")


class RequestReader:
    """Reads one connection's requests, one at a time.

    Nothing behind the message under way is looked at: :attr:`pending` tells how much waits.
    A head that can no longer become a good one is refused before its end has come, and every
    byte is looked at a bounded number of times, however small the pieces are.
    ``body_open``: more of the present message's body has to come.
    """

    __slots__ = (
        "_body",
        "_breaks",
        "_buffer",
        "_known",
        "_limits",
        "_line_done",
        "_scanned",
        "_stripped",
        "body_open",
    )

    def __init__(self, limits: ProtocolLimits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._body: Body | None = None
        self.body_open = False
        self._known = KnownLines()
        self._scanned = self._breaks = 0
        self._line_done = self._stripped = False

    @property
    def pending(self) -> int:
        """Bytes received and not yet read, 0 between two messages."""
        return len(self._buffer)

    @property
    def body_left(self) -> int | None:
        """Bytes of the open body still to come, 0 without one; None where its end will tell."""
        return self._body.left if self.body_open and self._body is not None else 0

    def feed(self, data: bytes) -> None:
        """Adds what has come."""
        self._buffer += data

    def drop(self) -> None:
        """Forgets what has come and was not read."""
        self._buffer.clear()

    def next_head(self) -> Head | None:
        """The next head, once it is complete. Raises what :func:`parse_head` raises."""
        buffer = self._buffer
        if not buffer:
            return None
        if not self._stripped and buffer.startswith(b"\r\n"):
            del buffer[:2]  # RFC 9112 §2.2: one empty line before a request is forgiven
            self._stripped = True
        end = buffer.find(_END, max(0, self._scanned - 3))
        if end < 0 or end > self._limits.head_bytes:
            self._check_begun()
            return None
        head = parse_head(bytes(buffer[:end]), self._limits, self._known)
        del buffer[: end + 4]
        self._begin_head()
        if head.length:
            self._body = body_of(head.length, self._limits)
            self.body_open = True
        return head

    @property
    def body_waiting(self) -> bool:
        """Whether :meth:`take_body` stopped only to let others have their turn."""
        return self.body_open and self._body is not None and self._body.more

    def take_body(self) -> bytes:
        """What has come of the open body. Raises 400 or 431 for malformed chunks."""
        body = self._body
        assert body is not None, "there is an open body to take from"
        data = body.take(self._buffer)
        self.body_open = not body.done
        return data

    def _begin_head(self) -> None:
        self._scanned = self._breaks = 0
        self._line_done = self._stripped = False

    def _check_begun(self) -> None:
        """Refuses a head that is hopeless already; looks at new bytes only."""
        buffer, limits = self._buffer, self._limits
        if not self._line_done:
            self._check_line_begun()
        new = bytes(buffer[self._scanned : limits.head_bytes])
        settled = len(new) - new.endswith(b"\r")
        breaks = new.count(b"\r\n")
        if (
            new.translate(None, LEGAL)
            or new.count(b"\n") != breaks
            or new.count(b"\r", 0, settled) != breaks
        ):
            raise DownstreamError(400, "The request head holds a character that is not allowed.")
        self._breaks += breaks
        if len(buffer) > limits.head_bytes or self._breaks > limits.head_fields + 1:
            raise DownstreamError(431, "The header fields are too large.")
        self._scanned += settled

    def _check_line_begun(self) -> None:
        buffer = self._buffer
        longest = self._limits.target_bytes + _LINE_SLACK
        end = buffer.find(b"\r\n", 0, longest + 2)
        if end >= 0:
            parse_request_line(bytes(buffer[:end]), self._limits)
            self._line_done = True
        elif len(buffer) > longest:
            if buffer.find(b" ", 0, METHOD_BYTES + 1) < 0:
                raise DownstreamError(501, "This method is not implemented.")
            raise DownstreamError(414, "The request target is too long.")
