"""Which network a client address counts as. Pure."""

from __future__ import annotations

from functools import lru_cache
from socket import AF_INET, AF_INET6, inet_ntop, inet_pton

_IPV4_INSIDE = bytes(10) + b"\xff\xff"
_HOST = bytes(8)


@lru_cache(maxsize=4096)
def address_key(address: str) -> str:
    """The principal id of ``address``: an IPv4 address whole, IPv6 by its /64.

    One household or server has a /64, so counting whole IPv6 addresses would limit nobody. IPv4
    inside IPv6 (``::ffff:``) is that IPv4 address. What is no address (a unix socket's peer) is
    ``address:unknown``: all such share one allowance.
    """
    try:
        if ":" not in address:
            return f"address:{inet_ntop(AF_INET, inet_pton(AF_INET, address))}"
        packed = inet_pton(AF_INET6, address.partition("%")[0])
    except (OSError, ValueError):
        return "address:unknown"
    if packed.startswith(_IPV4_INSIDE):
        return f"address:{inet_ntop(AF_INET, packed[12:])}"
    return f"address:{inet_ntop(AF_INET6, packed[:8] + _HOST)}/64"
