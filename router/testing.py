"""A harness for tests of plugins and of the router: real servers on real sockets, in threads.

::

    with Origin() as origin, running(CONFIG, {"ORIGIN": origin.url}) as router:
        answer = httpx.post(f"{router.url}/lanonasis/api/echo", json={"a": 1})
        assert origin.requests[-1].body == b'{"a": 1}'
"""

from __future__ import annotations

import asyncio
import contextlib
import io
import threading
from collections.abc import Awaitable, Callable, Coroutine, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeAlias, TypeVar

import uvloop

from router.config.load import load
from router.downstream.limits import ProtocolLimits
from router.provision.router import Router, provision
from router.serving import Listen, Serving
from router.telemetry.logs import LogWriter

T = TypeVar("T")

_PATIENCE = 30.0


@dataclass(slots=True)
class Received:
    """One request as the origin got it. ``complete``: its body came whole."""

    method: str
    target: str
    fields: list[tuple[str, str]]
    body: bytes = b""
    complete: bool = False

    def one(self, name: str) -> str | None:
        """The first value under ``name`` (any case), or None."""
        return next((v for n, v in self.fields if n.lower() == name.lower()), None)


Handler: TypeAlias = Callable[
    [Received, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]
]


def answer(
    body: bytes = b"{}",
    status: str = "200 OK",
    media_type: str = "application/json",
    extra: str = "",
) -> bytes:
    """A whole HTTP answer as bytes; ``extra`` are further field lines, each ending in CRLF."""
    head = f"HTTP/1.1 {status}\r\nContent-Type: {media_type}\r\nContent-Length: {len(body)}\r\n"
    return head.encode() + extra.encode() + b"\r\n" + body


class Origin:
    """An upstream that keeps what it receives and answers by ``handler`` (or with ``reply``).

    A handler is called with the request's head read and its body not; ``read_body`` reads it.
    """

    def __init__(self) -> None:
        self.requests: list[Received] = []
        self.reply: bytes = answer()
        self.handler: Handler | None = None
        self.port = 0
        self._thread = _LoopThread("origin")

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        self._thread.start()
        self.port = self._thread.call(self._listen())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._thread.loop.call_soon_threadsafe(self._server.close)
        self._thread.stop()

    async def _listen(self) -> int:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
            try:
                while (request := await _read_head(reader)) is not None:
                    self.requests.append(request)
                    if self.handler is not None:
                        await self.handler(request, reader, writer)
                    else:
                        await read_body(request, reader)
                        writer.write(self.reply)
                        await writer.drain()
                    if writer.is_closing():
                        break
            finally:
                writer.close()


async def _read_head(reader: asyncio.StreamReader) -> Received | None:
    try:
        raw = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return None
    first, *lines = raw.decode("latin-1").rstrip("\r\n").split("\r\n")
    method, _, rest = first.partition(" ")
    pairs = [line.partition(":") for line in lines]
    fields = [(name, value.strip()) for name, _, value in pairs]
    return Received(method, rest.partition(" ")[0], fields)


async def read_body(request: Received, reader: asyncio.StreamReader) -> bytes:
    """Reads the rest of ``request``; IncompleteReadError where the sender stopped half-way."""
    if (request.one("transfer-encoding") or "").lower() == "chunked":
        while size := int(await reader.readuntil(b"\r\n"), 16):
            request.body += await reader.readexactly(size)
            await reader.readexactly(2)
        await reader.readuntil(b"\r\n")
    elif length := int(request.one("content-length") or 0):
        request.body = await reader.readexactly(length)
    request.complete = True
    return request.body


@dataclass(slots=True, repr=False)
class Running:
    """A router that serves. ``log`` holds its lines once it has ended."""

    url: str
    port: int
    admin_port: int
    router: Router
    loop: asyncio.AbstractEventLoop
    stop: Callable[[], None]
    log: io.BytesIO = field(default_factory=io.BytesIO)


@contextlib.contextmanager
def running(
    config: str | Path,
    environment: Mapping[str, str],
    *,
    folder: Path | None = None,
    limits: ProtocolLimits | None = None,
    wait_ready: bool = True,
) -> Iterator[Running]:
    """Serves ``config`` (YAML text or a file) on a free port until the block ends.

    ``folder`` holds ``plugins/``; ``environment`` is all the configuration sees.
    """
    source = config if isinstance(config, Path) else config.encode()
    thread = _LoopThread("router")
    log = io.BytesIO()
    addresses: list[tuple[str, int]] = []
    up = threading.Event()

    def started(found: list[tuple[str, int]]) -> None:
        addresses.extend(found)
        up.set()

    async def build() -> tuple[Router, Serving]:
        loaded = load(source, environment)
        router = provision(loaded, LogWriter(log), (folder or Path.cwd()) / "plugins")
        admin = Listen("127.0.0.1", 0) if loaded.server.admin else None
        return router, Serving(router, Listen("127.0.0.1", 0), admin, limits, started)

    thread.start()
    try:
        router, serving = thread.call(build())
        served = asyncio.run_coroutine_threadsafe(serving.run(), thread.loop)
        served.add_done_callback(lambda _: up.set())
        up.wait(_PATIENCE)
        if served.done():
            served.result()
        if wait_ready:
            thread.call(router.settled())
        port = addresses[0][1]

        def stop() -> None:
            thread.loop.call_soon_threadsafe(serving.stop)

        try:
            yield Running(
                f"http://127.0.0.1:{port}",
                port,
                addresses[1][1] if len(addresses) > 1 else 0,
                router,
                thread.loop,
                stop,
                log,
            )
        finally:
            stop()
            served.result(_PATIENCE)
            router.writer.close()
    finally:
        thread.stop()


class _LoopThread:
    """An event loop in a thread."""

    def __init__(self, name: str) -> None:
        self.loop = uvloop.new_event_loop()
        self._thread = threading.Thread(target=self._run, name=name, daemon=True)

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        self.loop.run_forever()

    def start(self) -> None:
        self._thread.start()

    def call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(_PATIENCE)

    def stop(self) -> None:
        async def end() -> None:
            rest = asyncio.all_tasks() - {asyncio.current_task()}
            for task in rest:
                task.cancel()
            await asyncio.gather(*rest, return_exceptions=True)
            await asyncio.sleep(0)  # the transports they closed go in the next turn

        self.call(end())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join(_PATIENCE)
        self.loop.close()
