"""A caller who speaks raw bytes, and an origin that notes every byte it is sent."""

from __future__ import annotations

import contextlib
import json
import re
import socket
import time
from asyncio import IncompleteReadError
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from router.testing import Received, answer

if TYPE_CHECKING:
    import asyncio

    from router.testing import Handler
    from tests.world import World

ROUTES = ("open", "signed-in", "owned")
"""A public route, an authenticated one, and one whose upstream is told all about its caller."""

PATHS = {"open": "/up", "signed-in": "/in", "owned": "/owned"}
"""Where each of them leads."""

SMUGGLED = (
    b"POST /lanonasis/api/open/smuggled HTTP/1.1\r\nHost: router\r\nContent-Length: 0\r\n\r\n"
)
"""A request that reaches the origin if anybody takes it for one."""

POST = b"POST <P> HTTP/1.1\r\n<H>"
GET = b"GET <P> HTTP/1.1\r\n<H>"
CHUNKED = POST + b"Transfer-Encoding: chunked\r\n\r\n"
END = b"\r\n0\r\n\r\n"

_MEMBERS = {"type", "title", "status", "detail", "code", "request_id", "error", "details"}
_FIELD = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+: ?[^\x00\r\n]*")
_INNER_WORDS = ("127.0.0.1", "localhost", "Traceback", ".py", "openai")


def sized(body: bytes, head: bytes = POST) -> bytes:
    return head + b"Content-Length: %d\r\n\r\n" % len(body) + body


def chunked(body: bytes, head: bytes = POST) -> bytes:
    return head + b"Transfer-Encoding: chunked\r\n\r\n%x\r\n" % len(body) + body + END


FRAMINGS = {"sized": sized, "chunked": chunked}


@dataclass(frozen=True, slots=True)
class Answer:
    """One whole final answer."""

    status: int
    fields: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for one, value in self.fields if one.lower() == name]

    def one(self, name: str) -> str | None:
        values = self.all(name)
        assert len(values) <= 1, f"{name} stands {len(values)} times"
        return values[0] if values else None

    @property
    def closes(self) -> bool:
        return self.one("connection") == "close"


class Caller:
    """One connection to the router; reads answers strictly."""

    def __init__(self, sock: socket.socket) -> None:
        self.sock = sock
        self.interim: list[int] = []
        self._buffer = b""

    def send(self, data: bytes) -> None:
        """Sends ``data``, or as much of it as the router still takes."""
        with contextlib.suppress(ConnectionError):
            self.sock.sendall(data)

    def answer(self, method: str = "POST") -> Answer:
        """The next final answer; AssertionError where it is not whole or not well-formed."""
        while (found := self._head())[0] < 200:
            self.interim.append(found[0])
        status, fields = found
        told = Answer(status, fields, b"")
        if method == "HEAD" or status in (204, 304):
            return told
        length, coding = told.one("content-length"), told.one("transfer-encoding")
        assert length is None or coding is None, "two framings at once"
        if coding is not None:
            return Answer(status, fields, self._chunks())
        if length is not None:
            return Answer(status, fields, self._take(int(length)))
        return Answer(status, fields, self.rest())

    def rest(self) -> bytes:
        """Everything up to the end of the stream; TimeoutError where it does not come."""
        with contextlib.suppress(ConnectionResetError):
            while self._more():
                pass
        data, self._buffer = self._buffer, b""
        return data

    def ended(self) -> bool:
        """Whether the router has closed and left nothing behind the answers read."""
        try:
            return self.rest() == b""
        except TimeoutError:
            return False

    def _head(self) -> tuple[int, list[tuple[str, str]]]:
        start, *lines = self._until(b"\r\n\r\n").split(b"\r\n")
        assert re.fullmatch(rb"HTTP/1\.1 [1-9][0-9]{2} [\x20-\x7e]*", start), start
        assert all(_FIELD.fullmatch(line) for line in lines), lines
        pairs = [line.decode("latin-1").split(":", 1) for line in lines]
        return int(start[9:12]), [(name, value.strip()) for name, value in pairs]

    def _chunks(self) -> bytes:
        body = b""
        while size := int(self._until(b"\r\n"), 16):
            body += self._take(size)
            assert self._take(2) == b"\r\n"
        assert self._take(2) == b"\r\n", "no trailers are sent"
        return body

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._buffer:
            assert self._more(), f"ended in the middle: {self._buffer!r}"
        data, _, self._buffer = self._buffer.partition(mark)
        return data

    def _take(self, size: int) -> bytes:
        while len(self._buffer) < size:
            assert self._more(), "ended in the middle of a body"
        data, self._buffer = self._buffer[:size], self._buffer[size:]
        return data

    def _more(self) -> bool:
        piece = self.sock.recv(65536)
        self._buffer += piece
        return bool(piece)


@contextlib.contextmanager
def calling(here: World, data: bytes = b"", timeout: float = 5) -> Iterator[Caller]:
    """A connection on which ``data`` was sent."""
    with here.connect(timeout) as sock:
        caller = Caller(sock)
        caller.send(data)
        yield caller


def ask(here: World, raw: bytes, method: str = "POST") -> Answer:
    """The answer to one request on a connection of its own."""
    with calling(here, raw) as caller:
        return caller.answer(method)


def witness(here: World) -> None:
    """A good request after a bad one: served as ever, whatever is left on pooled connections."""
    raw = (
        b"POST /lanonasis/api/open/witness HTTP/1.1\r\nHost: router\r\nContent-Length: 2\r\n\r\nok"
    )
    good = ask(here, raw)
    assert (good.status, good.body) == (200, b'"witness"')
    last = here.origin.requests[-1]
    assert (last.target, last.body, last.complete) == ("/up/witness", b"ok", True)


@contextlib.contextmanager
def arrivals(here: World) -> Iterator[list[Received]]:
    """What reaches the origin meanwhile, told once the block has ended; then a witness."""
    before, reached = len(here.origin.requests), list[Received]()
    yield reached
    witness(here)
    reached += here.origin.requests[before:-1]


def assert_problem(answer: Answer, *statuses: int) -> dict[str, object]:
    """One of ``statuses``, as interface.md says an error is told; gives its body."""
    assert answer.status in statuses, (answer.status, answer.body)
    assert answer.one("content-type") == "application/problem+json"
    assert answer.one("x-content-type-options") == "nosniff"
    assert answer.one("date")
    text = answer.body.decode()
    problem: dict[str, object] = json.loads(text)
    assert set(problem) >= _MEMBERS
    assert problem["status"] == answer.status
    assert (problem["error"], problem["details"]) == (problem["title"], problem["detail"])
    assert problem["request_id"] == answer.one("x-request-id")
    assert not [word for word in _INNER_WORDS if word in text.lower()]
    return problem


def refuse(here: World, raw: bytes, *statuses: int) -> None:
    """``raw`` is answered once by one of ``statuses``; the connection ends, nothing goes on."""
    with arrivals(here) as reached, calling(here, raw + SMUGGLED) as caller:
        told = caller.answer()
        assert_problem(told, *statuses)
        assert told.closes
        assert caller.ended(), "what follows is not answered"
    assert reached == []


def lines(request: Received) -> list[str]:
    """The field lines as the origin got them, trailers among them."""
    return [f"{name}: {value}" for name, value in request.fields]


def serving(here: World, reply: bytes | None = None, *, close: bool = False) -> Handler:
    """Reads each request whole, trailers too, and answers ``reply``; witnesses as ever."""

    async def handle(
        request: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await read_whole(request, reader)
        if request.target == "/up/witness":
            writer.write(answer(b'"witness"'))
        else:
            writer.write(here.origin.reply if reply is None else reply)
            if close:
                writer.close()
        if not writer.is_closing():
            await writer.drain()

    return handle


async def read_whole(request: Received, reader: asyncio.StreamReader) -> None:
    """Reads the rest of ``request``; its trailers become fields called ``trailer!…``."""
    if (request.one("transfer-encoding") or "").lower() == "chunked":
        while size := int(await _line(reader), 16):
            request.body += await reader.readexactly(size)
            assert await reader.readexactly(2) == b"\r\n"
        while trailer := await _line(reader):
            request.fields.append(("trailer!", trailer.decode("latin-1")))
    elif length := int(request.one("content-length") or 0):
        request.body = await reader.readexactly(length)
    request.complete = True


async def _line(reader: asyncio.StreamReader) -> bytes:
    line = await reader.readline()
    if not line.endswith(b"\r\n"):
        raise IncompleteReadError(line, None)
    return line[:-2]


def until(condition: Callable[[], object], seconds: float = 3) -> None:
    """Waits for ``condition``; AssertionError where it never holds."""
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "the condition never held"
        time.sleep(0.001)
