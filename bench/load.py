"""A closed-loop client: N keep-alive connections, each asking again as soon as it is answered."""

from __future__ import annotations

import asyncio
import time
from typing import cast

import uvloop


class Client(asyncio.Protocol):
    """One connection; reads answers by Content-Length or by the last chunk."""

    def __init__(self, request: bytes, times: list[float], until: float) -> None:
        self.request, self.times, self.until = request, times, until
        self.done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.pending = b""
        self.failures = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are not asyncio's by inheritance.
        self.transport = cast("asyncio.Transport", transport)
        self.ask()

    def ask(self) -> None:
        self.began = time.perf_counter()
        self.transport.write(self.request)

    def data_received(self, data: bytes) -> None:
        self.pending += data
        if not self.complete():
            return
        self.times.append(time.perf_counter() - self.began)
        self.failures += self.pending[9:12] != b"200"
        self.pending = b""
        if self.began < self.until:
            self.ask()
        else:
            self.transport.close()

    def complete(self) -> bool:
        head, found, body = self.pending.partition(b"\r\n\r\n")
        if not found:
            return False
        at = head.lower().find(b"content-length:")
        if at < 0:
            return body.endswith(b"0\r\n\r\n")
        return len(body) >= int(head[at + 15 :].split(b"\r\n", 1)[0])

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.done.done():
            self.done.set_result(None)


async def _run(port: int, request: bytes, connections: int, seconds: float) -> Result:
    loop = asyncio.get_running_loop()
    times: list[float] = []
    until = time.perf_counter() + seconds
    clients = [
        (await loop.create_connection(lambda: Client(request, times, until), "127.0.0.1", port))[1]
        for _ in range(connections)
    ]
    await asyncio.gather(*(client.done for client in clients))
    return times, sum(client.failures for client in clients)


Result = tuple[list[float], int]


def run(port: int, request: bytes, connections: int, seconds: float) -> Result:
    """Seconds each answer took, and how many were not 200."""
    return uvloop.run(_run(port, request, connections, seconds))
