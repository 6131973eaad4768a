"""What behaviour tests say to a whole router: requests as bytes, answers read strictly."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from router.auth.api_key import key_digest, mint_key
from router.stores.keys import SqliteKeys
from router.stores.rows import KeyRow
from router.testing import Received, read_body
from tests.conftest import session_token

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.threats.wire import Caller
    from tests.world import World

ORIGIN = "https://lanonasis.com"
"""A page of the platform's own, which may read every answer."""

PATIENCE = 10.0


def request(
    target: str,
    *lines: str,
    body: bytes | None = None,
    method: str = "",
    host: str = "router",
    media_type: str = "application/json",
) -> bytes:
    """One request; POST where it has a body, whose length is told unless ``lines`` frame it."""
    head = [f"{method or ('GET' if body is None else 'POST')} {target} HTTP/1.1", f"Host: {host}"]
    head += lines
    if body is not None:
        head.append(f"Content-Type: {media_type}")
        if not any(line.lower().startswith("transfer-encoding") for line in lines):
            head.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*head, "", ""]).encode() + (body or b"")


def api(service: str, rest: str = "", platform: str = "lanonasis") -> str:
    """A service's target, by path."""
    return f"/{platform}/api/{service}{rest}"


def call(service: str, said: object, *lines: str) -> bytes:
    """A POST of JSON to a service."""
    return request(api(service), *lines, body=json.dumps(said).encode())


def bearer(here: World, **claims: object) -> str:
    """A field line with a session token that passes."""
    return f"Authorization: Bearer {session_token(here.env, **claims)}"


def add_key(
    here: World,
    *,
    scopes: Iterable[str] = ("*",),
    platforms: Iterable[str] = (),
    name: str = "test",
) -> str:
    """A new API key in the router's own store."""
    key = mint_key()
    row = KeyRow(
        id=f"k-{name}",
        name=name,
        user_id="u-2",
        scopes=frozenset(scopes),
        platforms=frozenset(platforms),
        expires_at=None,
        created_at=time.time(),
    )

    async def add() -> None:
        keys = SqliteKeys(Path(here.env["ROUTER_DATA_DIR"]) / "router.db")
        await keys.add(row, key_digest(key.encode()))
        await keys.close()

    asyncio.run(add())
    return key


def metric(here: World, name: str, *labels: str) -> float:
    """The present value of a counter, summed over what ``labels`` leave open at the end."""
    values: dict[tuple[str, ...], float] = getattr(here.router.router.metrics, name).values
    return sum(value for key, value in list(values.items()) if key[: len(labels)] == labels)


CHUNKS = b"HTTP/1.1 200 OK\r\nContent-Type: %s\r\nTransfer-Encoding: chunked\r\n\r\n"


def chunk(data: bytes) -> bytes:
    """One chunk; b"" is the last."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def first_chunk(caller: Caller) -> bytes:
    """The next chunk of an answer whose head was read."""
    size = int(caller._until(b"\r\n"), 16)
    data = caller._take(size)
    assert caller._take(2) == b"\r\n"
    return data


@dataclass
class Stepwise:
    """An origin's handler that answers piece by piece, each after the one before was let go.

    ``go`` lets the next piece out. After the last one the body ends (``end``) or is cut.
    """

    pieces: list[bytes]
    media_type: bytes = b"text/event-stream"
    end: bool = True
    sent: int = 0
    _gates: list[threading.Event] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._gates = [threading.Event() for _ in self.pieces]

    def go(self) -> None:
        """Lets the next piece out."""
        next(gate for gate in self._gates if not gate.is_set()).set()

    async def __call__(
        self, got: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await read_body(got, reader)
        writer.write(CHUNKS % self.media_type)
        for gate, piece in zip(self._gates, self.pieces, strict=True):
            async with asyncio.timeout(PATIENCE):
                while not gate.is_set():
                    await asyncio.sleep(0.001)
            writer.write(chunk(piece))
            await writer.drain()
            self.sent += 1
        if self.end:
            writer.write(chunk(b""))
            await writer.drain()
        else:
            writer.close()


def bytewise(body: bytes, media_type: bytes = b"text/event-stream") -> Any:
    """A handler that sends ``body`` in chunks of one byte, each in a segment of its own."""

    async def handle(
        got: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await read_body(got, reader)
        writer.write(CHUNKS % media_type)
        for index in range(len(body)):
            writer.write(chunk(body[index : index + 1]))
            await writer.drain()
            await asyncio.sleep(0)
        writer.write(chunk(b""))
        await writer.drain()

    return handle


def replying(reply: bytes, *, close: bool = False) -> Any:
    """A handler that reads a request whole and answers these bytes."""

    async def handle(
        got: Received, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        await read_body(got, reader)
        writer.write(reply)
        await writer.drain()
        if close:
            writer.close()

    return handle


def sse(*events: object) -> bytes:
    """Events whose data is JSON, or text where it is a string."""
    texts = [event if isinstance(event, str) else json.dumps(event) for event in events]
    return b"".join(f"data: {text}\n\n".encode() for text in texts)


def delta(text: str) -> dict[str, object]:
    """A piece of a chat completion's stream."""
    return {"choices": [{"index": 0, "delta": {"content": text}}]}


def said(stream: bytes) -> str:
    """The text of a chat completion's stream."""
    text = ""
    for event in stream.decode().replace("\r\n", "\n").split("\n\n"):
        data = event.removeprefix("data: ")
        if data.startswith("{"):
            text += json.loads(data)["choices"][0]["delta"]["content"]
    return text
