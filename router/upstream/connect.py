"""Opens connections: names, addresses, TLS, and the words for what goes wrong there."""

from __future__ import annotations

import asyncio
import errno
import socket
import ssl
from typing import TYPE_CHECKING

from router.errors import UpstreamError

if TYPE_CHECKING:
    from router.upstream.connection import Connection
    from router.upstream.target import Target

_MOST_ADDRESSES = 8
_WORDS: dict[type[OSError], tuple[int, str, str]] = {
    ssl.SSLCertVerificationError: (
        502,
        "tls_certificate_error",
        "the upstream's certificate is not good",
    ),
    ssl.SSLError: (502, "tls_protocol_error", "no TLS session with the upstream"),
    TimeoutError: (504, "connection_timeout", "the upstream did not accept in time"),
    ConnectionRefusedError: (502, "connection_refused", "the upstream refused the connection"),
    ConnectionError: (502, "connection_terminated", "the upstream closed as it was opened"),
}
"""The more special first. RFC 9209 §2.3 has the words; no text names the host."""
_OUT_OF_FILES = (errno.EMFILE, errno.ENFILE)


class Connector:
    """Connects to one target; the name is looked up again for each connection.

    Connections that begin while a look-up is under way share it: the loop has few threads for
    look-ups, and a burst on a slow name server must not starve the other upstreams.
    """

    __slots__ = ("_lookup", "_target", "_tls", "_within")

    def __init__(self, target: Target, tls: ssl.SSLContext | None, within: float) -> None:
        self._target = target
        self._tls = tls if target.secure else None
        self._within = within
        self._lookup: asyncio.Task[list[str]] | None = None

    async def connect(self, connection: Connection) -> None:
        """Connects within the time given, trying all addresses; UpstreamError where that fails."""
        loop = connection.loop
        end = loop.time() + self._within
        addresses = await self._addresses(loop)
        for index, address in enumerate(addresses):
            left = end - loop.time()
            share = left / (len(addresses) - index)
            try:
                async with asyncio.timeout(share):
                    await self._open(connection, address)
            except OSError as error:
                if index == len(addresses) - 1:
                    raise _translated(error, secure=self._tls is not None) from None
            else:
                return

    async def _open(self, connection: Connection, address: str) -> None:
        secure = self._tls is not None
        await connection.loop.create_connection(
            lambda: connection,
            address,
            self._target.port,
            ssl=self._tls,
            server_hostname=self._target.host if secure else None,
        )

    async def _addresses(self, loop: asyncio.AbstractEventLoop) -> list[str]:
        if self._target.literal:
            return [self._target.host]
        if self._lookup is None:
            self._lookup = loop.create_task(self._look_up(loop))
            self._lookup.add_done_callback(self._looked_up)
        try:
            async with asyncio.timeout(self._within):
                return await asyncio.shield(self._lookup)
        except TimeoutError:
            raise UpstreamError(
                504, "dns_timeout", "the upstream's name was not resolved in time"
            ) from None
        except (OSError, UnicodeError):
            raise UpstreamError(
                502, "dns_error", "the upstream's name could not be resolved"
            ) from None

    async def _look_up(self, loop: asyncio.AbstractEventLoop) -> list[str]:
        found = await loop.getaddrinfo(
            self._target.host, self._target.port, type=socket.SOCK_STREAM
        )
        addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
        if not addresses:
            raise socket.gaierror(socket.EAI_NONAME, "no address")
        return addresses[:_MOST_ADDRESSES]

    def _looked_up(self, lookup: asyncio.Task[list[str]]) -> None:
        self._lookup = None
        if not lookup.cancelled():
            lookup.exception()  # seen, even where all who waited have left

    def close(self) -> None:
        """Waits for no look-up any more."""
        if self._lookup is not None:
            self._lookup.cancel()


def _translated(error: OSError, *, secure: bool) -> UpstreamError:
    """A failure to connect, as it is told to the caller."""
    if isinstance(error, ConnectionError) and not isinstance(error, ConnectionRefusedError):
        error = ssl.SSLError() if secure else error  # a handshake that was broken off
    for kind, (status, token, detail) in _WORDS.items():
        if isinstance(error, kind):
            return UpstreamError(status, token, detail)
    if error.errno in _OUT_OF_FILES:
        return UpstreamError(
            503, "connection_limit_reached", "no more connections can be opened", retry_after=1
        )
    return UpstreamError(502, "destination_ip_unroutable", "there is no way to the upstream")
