"""The router's side of the worker: hands texts out fairly, takes answers, replaces the dead.

Short texts go out in a frame with others that wait, long ones alone, one frame at a time per
child; requests take turns text by text, and one child is kept free of long texts, so that a
hostile one holds up its own kind only. When a child dies, the first text it left unanswered is to
blame: that request is refused, and its neighbours in the frame are given to another child.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from router.privacy.engine.child import Child
from router.privacy.engine.turns import Job, Turns
from router.privacy.engine.worker import COMMAND, FORK, KILL
from router.privacy.unavailable import PrivacyUnavailableError
from router.telemetry.logs import where

if TYPE_CHECKING:
    from collections.abc import Sequence

_log = logging.getLogger(__name__)

_FRAME_TEXTS: Final = 16
_SHORT: Final = 2 << 10
_ENVIRONMENT: Final = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "VIRTUAL_ENV")


@dataclass(frozen=True, slots=True)
class CrewOptions:
    """``budget``: CPU seconds a text may cost; ``patience``: seconds a frame or a wait may last.

    ``backlog`` is how many bytes of text may wait before new ones are refused.
    """

    names: str
    entities: tuple[str, ...]
    threshold: float
    children: int = 2
    budget: float = 1.0
    patience: float = 10.0
    backlog: int = 8 << 20


class Crew:
    """Keeps ``options.children`` children alive and spreads texts over them."""

    def __init__(self, options: CrewOptions) -> None:
        self.options = options
        self._children: set[Child] = set()
        self._short = Turns()
        self._long = Turns()
        self._queued = 0
        self._vacancy = asyncio.Event()
        self.patience = options.patience
        self.loaded = asyncio.Event()
        """Set once the first child can work."""
        self._keeper: asyncio.Task[None] | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._control: socket.socket | None = None

    @property
    def ready(self) -> bool:
        """Whether a child is there to answer."""
        return any(child.pid for child in self._children)

    def start(self) -> None:
        """Begins to load; returns at once."""
        self._keeper = asyncio.get_running_loop().create_task(self._keep())

    async def stop(self) -> None:
        """Ends the children and their nursery; what still waits is refused."""
        if self._keeper is None:
            return
        self._keeper.cancel()
        with suppress(asyncio.CancelledError):
            await self._keeper
        self._keeper = None
        for child in tuple(self._children):
            child.close()
        await self._bury()

    async def run(self, texts: Sequence[bytes]) -> list[bytes]:
        """The findings in each of ``texts``, packed as the worker packs them.

        Raises PrivacyUnavailableError when there is a text that nobody answered for.
        """
        size = sum(map(len, texts))
        if self._queued + size > self.options.backlog:
            raise PrivacyUnavailableError("overloaded")
        job = Job(texts, asyncio.get_running_loop().create_future())
        self._short.add(job, [i for i, text in enumerate(texts) if len(text) <= _SHORT])
        self._long.add(job, [i for i, text in enumerate(texts) if len(text) > _SHORT])
        self._queued += size
        try:
            self.dispatch()
            # A long text is many short ones: 40 µs a byte is what dense ones take, waits included.
            async with asyncio.timeout(self.options.patience + size * 40e-6):
                await job.done
        except TimeoutError:
            raise PrivacyUnavailableError("timeout" if self.ready else "loading") from None
        finally:
            self._queued -= size
        return job.answers

    def dispatch(self) -> None:
        """Gives what waits to the children that are free."""
        free = [child for child in self._children if child.pid and not child.frame]
        running = sum(1 for child in self._children if child.frame and child.long)
        while free:
            long = self._long.waiting > 0 and running < max(1, self.options.children - 1)
            if long:
                frame = self._long.take(1)
            elif self._short.waiting:
                share = -(-self._short.waiting // len(free))
                frame = self._short.take(min(share, _FRAME_TEXTS))
            else:
                return
            if frame:  # else all that waited had been given up
                free.pop().send(frame, long=long)
                running += long

    def came_up(self) -> None:
        """A child can work: so can all that wait to begin."""
        self.loaded.set()

    def answered(self, job: Job, index: int, answer: bytes) -> None:
        """Takes one answer; the last one ends the job."""
        job.answers[index] = answer
        job.left -= 1
        if job.left == 0 and not job.done.done():
            job.done.set_result(None)

    def joined(self, child: Child) -> None:
        """A child has a line to the router; it says its id once it can work."""
        self._children.add(child)

    def lost(self, child: Child) -> None:
        """A child is gone: refuses the request that ended it, hands its neighbours on."""
        self._children.discard(child)
        self._vacancy.set()
        if child.frame:
            culprit, _index = child.frame.popleft()
            if not culprit.done.done():
                culprit.done.set_exception(PrivacyUnavailableError("overrun"))
        for turn in reversed(child.frame):
            self._short.put_back(turn)  # a long text has no neighbours
        self.dispatch()

    def kill(self, pid: int) -> None:
        """Ends the child ``pid``, or the nursery where no child came up at all."""
        if self._process is None or self._control is None:
            return
        if pid:
            with suppress(OSError):  # the nursery is gone, and its children with it
                self._control.send(COMMAND.pack(KILL, pid))
        elif self._process.returncode is None:
            self._process.kill()

    async def _keep(self) -> None:
        """Starts the nursery, fills vacancies, and begins anew when the nursery has ended."""
        pause = 0.5
        while True:
            try:
                await self._launch()
                while await self._fill():
                    await self._vacancy.wait()
                    self._vacancy.clear()
                    pause = 0.5 if self.ready else pause
            except OSError as error:  # no file or no memory left for it, for now
                _log.error("no process for the language model: %s", where(error))
            await self._bury()
            await asyncio.sleep(pause)
            pause = min(pause * 2, 30.0)

    async def _fill(self) -> bool:
        """Brings the children up to number; False when the nursery is gone."""
        while len(self._children) < self.options.children:
            if not await self._hire():
                return False
        return True

    async def _launch(self) -> None:
        self._control, theirs = socket.socketpair()
        self._control.setblocking(False)  # noqa: FBT003  # the socket module's own signature
        options = self.options
        arguments = {
            "names": options.names,
            "entities": options.entities,
            "threshold": options.threshold,
            "budget": options.budget,
        }
        with theirs:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable,
                *(
                    "-m",
                    "router.privacy.engine.worker",
                    str(theirs.fileno()),
                    json.dumps(arguments),
                ),
                stdin=asyncio.subprocess.DEVNULL,
                stdout=asyncio.subprocess.DEVNULL,
                env=_environment(),
                pass_fds=(theirs.fileno(),),
                start_new_session=True,  # Ctrl-C is the router's to handle: it drains first
            )

    async def _hire(self) -> bool:
        """Asks the nursery for one more child; False when it is gone."""
        assert self._control is not None
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                socket.send_fds(self._control, [COMMAND.pack(FORK, 0)], [theirs.fileno()])
            except OSError:
                ours.close()
                return False
        loop = asyncio.get_running_loop()
        await loop.create_unix_connection(lambda: Child(self), sock=ours)
        return True

    async def _bury(self) -> None:
        """Lets the nursery go: it ends its children, then itself, when its socket closes."""
        if self._control is not None:
            self._control.close()
            self._control = None
        if self._process is None:
            return
        try:
            async with asyncio.timeout(1.0):
                await self._process.wait()
        except TimeoutError:
            self._process.kill()
            await self._process.wait()
        self._process = None


def _environment() -> dict[str, str]:
    """What the worker needs to find its modules, and none of the router's secrets."""
    kept = {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ}
    kept["PYTHONPATH"] = os.pathsep.join(entry for entry in sys.path if entry)
    kept["OPENBLAS_NUM_THREADS"] = kept["OMP_NUM_THREADS"] = "1"  # threads do not survive a fork
    return kept
