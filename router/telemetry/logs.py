"""One JSON line an event, written by a thread of its own: a full log pipe never blocks the loop.

Lines hold no body, no credential and no personal data: what is logged is named here or by the
caller, field by field. Control characters are escaped by JSON itself, so one event is one line.
"""

from __future__ import annotations

import logging
import sys
import threading
import traceback
from collections import deque
from datetime import UTC, datetime
from typing import IO

import orjson

MAX_WAITING = 10_000
"""Lines that may wait for a slow pipe; what comes beyond is dropped and counted."""

GATHER_SECONDS = 0.05
"""How late a line may be written, so that many go in one write."""


_OPTIONS = orjson.OPT_APPEND_NEWLINE | orjson.OPT_UTC_Z


class LogWriter:
    """A bounded queue of lines and the thread that writes them.

    The thread gathers for a moment before it writes: waking it for each line would cost a request
    more than all else the router does for it, since two threads then fight for the interpreter.
    """

    def __init__(self, stream: IO[bytes] | None = None) -> None:
        self._stream = stream or sys.stdout.buffer
        self._lines: deque[bytes] = deque()
        self._there = threading.Event()
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-writer", daemon=True)
        self.dropped = 0
        self._thread.start()

    def write(self, event: str, **values: object) -> None:
        """Queues one line; never waits."""
        self.put({"time": datetime.now(UTC), "event": event, **values})

    def put(self, line: dict[str, object]) -> None:
        """As :meth:`write`, for a line that is there already, ``time`` and ``event`` first."""
        if len(self._lines) >= MAX_WAITING:
            self.dropped += 1
            return
        self._lines.append(orjson.dumps(line, default=str, option=_OPTIONS))
        if not self._there.is_set():
            self._there.set()

    def close(self, timeout: float = 2.0) -> None:
        """Writes what waits, for at most ``timeout`` seconds."""
        self._closing.set()
        self._there.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            self._there.wait()
            self._closing.wait(GATHER_SECONDS)
            self._there.clear()
            ended = self._closing.is_set()
            waiting = [self._lines.popleft() for _ in range(len(self._lines))]
            try:
                self._stream.write(b"".join(waiting))
                self._stream.flush()
            except (OSError, ValueError):  # the reader of the pipe has gone
                self.dropped += len(waiting)
            if ended:
                return


class _Handler(logging.Handler):
    """Leads the standard library's records (uvicorn, asyncio) into the same lines."""

    def __init__(self, writer: LogWriter) -> None:
        super().__init__()
        self._writer = writer

    def emit(self, record: logging.LogRecord) -> None:
        values: dict[str, object] = {"level": record.levelname.lower(), "logger": record.name}
        if record.exc_info and record.exc_info[1]:
            values["error"] = where(record.exc_info[1])
        self._writer.write("log", message=record.getMessage(), **values)


def capture_standard_logging(writer: LogWriter, level: int = logging.INFO) -> None:
    """Makes ``writer`` the only place where ``logging`` writes."""
    root = logging.getLogger()
    root.handlers[:] = [_Handler(writer)]
    root.setLevel(level)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "asyncio"):
        logger = logging.getLogger(name)
        logger.handlers.clear()
        logger.propagate = True
        logger.setLevel(logging.WARNING)


def where(error: BaseException) -> str:
    """An exception's type and the places it passed; its message stays out: it may quote input."""
    frames = traceback.extract_tb(error.__traceback__)[-6:]
    trail = " < ".join(f"{f.name}:{f.lineno}" for f in reversed(frames))
    return f"{type(error).__name__} at {trail}"
