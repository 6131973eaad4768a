"""An answer's bytes: status line, fields, framing (RFC 9112 §4, §6). Pure but for the clock."""

from __future__ import annotations

import time
from collections.abc import Iterable
from email.utils import formatdate
from http import HTTPStatus

from router.downstream.head import IN_LINE, TOKEN
from router.errors import GatewayError

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"

_STATUS_LINES = {
    status.value: f"HTTP/1.1 {status} {status.phrase}".encode() for status in HTTPStatus
}
_OURS = frozenset((b"content-length", b"transfer-encoding", b"connection", b"keep-alive"))
_PLAIN = frozenset(
    b"access-control-allow-credentials access-control-allow-origin access-control-expose-headers "
    b"cache-control content-disposition content-encoding content-language content-type etag "
    b"last-modified location ratelimit ratelimit-policy retry-after server-timing set-cookie vary "
    b"via x-accel-buffering x-content-type-options x-request-id".split()
)
"""Names so usual that they need not be looked at again."""

_LINE = b": ".join
_END = (b"", b"")
_BODILESS = (204, 304)


class AnswerError(RuntimeError):
    """The application gave what must not be sent. Names no value."""


class DateClock:
    """The Date field's value (RFC 9110 §6.6.1), made once a second."""

    __slots__ = ("_second", "_value")

    def __init__(self) -> None:
        self._second = 0
        self._value = b""

    def now(self) -> bytes:
        """The present IMF-fixdate."""
        second = int(time.time())
        if second != self._second:
            self._second = second
            self._value = formatdate(second, usegmt=True).encode("ascii")
        return self._value


class Answer:
    """One answer on its way out; ``start`` once, then ``body`` until the last.

    ``keep_alive`` is what the caller was told, or will be. A body is framed by the application's
    Content-Length, else by chunks, else (HTTP/1.0) by the connection's end.
    """

    __slots__ = (
        "_bodiless",
        "_chunked",
        "_left",
        "_method",
        "_version",
        "delimited_by_close",
        "keep_alive",
    )

    def __init__(self, method: str, version: str, *, keep_alive: bool) -> None:
        self.keep_alive = keep_alive
        self.delimited_by_close = False
        self._method = method
        self._bodiless = method == "HEAD"
        self._version = version
        self._chunked = False
        self._left: int | None = None

    def anew(self) -> Answer:
        """The same answer as it was before ``start``; only a promise to close is kept."""
        return Answer(self._method, self._version, keep_alive=self.keep_alive)

    def start(self, status: int, fields: Iterable[tuple[bytes, bytes]], date: bytes) -> bytes:
        """The head. Raises :class:`AnswerError` for fields or a status that must not be sent."""
        if not 200 <= status <= 999:
            raise AnswerError("The status of the answer is not a final one.")
        self._bodiless = self._bodiless or status in _BODILESS
        lines = [_STATUS_LINES.get(status) or b"HTTP/1.1 %d " % status]
        date = self._take_fields(fields, lines) or date
        lines.append(b"Date: " + date)
        self._frame(status, lines)
        if not self.keep_alive:
            lines.append(b"Connection: close")
        elif self._version == "1.0":
            lines.append(b"Connection: keep-alive")
        if b"".join(lines).translate(None, IN_LINE):
            raise AnswerError("A field of the answer holds a character that is not allowed.")
        lines += _END
        return b"\r\n".join(lines)

    def body(self, data: bytes, *, last: bool) -> bytes:
        """``data`` in its framing. Raises :class:`AnswerError` when it breaks Content-Length."""
        if self._bodiless:
            return b""
        if self._chunked:
            chunk = b"%x\r\n%b\r\n" % (len(data), data) if data else b""
            return chunk + b"0\r\n\r\n" if last else chunk
        if self._left is not None:
            self._left -= len(data)
            if self._left < 0:
                raise AnswerError("The answer is longer than its Content-Length.")
            if last and self._left:
                raise AnswerError("The answer is shorter than its Content-Length.")
        return data

    def _take_fields(self, fields: Iterable[tuple[bytes, bytes]], lines: list[bytes]) -> bytes:
        """Adds the application's field lines to ``lines``; returns its Date, if it gave one."""
        date = b""
        for line in fields:
            name, value = line
            if name not in _PLAIN:
                low = name.lower()
                if low == b"date":
                    date = date or value
                    continue
                if low in _OURS:
                    self._take_framing(low, value)
                    continue
                if not name or name.translate(None, TOKEN):
                    raise AnswerError("A field name of the answer is malformed.")
            lines.append(_LINE(line))
        return date

    def _take_framing(self, name: bytes, value: bytes) -> None:
        if name == b"content-length":
            if not value.isdigit() or self._left not in (None, int(value)):
                raise AnswerError("The answer's Content-Length is malformed.")
            self._left = int(value)
        elif name == b"connection" and value.lower().find(b"close") >= 0:
            self.keep_alive = False

    def _frame(self, status: int, lines: list[bytes]) -> None:
        if self._left is not None:
            if status != 204:  # RFC 9110 §8.6
                lines.append(b"Content-Length: %d" % self._left)
        elif self._bodiless:
            return
        elif self._version == "1.1":
            self._chunked = True
            lines.append(b"Transfer-Encoding: chunked")
        else:
            self.delimited_by_close = True
            self.keep_alive = False


def problem_answer(error: GatewayError, request_id: str, date: bytes) -> bytes:
    """The whole answer to a request that was refused before anybody could see it; closes."""
    body = error.body(request_id)
    return b"\r\n".join(
        (
            _STATUS_LINES[error.status],
            b"Content-Type: application/problem+json",
            b"Content-Length: %d" % len(body),
            b"X-Request-Id: " + request_id.encode("ascii"),
            b"X-Content-Type-Options: nosniff",
            b"Date: " + date,
            b"Connection: close",
            b"",
            body,
        )
    )
