"""A server on a free port that says exactly the bytes a test wants."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable

OK = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi"


class Peer:
    """One accepted connection; ``number`` counts from 0."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int
    ) -> None:
        self.reader = reader
        self.writer = writer
        self.number = number
        self.gone = asyncio.Event()

    async def head(self) -> bytes:
        return await self.reader.readuntil(b"\r\n\r\n")

    async def request(self) -> tuple[bytes, bytes]:
        """A head and its body, sized or chunked."""
        head = await self.head()
        if b"transfer-encoding: chunked" in head:
            return head, await self._chunks()
        for line in head.split(b"\r\n"):
            if line.startswith(b"content-length: "):
                return head, await self.reader.readexactly(int(line[16:]))
        return head, b""

    async def _chunks(self) -> bytes:
        body = b""
        while size := int(await self.reader.readline(), 16):
            body += await self.reader.readexactly(size)
            assert await self.reader.readexactly(2) == b"\r\n"
        assert await self.reader.readexactly(2) == b"\r\n"
        return body

    async def say(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def left(self) -> None:
        """Waits until the other side has closed; what it still said is thrown away."""
        with contextlib.suppress(ConnectionError):
            while await self.reader.read(65536):
                pass

    def reset(self) -> None:
        """Closes with a RST, whatever was read."""
        fileno = socket.dup(self.writer.get_extra_info("socket").fileno())
        with socket.socket(fileno=fileno) as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.writer.transport.abort()


class Origin:
    """Plays ``play`` on every connection; ends it when ``play`` returns."""

    def __init__(self, play: Callable[[Peer], Awaitable[None]]) -> None:
        self._play = play
        self._tasks: set[asyncio.Task[None]] = set()
        self.peers: list[Peer] = []
        self.errors: list[BaseException] = []

    async def start(self, ssl: ssl.SSLContext | None = None) -> None:
        self.scheme = "https" if ssl else "http"
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", 0, ssl=ssl)
        self.port = self._server.sockets[0].getsockname()[1]

    @property
    def url(self) -> str:
        host = "localhost" if self.scheme == "https" else "127.0.0.1"
        return f"{self.scheme}://{host}:{self.port}"

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        peer = Peer(reader, writer, len(self.peers))
        self.peers.append(peer)
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._play(peer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the router left, or the test is over
        except Exception as error:  # noqa: BLE001 -- told when the test ends
            self.errors.append(error)
        finally:
            peer.gone.set()
            writer.close()
            with contextlib.suppress(Exception, asyncio.CancelledError):
                await writer.wait_closed()
            self._tasks.discard(task)

    async def stop(self) -> None:
        self._server.close()
        for task in tuple(self._tasks):
            task.cancel()
        if self._tasks:
            await asyncio.wait(tuple(self._tasks))
        assert not self.errors, self.errors


async def forever(peer: Peer) -> None:
    """Answers every request with OK, keeping the connection."""
    while True:
        await peer.request()
        await peer.say(OK)
