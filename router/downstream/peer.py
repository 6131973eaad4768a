"""What the kernel knows of a connection that a paused transport does not tell."""

from __future__ import annotations

import asyncio
import socket
import struct

_ESTABLISHED = b"\x01"
_TCP_INFO: int | None = getattr(socket, "TCP_INFO", None)
_STREAM_FAMILIES = (socket.AF_INET, socket.AF_INET6)


def has_left(transport: asyncio.BaseTransport) -> bool:
    """Whether the peer has closed its side, though bytes before that are still unread.

    A transport that is paused sees neither FIN nor reset; the first byte of Linux' ``tcp_info``
    is the connection's state. Where the system has no such option the answer is False.
    """
    sock = transport.get_extra_info("socket")
    if _TCP_INFO is None or sock is None or sock.family not in _STREAM_FAMILIES:
        return False
    try:
        state: bytes = sock.getsockopt(socket.IPPROTO_TCP, _TCP_INFO, 1)
    except (OSError, ValueError):
        return True  # the descriptor is gone
    return state != _ESTABLISHED


def send_at_once(transport: asyncio.BaseTransport) -> None:
    """Switches Nagle's algorithm off: an event must not wait for an acknowledgement.

    asyncio does so only where the listener was made with an explicit protocol number.
    """
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.family in _STREAM_FAMILIES:
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)


def reset_on_close(transport: asyncio.BaseTransport) -> None:
    """Makes the coming close a reset, so that the end of the stream is no clean end."""
    sock = transport.get_extra_info("socket")
    if sock is not None and sock.family in _STREAM_FAMILIES:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def address(transport: asyncio.BaseTransport, name: str) -> tuple[str, int] | None:
    """``peername`` or ``sockname`` as host and port; None for unix sockets."""
    value = transport.get_extra_info(name)
    return (value[0], value[1]) if isinstance(value, tuple) else None
