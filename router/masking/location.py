"""URLs of an upstream as callers may see them: the caller's form of the same service. Pure.

What comes out is a path (RFC 3986 §4.2), never an authority taken from a request.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address

_URL = re.compile(rb"(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?://([^/?#]*))?([^?#]*)(.*)", re.DOTALL)
"""RFC 3986 appendix B."""
_BACKSLASH = re.compile(rb"[^?#\\]*+\\")
_LINK = re.compile(rb'\s*<([^<>]*)>((?:[^,"<>]|"(?:[^"\\]|\\.)*")*)(?:,|\Z)')
_INNER_DOMAINS = (b".internal", b".local", b".localhost", b".svc", b".cluster.local", b".lan")
_PORTS = {b"http": b"80", b"https": b"443", b"ws": b"80", b"wss": b"443"}


@dataclass(frozen=True, slots=True)
class Mapping:
    """One service of one upstream: ``path`` there, without a trailing slash, is ``service``.

    ``authorities`` are those of the upstream's targets, ``host:port``, a default port left out
    or not. A target's own base path is part of ``path``.
    """

    authorities: frozenset[bytes]
    path: bytes
    service: bytes


@dataclass(frozen=True, slots=True)
class Caller:
    """How this caller reached the service.

    ``base`` is the path that means the service's own root (``/lanonasis/api/ai-chat``, or an
    alias), ``prefix`` what stands before a service's name (``/lanonasis/api/`` or ``/api/``),
    ``origin`` scheme and authority the caller used, ``host`` the host in it, without a port.
    """

    base: bytes
    prefix: bytes
    origin: bytes
    host: bytes


@dataclass(frozen=True, slots=True)
class Site:
    """The upstream behind a service: its mapping, and those of every service of the platform."""

    own: Mapping
    others: tuple[Mapping, ...] = ()


def outward_url(site: Site, caller: Caller, url: bytes) -> bytes | None:
    """What ``url``, said by ``site``'s upstream, is to the caller; None: it must not be seen.

    A path of the upstream becomes the path of the service it belongs to, the asking one's where
    none does. References without a path, and URLs of strangers, stay as they are.
    """
    url = url.strip(b" \t")
    if b"\t" in url or b" " in url or _BACKSLASH.match(url):
        return None  # readers take them out, or for a slash (WHATWG URL §4.4): another place
    found = _URL.fullmatch(url)
    assert found is not None  # every string matches
    scheme, said, path, tail = found.groups()
    web = scheme is None or scheme.lower() in _PORTS
    if not web or (said is None and scheme is None and not path.startswith(b"/")):
        return url
    if said is None:
        own = site.own.authorities
        return None if scheme else _outward_path(own, site, caller, path) + tail
    known = _known_authority(site, (scheme or b"http").lower(), said)
    if known is None:
        return url
    return _outward_path(known, site, caller, path or b"/") + tail


def _known_authority(site: Site, scheme: bytes, said: bytes) -> frozenset[bytes] | None:
    """The upstream an authority belongs to; an inner name nobody knows is taken for the own one.

    The port decides between upstreams on one host; any other port of theirs is theirs too.
    """
    host, name = host_of(said), _with_port(scheme, said)
    mappings = (site.own, *site.others)
    for mapping in mappings:
        if any(_with_port(scheme, known) == name for known in mapping.authorities):
            return mapping.authorities
    if is_loopback(host):
        # The caller's own machine: where a native application waits for its authorisation code
        # (RFC 8252 §7.3).
        return None
    for mapping in mappings:
        if any(host_of(known) == host for known in mapping.authorities):
            return mapping.authorities
    return site.own.authorities if is_inner(host) else None


def _with_port(scheme: bytes, said: bytes) -> bytes:
    port = said.rpartition(b"@")[2].rpartition(b"]")[2].partition(b":")[2]
    return host_of(said) + b":" + (port or _PORTS.get(scheme, b""))


def _outward_path(authorities: frozenset[bytes], site: Site, caller: Caller, path: bytes) -> bytes:
    """The longest upstream path that ``path`` lies under tells the service."""
    if site.own.authorities == authorities and lies_under(path, site.own.path):
        best, base = site.own, caller.base
    else:
        best, base = Mapping(authorities, b"", b""), caller.base
    for mapping in site.others:
        if mapping.authorities != authorities or len(mapping.path) <= len(best.path):
            continue
        if lies_under(path, mapping.path):
            best, base = mapping, caller.prefix + mapping.service
    return base + path[len(best.path) :]


def lies_under(path: bytes, parent: bytes) -> bool:
    """Whether ``path`` is ``parent`` or below it, by whole segments."""
    return path.startswith(parent) and path[len(parent) : len(parent) + 1] in (b"", b"/")


def host_of(said: bytes) -> bytes:
    """The host of an authority, lower case, without user, port, brackets or a trailing dot."""
    name = said.rpartition(b"@")[2].lower()
    if name.startswith(b"["):
        return name[1:].partition(b"]")[0]
    return name.partition(b":")[0].rstrip(b".")


def is_inner(host: bytes) -> bool:
    """Whether ``host`` is a name or address that means nothing outside: no dot, private, local."""
    if b"." not in host and b":" not in host:
        return True
    if host.endswith(_INNER_DOMAINS):
        return True
    try:
        return not ip_address(host.decode("latin-1")).is_global
    except ValueError:
        return False


def is_loopback(host: bytes) -> bool:
    """Whether ``host`` is the machine of whoever reads it."""
    if host == b"localhost" or host.endswith(b".localhost"):
        return True
    try:
        return ip_address(host.decode("latin-1")).is_loopback
    except ValueError:
        return False


def authority_of(url: bytes) -> bytes | None:
    """The authority of an absolute or network-path reference, else None."""
    found = _URL.fullmatch(url)
    return found.group(2) if found else None


def links(value: bytes) -> list[tuple[bytes, bytes]] | None:
    """The (URI reference, parameters) of a ``Link`` value (RFC 8288 §3); None if it is no such."""
    found: list[tuple[bytes, bytes]] = []
    at = 0
    while at < len(value):
        match = _LINK.match(value, at)
        if match is None:
            return None
        found.append((match[1], match[2].rstrip()))
        at = match.end()
    return found
