"""Paths and URLs as a config may say them."""

from __future__ import annotations

import re
from ipaddress import ip_address
from typing import Annotated, Final, TypeAlias
from urllib.parse import urlsplit

from pydantic import AfterValidator

from router.config.values import wrong

_SEGMENT: Final = re.compile(r"(?!\.{1,2}(?:;|$))[A-Za-z0-9._~!$&'()+,;=:@-]+")
_LABEL: Final = r"[a-z0-9](?:[a-z0-9_-]{0,61}[a-z0-9])?"
_HOST: Final = re.compile(rf"(?:\*\.)?{_LABEL}(?:\.{_LABEL})*")


def path(value: str) -> str:
    """An absolute path, nothing in it that two readers could read differently."""
    if not value.startswith("/"):
        raise wrong("a path should start with '/'")
    if value != "/" and not all(_SEGMENT.fullmatch(part) for part in value[1:].split("/")):
        raise wrong("a path should be plain: no '//', '.', '..', '%', '?', and no '/' at its end")
    return value


def pattern(value: str) -> str:
    """A path below a service; ``*`` stands for one whole segment."""
    path("/".join("x" if part == "*" else part for part in value.split("/")))
    return value


def well_known(value: str) -> str:
    """A name below ``/.well-known/``; a ``*`` at its end stands for the rest of it."""
    name = value.removesuffix("*")
    if not name or not _SEGMENT.fullmatch(name):
        raise wrong("should be a name below /.well-known/, perhaps ending in '*'")
    return value


def host(value: str) -> str:
    """``example.com`` or ``*.example.com``: no scheme, no port."""
    folded = value.lower().removesuffix(".")
    if not _HOST.fullmatch(folded):
        raise wrong("should be a host without scheme and port: example.com or *.example.com")
    return folded


def origin(value: str) -> str:
    """``https://example.com`` or with a port (RFC 6454 §6.2)."""
    value = value.lower()
    if value == "*":
        raise wrong("every origin must be named: answers here are for known callers")
    scheme, _, authority = value.partition("://")
    name, _, port = authority.partition(":")
    if scheme not in {"http", "https"} or not _HOST.fullmatch(name) or "*" in name:
        raise wrong("should be an origin: https://example.com, nothing after the host and port")
    if port.startswith("0") or (port and not _is_port(port)):
        raise wrong("the port should be a number from 1 to 65535")
    return value


def target(value: str) -> str:
    """An upstream's base URL; a path it has stands before each service's."""
    try:
        parts = urlsplit(value)
    except ValueError:
        raise wrong("should be an http or https URL: http://127.0.0.1:9000") from None
    if parts.scheme not in {"http", "https"} or not _is_host(parts.hostname or ""):
        raise wrong("should be an http or https URL: http://127.0.0.1:9000")
    if parts.username is not None or parts.password is not None:
        raise wrong("a URL should hold no credentials: 'credentials' is for them")
    if parts.query or parts.fragment:
        raise wrong("a target should end with its path: no '?', no '#'")
    try:
        port = parts.port
    except ValueError:
        port = 0
    if port == 0:
        raise wrong("the port should be a number from 1 to 65535")
    path(parts.path.rstrip("/") or "/")
    return value.rstrip("/")


def address(value: str) -> str:
    """``host:port`` to listen at; a port of 0 is any free one."""
    name, colon, port = value.rpartition(":")
    if not colon or not name or not _is_port(port):
        raise wrong("should be an address to listen at: 127.0.0.1:8080")
    return value


def address_or_none(value: str) -> str:
    """As :func:`address`, or empty."""
    return address(value) if value else ""


def _is_host(value: str) -> bool:
    if ":" not in value:
        return _HOST.fullmatch(value.removesuffix(".")) is not None and "*" not in value
    try:
        return ip_address(value).version == 6
    except ValueError:
        return False


def _is_port(value: str) -> bool:
    return value.isascii() and value.isdigit() and len(value) <= 5 and int(value) <= 65535


Path: TypeAlias = Annotated[str, AfterValidator(path)]
PathPattern: TypeAlias = Annotated[str, AfterValidator(pattern)]
WellKnown: TypeAlias = Annotated[str, AfterValidator(well_known)]
Host: TypeAlias = Annotated[str, AfterValidator(host)]
Origin: TypeAlias = Annotated[str, AfterValidator(origin)]
Target: TypeAlias = Annotated[str, AfterValidator(target)]
Address: TypeAlias = Annotated[str, AfterValidator(address)]
AddressOrNone: TypeAlias = Annotated[str, AfterValidator(address_or_none)]
