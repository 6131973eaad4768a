"""A real uvicorn server with our protocol, and a caller who speaks raw bytes."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
import uvloop

from router.downstream.limits import ProtocolLimits
from router.downstream.protocol import http_protocol

Fields = dict[bytes, bytes]


def pytest_asyncio_loop_factories(config: Any, item: Any) -> Any:
    """Both loops: their transports differ exactly where this protocol leans on them."""
    return {"uvloop": uvloop.new_event_loop, "asyncio": asyncio.new_event_loop}


class Caller:
    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def until(self, separator: bytes) -> bytes:
        return await asyncio.wait_for(self.reader.readuntil(separator), 5)

    async def head(self) -> tuple[int, Fields]:
        lines = (await self.until(b"\r\n\r\n"))[:-4].split(b"\r\n")
        pairs = [line.split(b": ", 1) for line in lines[1:]]
        fields = {name.lower(): value for name, value in pairs}
        assert len(fields) == len(pairs), "no field stands twice"
        return int(lines[0].split(b" ")[1]), fields

    async def answer(self) -> tuple[int, Fields, bytes]:
        status, fields = await self.head()
        if b"content-length" in fields:
            assert b"transfer-encoding" not in fields
            size = int(fields[b"content-length"])
            return status, fields, await asyncio.wait_for(self.reader.readexactly(size), 5)
        if b"transfer-encoding" in fields:
            return status, fields, await self.chunks()
        return status, fields, b""

    async def chunks(self) -> bytes:
        body = b""
        while size := int(await self.until(b"\r\n"), 16):
            body += (await self.reader.readexactly(size + 2))[:-2]
        assert await self.reader.readexactly(2) == b"\r\n"
        return body

    async def rest(self) -> bytes:
        """Everything up to the end of the stream, however it ends."""
        data = b""
        with contextlib.suppress(ConnectionResetError):
            while piece := await asyncio.wait_for(self.reader.read(65536), 5):
                data += piece
        return data

    def leave(self) -> None:
        self.writer.close()

    def reset(self) -> None:
        self.writer.transport.abort()


@dataclass
class Running:
    server: uvicorn.Server
    port: int
    rejected: list[tuple[int, str]] = field(default_factory=list)
    callers: list[Caller] = field(default_factory=list)

    async def call(self, data: bytes = b"", **options: Any) -> Caller:
        caller = Caller(*await asyncio.open_connection("127.0.0.1", self.port, **options))
        self.callers.append(caller)
        if data:
            caller.send(data)
        return caller

    @property
    def connections(self) -> list[Any]:
        return list(self.server.server_state.connections)


Serve = Callable[..., Any]


@pytest.fixture
async def serve() -> AsyncIterator[Serve]:
    stack = contextlib.AsyncExitStack()

    async def start(app: Any, limits: ProtocolLimits | None = None, **options: Any) -> Running:
        return await stack.enter_async_context(running(app, limits or ProtocolLimits(), **options))

    async with stack:
        yield start


@contextlib.asynccontextmanager
async def running(app: Any, limits: ProtocolLimits, **options: Any) -> AsyncIterator[Running]:
    rejected: list[tuple[int, str]] = []
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(
        app,
        http=http_protocol(limits, lambda error, *_: rejected.append((error.status, error.code))),  # type: ignore[arg-type]
        lifespan="off",
        server_header=False,
        date_header=False,
        access_log=False,
        log_config=None,
        ws="none",
        **options,
    )
    config.load()
    server = uvicorn.Server(config)
    server.lifespan = config.lifespan_class(config)
    await server.startup(sockets=[listener])
    here = Running(server, listener.getsockname()[1], rejected)
    try:
        yield here
    finally:
        for caller in here.callers:
            caller.reset()
        for listening in server.servers:
            listening.close()
        await eventually(lambda: not server.server_state.connections)
        await eventually(lambda: not server.server_state.tasks)


async def eventually(condition: Callable[[], bool], seconds: float = 5) -> float:
    """Waits until ``condition`` holds; the seconds it took."""
    loop = asyncio.get_running_loop()
    began = loop.time()
    while not condition():
        assert loop.time() - began < seconds, "the condition never held"
        await asyncio.sleep(0.002)
    return loop.time() - began


async def read_body(receive: Any) -> bytes:
    body = b""
    while True:
        message = await receive()
        assert message["type"] == "http.request"
        piece: bytes = message["body"]
        body += piece
        if not message["more_body"]:
            return body


async def respond(
    send: Any, body: bytes = b"", status: int = 200, *fields: tuple[bytes, bytes]
) -> None:
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": status, "headers": [length, *fields]})
    await send({"type": "http.response.body", "body": body})


async def echo(scope: Any, receive: Any, send: Any) -> None:
    body = await read_body(receive)
    target = scope["raw_path"] + b"?" + scope["query_string"]
    await respond(send, scope["method"].encode() + b" " + target + b" " + body)
