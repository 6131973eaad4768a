"""Asks sockets and TLS sessions what the loop does not tell: what came before an end, and which."""

from __future__ import annotations

import os
import select
import ssl
from typing import TYPE_CHECKING

from router.errors import UpstreamError

if TYPE_CHECKING:
    import asyncio

    from router.upstream.reader import ResponseReader

_AT_ONCE = 64 * 1024


def quiet(watch: select.poll) -> bool:
    """Whether nothing has come, no end either, on an idle connection."""
    return not watch.poll(0)


def watch(transport: asyncio.Transport) -> select.poll:
    """What :func:`quiet` asks; made once a connection."""
    poll = select.poll()
    poll.register(_fileno(transport), select.POLLIN)
    return poll


def read_rest_of_tls(transport: asyncio.Transport, reader: ResponseReader) -> bool:
    """Reads what TLS still holds; whether it ended with a close_notify (RFC 8446 §6.1).

    asyncio tells of an end that was not announced like of any other, and both loops end a session
    with what a paused reader had left in it. True without TLS. UpstreamError: malformed.
    """
    session = transport.get_extra_info("ssl_object")
    if session is None:
        return True
    try:
        while data := session.read(_AT_ONCE):
            reader.feed(data)
    except ssl.SSLError:
        return False  # nothing more had come
    return True


def read_rest_of_socket(transport: asyncio.Transport, reader: ResponseReader, most: int) -> None:
    """Reads what came before a reset: an early answer, whose sender did not want our body.

    A failed write ends a transport without a look at what had arrived. Not possible over TLS.
    Stops at ``most`` unread bytes. UpstreamError: malformed.
    """
    if transport.get_extra_info("ssl_object") is not None:
        return
    try:
        while data := os.read(_fileno(transport), _AT_ONCE):
            reader.feed(data)
            if reader.unread > most:
                return
    except OSError:
        return  # nothing more had come
    reader.eof()


def read_rest(transport: asyncio.Transport, reader: ResponseReader, most: int) -> None:
    """Reads whatever an ended connection still holds, before its head or behind it."""
    try:
        read_rest_of_tls(transport, reader)
        if reader.head is None:
            read_rest_of_socket(transport, reader, most)
    except UpstreamError:
        return  # malformed, so no more complete than it was


def _fileno(transport: asyncio.Transport) -> int:
    return int(transport.get_extra_info("socket").fileno())
