"""An upstream's answer under way, as the gateway holds it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from router.errors import UpstreamError

if TYPE_CHECKING:
    from collections.abc import Callable

    from router.exchange import ResponseHead
    from router.upstream.connection import Connection
    from router.upstream.pool import Pool


class UpstreamResponse:
    """``head``, then ``read`` until b"", then ``release``; ``release`` at any time stops it."""

    __slots__ = ("_connection", "_on_error", "_pool", "head")

    def __init__(
        self,
        head: ResponseHead,
        connection: Connection,
        pool: Pool,
        *,
        on_error: Callable[[str], None],
    ) -> None:
        self.head = head
        self._connection: Connection | None = connection
        self._pool = pool
        self._on_error = on_error

    @property
    def sending(self) -> bool:
        """Whether the request body is still being read and sent: the answer came early."""
        return self._connection is not None and self._connection.sending

    @property
    def complete(self) -> bool:
        """Whether all of the body has come and was read: the next ``read`` is b""."""
        return self._connection is not None and self._connection.complete

    async def read(self) -> bytes:
        """The next piece of the body as soon as it has come; b"": properly complete.

        UpstreamError where it was cut, reset, malformed or too slow; whatever the request body
        raised, where that is still being sent. At most about 128 KiB at once.
        """
        connection = self._connection
        if connection is None:
            raise RuntimeError("read after release")
        try:
            piece = connection.take()
            return await connection.more() if piece is None else piece
        except UpstreamError as error:
            self._on_error(error.proxy_error)
            raise

    def release(self) -> None:
        """Gives the connection back if the body is complete and all is clean, else closes it."""
        connection = self._connection
        if connection is not None:
            self._connection = None
            self._pool.give(connection)
