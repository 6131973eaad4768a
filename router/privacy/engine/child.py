"""The router's end of the line to one forked child."""

from __future__ import annotations

import asyncio
from collections import deque
from typing import TYPE_CHECKING, Final, Protocol, cast

from router.privacy.engine.worker import FINDING, LENGTH

if TYPE_CHECKING:
    from collections.abc import Sequence

    from router.privacy.engine.turns import Job, Turn

_START_LIMIT: Final = 60.0


class Owner(Protocol):
    """Whom a child tells what happens; ``patience``: seconds an answer may take."""

    patience: float

    def joined(self, child: Child) -> None:
        """A line is there, though nobody may be at its end yet."""
        ...

    def came_up(self) -> None:
        """A child can work."""
        ...

    def answered(self, job: Job, index: int, answer: bytes) -> None:
        """One text has been looked at."""
        ...

    def dispatch(self) -> None:
        """A child is free."""
        ...

    def kill(self, pid: int) -> None:
        """The child ``pid`` does not answer; 0 where none came up at all."""
        ...

    def lost(self, child: Child) -> None:
        """The line is gone, and with it what was not answered."""
        ...


class Child(asyncio.Protocol):
    """One forked child: at most one frame under way, answered text by text, in order."""

    def __init__(self, owner: Owner) -> None:
        self._owner = owner
        self._buffer = bytearray()
        self._timer: asyncio.TimerHandle | None = None
        self._transport: asyncio.Transport | None = None
        self.pid = 0
        self.frame: deque[Turn] = deque()
        self.long = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begins to wait for the child to say its id."""
        self._transport = cast("asyncio.Transport", transport)  # uvloop's are no subclass
        self._wind(_START_LIMIT)
        self._owner.joined(self)

    def send(self, frame: Sequence[Turn], *, long: bool) -> None:
        """Writes the texts of ``frame``; only to a child that has none."""
        assert self._transport is not None
        self.long = long
        self.frame.extend(frame)
        parts: list[bytes] = []
        for job, index in frame:
            text = job.texts[index]
            parts += LENGTH.pack(len(text)), text
        self._transport.write(b"".join(parts))
        self._wind(self._owner.patience)

    def data_received(self, data: bytes) -> None:
        """Takes the id, then answers; asks for more texts once the frame is answered."""
        self._buffer += data
        if not self.pid and len(self._buffer) >= LENGTH.size:
            (self.pid,) = LENGTH.unpack_from(self._buffer)
            del self._buffer[: LENGTH.size]
            self._owner.came_up()
        while self.frame and (answer := self._take()) is not None:
            job, index = self.frame.popleft()
            self._owner.answered(job, index, answer)
        self._wind(self._owner.patience if self.frame else 0)
        if not self.frame:
            self._owner.dispatch()

    def _take(self) -> bytes | None:
        if len(self._buffer) < LENGTH.size:
            return None
        end = LENGTH.size + LENGTH.unpack_from(self._buffer)[0] * FINDING.size
        if len(self._buffer) < end:
            return None
        answer = bytes(self._buffer[LENGTH.size : end])
        del self._buffer[:end]
        return answer

    def _wind(self, seconds: float) -> None:
        if self._timer is not None:
            self._timer.cancel()
        loop = asyncio.get_running_loop()
        self._timer = loop.call_later(seconds, self._overrun) if seconds else None

    def _overrun(self) -> None:
        """The kernel should have ended it long ago: it starves, or it is stopped."""
        self._owner.kill(self.pid)
        self.close()

    def close(self) -> None:
        """Hangs up; a child that still works is ended by its budget."""
        assert self._transport is not None
        self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Tells the owner what is left unanswered in ``frame``."""
        del exc  # however it ended, what it left unanswered was not inspected
        if self._timer is not None:
            self._timer.cancel()
        self._owner.lost(self)
