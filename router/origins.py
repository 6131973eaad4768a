"""Which web origins belong to a platform: one judgement for CORS and for cookie writes. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

# As browsers serialise an origin (RFC 6454 §6.2): lower case, without path, never `null`.
_ORIGIN = re.compile(
    rb"(https?)://([a-z0-9](?:[a-z0-9_.-]*[a-z0-9])?|\[[0-9a-f:.]{2,45}\])(:[1-9][0-9]{0,4})?"
)
_MAX_ORIGIN = 300
_LOOPBACK = frozenset({b"localhost", b"127.0.0.1", b"[::1]"})


@dataclass(frozen=True, slots=True)
class OriginPolicy:
    """The origins a platform calls its own; build it with :meth:`of`.

    ``hosts`` are admitted as ``https://<host>`` on the default port; ``suffixes`` (``.x.org`` for
    ``*.x.org``) admit every name below them, not the name itself; ``origins`` are compared whole.
    A loopback host that was listed is admitted over ``http`` and on any port, for development.
    """

    hosts: frozenset[bytes] = frozenset()
    suffixes: tuple[bytes, ...] = ()
    origins: frozenset[bytes] = frozenset()

    @classmethod
    def of(cls, hosts: Iterable[str], origins: Iterable[str] = ()) -> OriginPolicy:
        """The policy of config's ``hosts`` and ``origins``; ValueError where one cannot be."""
        names = [host.lower().encode("ascii") for host in hosts]
        return cls(
            hosts=frozenset(_host(name) for name in names if not name.startswith(b"*.")),
            suffixes=tuple(b"." + _host(name[2:]) for name in names if name.startswith(b"*.")),
            origins=frozenset(_origin(origin) for origin in origins),
        )

    def admits(self, origin: bytes) -> bool:
        """Whether ``origin``, a raw field value, is the platform's own."""
        if len(origin) > _MAX_ORIGIN:
            return False
        if origin in self.origins:
            return True
        match = _ORIGIN.fullmatch(origin)
        if match is None:
            return False
        scheme, host, port = match.groups()
        if host in _LOOPBACK:
            return host in self.hosts
        if scheme != b"https" or port is not None:
            return False
        return host in self.hosts or host.endswith(self.suffixes)


def is_loopback(authority: bytes) -> bool:
    """Whether ``authority`` (host and perhaps port) names the machine itself."""
    match = _ORIGIN.fullmatch(b"http://" + authority.lower())
    return match is not None and match[2] in _LOOPBACK


def _host(name: bytes) -> bytes:
    match = _ORIGIN.fullmatch(b"https://" + name)
    if match is None or match[3]:
        raise ValueError(f"not a host name: {name.decode()}")
    return name


def _origin(text: str) -> bytes:
    origin = text.lower().rstrip("/").encode("ascii")
    if len(origin) > _MAX_ORIGIN or _ORIGIN.fullmatch(origin) is None:
        raise ValueError(f"not an origin (scheme://host[:port]): {text}")
    return origin
