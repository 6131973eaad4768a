"""One request and its answer: what the application reads and writes, or ASGI's messages of it."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Iterable
from typing import Protocol

from router.downstream.answer import CONTINUE, Answer, AnswerError
from router.downstream.asgi import AnswerCut, Message, Receive, Scope, Send
from router.downstream.head import Head
from router.downstream.outlet import Outlet

_SLICE = 65536

logger = logging.getLogger("router.downstream")


class App(Protocol):
    """An ASGI 3 application."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send, /) -> None:
        """Answers one request."""
        ...


class Wire(Protocol):
    """What a cycle needs of its connection."""

    outlet: Outlet

    def answer_context(self) -> tuple[bytes, list[tuple[bytes, bytes]]]:
        """The Date field's value, and fields the operator wants on every answer."""
        ...

    def can_stay(self) -> bool:
        """Whether the connection can serve another request after an answer begun now."""
        ...

    def body_taken(self) -> None:
        """The application has read what there was."""
        ...

    def finished(self, cycle: Cycle) -> None:
        """The answer is complete."""
        ...

    def failed(self, cycle: Cycle) -> None:
        """The answer is not complete, and never will be."""
        ...


class Cycle:
    """The life of one request; stands in the scope as ``extensions["router"]``.

    ``disconnected``: the caller is gone, or was cut off because its body was malformed or too
    slow; set before the task is cancelled. ``refused``: the status such a caller was told, else 0.
    ``begun``: the application knows of the request, and accounts for it.
    """

    __slots__ = (
        "_body_told",
        "_held",
        "_news",
        "_outlet",
        "_pieces",
        "_tasks",
        "_wire",
        "answer",
        "begun",
        "body_done",
        "complete",
        "disconnected",
        "expects_continue",
        "head",
        "refused",
        "started",
        "task",
        "unread",
    )

    def __init__(self, wire: Wire, answer: Answer, head: Head) -> None:
        self.answer = answer
        self.head = head
        self.begun = False
        self.body_done = False
        self.complete = False
        self.disconnected = False
        self.expects_continue = head.expects_continue
        self.refused = 0
        self.started = False
        self.task: asyncio.Task[None] | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        self.unread = 0
        self._body_told = False
        self._held = b""
        self._news: asyncio.Event | None = None
        self._pieces: list[bytes] = []
        self._outlet = wire.outlet
        self._wire = wire

    def follow(self, task: asyncio.Task[None], tasks: set[asyncio.Task[None]]) -> None:
        """``task`` runs this; while it does it is among ``tasks``, where the server keeps them."""
        self.task = task
        self._tasks = tasks
        tasks.add(task)

    def feed(self, data: bytes, *, done: bool) -> None:
        """Adds what has come of the body; ``done``: that was all."""
        if data:
            self._pieces.append(data)
            self.unread += len(data)
        self.body_done = done
        self._tell()

    def cut(self, refused: int = 0) -> None:
        """Ends the application's work: nobody waits for it any more."""
        self.disconnected = True
        self.refused = refused
        self._pieces.clear()
        self._tell()
        if self.task is not None:
            self.task.cancel()
            if not self.begun:  # it never will be, and cannot say that it ended
                self._tasks.discard(self.task)

    async def run(self, app: App, scope: Scope) -> None:
        """Lets ``app`` answer; whatever it does, the caller never takes half for whole."""
        self.begun = True
        try:
            await app(scope, self.receive, self.send)
        except AnswerCut:
            self._fail()
        except asyncio.CancelledError:
            self._fail()
            raise
        except Exception as error:  # noqa: BLE001  the application may raise anything
            if not self.disconnected:
                _log_failure(error)
            self._fail()
        else:
            if not (self.complete or self.disconnected):
                logger.error("the application returned without a complete answer")
                self._fail()
        finally:
            # Not by a callback of the task, which would cost a turn of the loop.
            if self.task is not None:
                self._tasks.discard(self.task)

    async def receive(self) -> Message:
        """ASGI ``receive``: the body as it comes, then ``http.disconnect`` once all is over."""
        piece = None if self._body_told else await self.read()
        if piece is None or self.disconnected or self.complete:
            while not (self.disconnected or self.complete):
                await self._wait()
            return {"type": "http.disconnect"}
        self._body_told = self.body_done
        return {"type": "http.request", "body": piece, "more_body": not self.body_done}

    async def read(self) -> bytes | None:
        """The next piece of the request's body, b"" at its end; None where the end cannot come."""
        while not (self.disconnected or self.complete):
            if self.unread:
                return self.take()
            if self.body_done:
                return b""
            if self.expects_continue and not self.started:
                self.expects_continue = False
                self._outlet.write(CONTINUE)
            await self._wait()
        return b"" if self.body_done and not self.unread else None

    def take(self) -> bytes:
        """What has come of the body and was not taken yet."""
        pieces = self._pieces
        body = pieces[0] if len(pieces) == 1 else b"".join(pieces)
        pieces.clear()
        self.unread = 0
        self._wire.body_taken()
        return body

    async def send(self, message: Message) -> None:
        """ASGI ``send``. Waits while the caller does not read; OSError once it is gone."""
        kind = message["type"]
        if kind == "http.response.body":
            await self.write(message.get("body", b""), last=not message.get("more_body", False))
        elif kind == "http.response.start":
            await self.start(message["status"], message.get("headers", ()))
        else:
            raise AnswerError(f"{kind} is no message of this server.")

    async def start(self, status: int, fields: Iterable[tuple[bytes, bytes]]) -> None:
        """Sends the answer's head, together with what follows in the same turn of the loop."""
        if self._outlet.write_paused or self.disconnected:
            await self._writable()
        self._held = self._head(status, fields)
        self._outlet.at_turns_end(self.flush)

    async def write(self, body: bytes, *, last: bool) -> None:
        """Sends a piece of the answer's body; slice by slice, so that much is never held."""
        if self._outlet.write_paused or self.disconnected:
            await self._writable()
        if len(body) <= _SLICE:
            self._send_piece(body, last=last)
            return
        for begin in range(0, len(body), _SLICE):
            if begin:
                await self._writable()
            end = begin + _SLICE
            self._send_piece(body[begin:end], last=last and end >= len(body))

    async def respond(
        self, status: int, fields: Iterable[tuple[bytes, bytes]], body: bytes
    ) -> None:
        """Sends a whole answer."""
        if self._outlet.write_paused or self.disconnected:
            await self._writable()
        self._held = self._head(status, fields)
        await self.write(body, last=True)

    def flush(self) -> None:
        """Sends a head that no body has followed within the same turn of the loop."""
        if self._held and not self.disconnected:
            self._outlet.write(self._held)
            self._outlet.flush()
            self._held = b""

    def recall(self) -> bool:
        """Takes back a head that has not left yet, so that another can be sent; whether it could.

        The body came with a fault in the same turn of the loop: better a whole refusal than a
        connection that closes without a word, which clients take for a stale one and ask again.
        """
        if self.complete or (self.started and not self._held):
            return False
        self._held = b""
        self.started = False
        self.answer = self.answer.anew()
        return True

    def _fail(self) -> None:
        if not (self.complete or self.disconnected):
            self._held = b""
            self._wire.failed(self)

    async def _writable(self) -> None:
        if self._outlet.write_paused:
            await self._outlet.writable()
        if self.disconnected:
            raise ConnectionResetError("the caller is gone")

    def _head(self, status: int, fields: Iterable[tuple[bytes, bytes]]) -> bytes:
        if self.started:
            raise AnswerError("The answer was started twice.")
        wire, answer = self._wire, self.answer
        answer.keep_alive = answer.keep_alive and wire.can_stay()
        date, defaults = wire.answer_context()
        if defaults:
            fields = [*defaults, *fields]
        try:
            head = answer.start(status, fields, date)
        except AnswerError:
            self.answer = answer.anew()  # what was read of the fields is not of the next answer
            raise
        self.started = True
        return head

    def _send_piece(self, body: bytes, *, last: bool) -> None:
        if not self.started or self.complete:
            raise AnswerError("A body was sent before its head, or after its end.")
        data = self._held + self.answer.body(body, last=last)
        self._held = b""
        if data:
            self._outlet.write(data)
        if last:
            self.complete = True
            self._tell()
            self._wire.finished(self)

    async def _wait(self) -> None:
        if self._news is None:
            self._news = asyncio.Event()
        self._news.clear()
        await self._news.wait()

    def _tell(self) -> None:
        if self._news is not None:
            self._news.set()


def _log_failure(error: Exception) -> None:
    """The kind of error and where it was raised; never its text, which may quote a request."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"
    logger.error("the application failed: %s at %s", type(error).__name__, place)
