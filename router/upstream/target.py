"""One place an upstream can be reached at."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
_HOST = re.compile(r"[a-z0-9]([a-z0-9_.-]{0,251}[a-z0-9])?\.?")
_PATH = re.compile(r"[!$%&'()*+,./0-9:;=@A-Z_a-z~-]*")


@dataclass(frozen=True, slots=True)
class Target:
    """Host, port and base path of ``http://host:port/base``; ``authority`` is what Host says."""

    host: str
    port: int
    secure: bool
    base: bytes
    authority: bytes
    literal: bool

    @classmethod
    def parse(cls, url: str) -> Target:
        """The target a URL names; ValueError (without the URL: it may hold a secret) if none.

        Only http and https (RFC 9110 §4.2), no userinfo, query or fragment.
        """
        if " " in url or not url.isprintable():
            raise ValueError("a target's URL holds a space or a control character")
        parts = urlsplit(url)
        if parts.scheme not in _PORTS:
            raise ValueError("a target's URL begins with http:// or https://")
        if parts.username is not None or parts.password is not None:
            raise ValueError("a target's URL holds no user name or password")
        if "?" in url or "#" in url:
            raise ValueError("a target's URL has no query and no fragment")
        if not _PATH.fullmatch(parts.path):
            raise ValueError("a target's path holds a character that must be percent-encoded")
        host, literal = _host(parts.hostname or "")
        port = parts.port or _PORTS[parts.scheme]
        shown = f"[{host}]" if ":" in host else host
        if port != _PORTS[parts.scheme]:
            shown = f"{shown}:{port}"
        return cls(
            host=host,
            port=port,
            secure=parts.scheme == "https",
            base=parts.path.rstrip("/").encode("ascii"),
            authority=shown.encode("ascii"),
            literal=literal,
        )


def _host(name: str) -> tuple[str, bool]:
    """The host as it is looked up and shown, and whether it is an address already."""
    try:
        return ipaddress.ip_address(name).compressed, True
    except ValueError:
        pass  # not an address, so a name: judged below
    if not name.isascii():
        name = name.encode("idna").decode("ascii")
    if not _HOST.fullmatch(name):
        raise ValueError("a target's URL names a host")
    return name, False
