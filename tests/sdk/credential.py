"""A hop that adds a credential to every request, for clients that can send none."""

from __future__ import annotations

import asyncio
import re
import threading
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)\r\n", re.IGNORECASE)


@contextmanager
def with_bearer(port: int, credential: str) -> Iterator[int]:
    """A port of this machine before ``port``, behind which each request has one line more.

    Bodies must tell their length.
    """
    hop = _Hop(port, credential)
    thread = threading.Thread(target=asyncio.run, args=(hop.run(),))
    thread.start()
    listening, loop, ended = hop.started.result(10)
    try:
        yield listening
    finally:
        loop.call_soon_threadsafe(ended.set)
        thread.join(10)
        assert not thread.is_alive()


class _Hop:
    def __init__(self, port: int, credential: str) -> None:
        self.started: Future[tuple[int, asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._port = port
        self._line = f"\r\nAuthorization: Bearer {credential}\r\n".encode()
        self._clients: set[asyncio.Task[None]] = set()

    async def run(self) -> None:
        ended = asyncio.Event()
        server = await asyncio.start_server(self._accept, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        self.started.set_result((port, asyncio.get_running_loop(), ended))
        await ended.wait()
        server.close()
        for client in self._clients:
            client.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        # A task of ours: the one that a coroutine would get is nobody's, and reports being ended.
        client = asyncio.create_task(self._serve(reader, writer))
        self._clients.add(client)
        client.add_done_callback(self._clients.discard)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        behind_reader, behind_writer = await asyncio.open_connection("127.0.0.1", self._port)
        answers = asyncio.create_task(_copy(behind_reader, writer))
        try:
            with suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    behind_writer.write(await self._request(reader))
        finally:
            answers.cancel()
            behind_writer.close()
            writer.close()

    async def _request(self, reader: asyncio.StreamReader) -> bytes:
        first, _, rest = (await reader.readuntil(b"\r\n\r\n")).partition(b"\r\n")
        length = _LENGTH.search(b"\r\n" + rest)
        body = await reader.readexactly(int(length[1]) if length else 0)
        return first + self._line + rest + body


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while data := await reader.read(65536):
            writer.write(data)
    writer.close()
