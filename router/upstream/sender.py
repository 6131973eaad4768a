"""A request's way out: whole in one write, or piece by piece while the answer may already come."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from router.errors import DownstreamError

if TYPE_CHECKING:
    from router.turn import Turn
    from router.upstream.connection import Connection
    from router.upstream.request import BodyStream

_ONE_WRITE = 64 * 1024


class Sender:
    """Sends one request after the other on ``connection``.

    ``whole``: the request is handed to the transport to its last byte. Whatever goes wrong with a
    body ends the exchange with that error; a body that broke off never looks complete
    (RFC 9112 §8).
    """

    __slots__ = (
        "_connection", "_drained", "_held", "_task", "_transport", "_turn", "_unsent", "_writable",
        "whole",
    )  # fmt: skip

    def __init__(self, connection: Connection, turn: Turn) -> None:
        self._connection = connection
        self._turn = turn
        self._held = b""
        self._transport: asyncio.Transport
        self._task: asyncio.Task[None] | None = None
        self._drained: asyncio.Future[None] | None = None
        self._unsent = 0
        self._writable = True
        self.whole = True

    def open(self, transport: asyncio.Transport) -> None:
        """The connection stands; nothing is sent before."""
        self._transport = transport

    @property
    def sending(self) -> bool:
        """Whether a body is still being read and sent."""
        return self._task is not None

    @property
    def clear(self) -> bool:
        """Whether nothing of a request is left here or in the transport."""
        return self.whole and not self._held and not self._transport.get_write_buffer_size()

    def begin(self, head: bytes, body: bytes | BodyStream) -> None:
        """Sends a request; the wait for its answer begins when its last byte is written."""
        self._unsent = 0
        self.whole = isinstance(body, bytes)
        if not isinstance(body, bytes):
            self._connection.without_hurry()
            self._transport.write(head)
            self._task = self._connection.loop.create_task(self._pump(body))
            return
        if len(body) <= _ONE_WRITE:
            self._held = head + body
            self._turn.add(self._flush)
        else:
            self._transport.writelines((head, body))
            self._unsent = self._transport.get_write_buffer_size()
        self._connection.hurry()

    def _flush(self) -> None:
        if self._held:
            data, self._held = self._held, b""
            self._transport.write(data)
            self._unsent = self._transport.get_write_buffer_size()

    def progressed(self) -> bool:
        """Whether bytes went out since this was asked last, or since they began to wait."""
        before, self._unsent = self._unsent, self._transport.get_write_buffer_size()
        return self._unsent < before

    async def stop(self) -> None:
        """Sends no more of the body, and waits until it is not being read any more."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            await asyncio.wait((task,))

    def close(self) -> None:
        """The connection is closed: sends no more."""
        self._held = b""
        if self._task is not None:
            self._task.cancel()
            self._task = None
        self.resume()

    def pause(self) -> None:
        """The other side does not keep up."""
        self._writable = False

    def resume(self) -> None:
        """The other side has caught up."""
        self._writable = True
        self._unsent = 0
        if self._drained is not None and not self._drained.done():
            self._drained.set_result(None)
        if self.whole:
            self._connection.hurry()

    async def _pump(self, body: BodyStream) -> None:
        try:
            if body.length is None:
                await self._chunked(body)
            else:
                await self._sized(body, body.length)
        except Exception as error:  # noqa: BLE001 -- who waits for the head gets it, whatever it is
            self._task = None
            self._connection.fail(error)
        else:
            self._task = None
            self.whole = True
            self._connection.hurry()

    async def _chunked(self, body: BodyStream) -> None:
        while piece := await body.read():
            await self._write(b"%x\r\n" % len(piece), piece, b"\r\n")
        await self._write(b"0\r\n\r\n")

    async def _sized(self, body: BodyStream, left: int) -> None:
        while piece := await body.read():
            left -= len(piece)
            if left < 0:
                break
            await self._write(piece)
        if left:
            raise DownstreamError(400, "the request body is not as long as its Content-Length says")

    async def _write(self, *pieces: bytes) -> None:
        """Writes a piece; waits while the other side does not read."""
        if self._transport.is_closing():
            await asyncio.sleep(0)  # lets the loop tell why
            return
        self._transport.writelines(pieces)
        if self._writable:
            return
        self._unsent = self._transport.get_write_buffer_size()
        self._drained = self._connection.loop.create_future()
        self._connection.hurry()
        try:
            await self._drained
        finally:
            self._drained = None
            self._connection.without_hurry()
