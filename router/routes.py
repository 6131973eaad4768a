"""Which service a request is for: by path, by host, or by an alias on a platform's host.

Everything is judged **raw**: the bytes that were looked at are the bytes that go on.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Final, Generic, NamedTuple, TypeVar

from router.errors import DownstreamError
from router.hosts import HostTable
from router.raw_path import judge

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

S = TypeVar("S")

_KNOWN: Final = 512
"""Matches that are remembered."""

_LONGEST_KNOWN: Final = 256
"""Host and path of one together, in bytes: what strangers make us remember stays small."""


class Match(NamedTuple, Generic[S]):
    """What a request is for.

    ``rest`` goes on as it is, behind the service's upstream path; it is empty or starts with
    ``/``. Below ``/.well-known/`` it is the whole path, ``value`` the entry's ``well_known_value``.
    """

    value: S
    platform: str
    service: str
    rest: bytes


@dataclass(frozen=True, slots=True)
class RouteEntry(Generic[S]):
    """One service on one platform; ``value`` is what a match hands out.

    ``methods`` bind wherever ``paths`` say nothing; ``paths`` map what may follow the service
    (``/list``, ``/*``, ``/`` for nothing) to methods, and then nothing else is there. ``aliases``
    are paths, ``well_known`` names below ``/.well-known/``, both on the platform's hosts.
    """

    platform: str
    service: str
    value: S
    methods: tuple[str, ...]
    paths: Mapping[str, tuple[str, ...]] | None = None
    aliases: tuple[str, ...] = ()
    well_known: tuple[str, ...] = ()
    well_known_value: S | None = None


class _Methods:
    """The methods of one place and its 405."""

    __slots__ = ("allow", "names")

    def __init__(self, methods: Iterable[str]) -> None:
        names = set(methods)
        if "GET" in names:
            names.add("HEAD")  # RFC 9110 §9.1
        self.names = frozenset(names)
        self.allow = ((b"allow", ", ".join(sorted(names)).encode()),)

    def check(self, method: str) -> None:
        if method not in self.names:
            raise DownstreamError(405, "this service does not know the method", fields=self.allow)


_READ: Final = _Methods(("GET",))


class _Route(Generic[S]):
    """One entry, compiled."""

    __slots__ = ("_any", "_exact", "_patterns", "absolute", "platform", "service", "value")

    def __init__(self, entry: RouteEntry[S]) -> None:
        self.value = entry.value
        self.absolute = entry.value if entry.well_known_value is None else entry.well_known_value
        self.platform = entry.platform
        self.service = entry.service
        self._any = _Methods(entry.methods) if entry.paths is None else None
        self._exact: dict[bytes, _Methods] = {}
        self._patterns: dict[int, list[tuple[list[bytes], _Methods]]] = {}
        for pattern, methods in (entry.paths or {}).items():
            self._add(pattern.encode("ascii"), _Methods(methods))

    def _add(self, pattern: bytes, methods: _Methods) -> None:
        parts = pattern.split(b"/")
        if b"*" in parts:
            self._patterns.setdefault(pattern.count(b"/"), []).append((parts, methods))
        else:
            self._exact[b"" if pattern == b"/" else pattern] = methods

    def methods_of(self, rest: bytes) -> _Methods:
        """The methods at ``rest``; 404 where nothing is."""
        if self._any is not None:
            return self._any
        found = self._exact.get(b"" if rest == b"/" else rest)
        if found is None and (patterns := self._patterns.get(rest.count(b"/"))):
            found = _by_pattern(patterns, rest.split(b"/"))
        if found is None:
            raise _not_found()
        return found


def _by_pattern(
    patterns: list[tuple[list[bytes], _Methods]], parts: list[bytes]
) -> _Methods | None:
    """The first pattern of as many segments that fits; ``*`` is one that is not empty."""
    for pattern, methods in patterns:
        if all(
            part == wanted or (wanted == b"*" and part)
            for wanted, part in zip(pattern, parts, strict=True)
        ):
            return methods
    return None


class _Platform(Generic[S]):
    """What stands on one platform."""

    __slots__ = ("_aliased", "_aliases", "_depth", "_well_known", "_well_known_below", "id",
                 "services")  # fmt: skip

    def __init__(self, name: str) -> None:
        self.id = name
        self.services: dict[bytes, _Route[S]] = {}
        self._aliases: dict[bytes, _Route[S]] = {}
        self._aliased: set[bytes] = set()
        self._depth = 0
        self._well_known: dict[bytes, _Route[S]] = {}
        self._well_known_below: list[tuple[bytes, _Route[S]]] = []

    def add(self, entry: RouteEntry[S]) -> None:
        route = _Route(entry)
        self.services[entry.service.encode("ascii")] = route
        for alias in entry.aliases:
            encoded = alias.encode("ascii")
            self._aliases[encoded] = route
            self._aliased.add(encoded.split(b"/")[1])
            self._depth = max(self._depth, alias.count("/"))
        for name in entry.well_known:
            encoded = name.encode("ascii")
            if encoded.endswith(b"*"):
                self._well_known_below.append((encoded[:-1], route))
                self._well_known_below.sort(key=lambda one: -len(one[0]))
            else:
                self._well_known[encoded] = route

    def by_alias(self, path: bytes, first: bytes) -> tuple[_Route[S], bytes] | None:
        """The route of the longest alias that ``path`` is, or is below, and what follows it."""
        if first not in self._aliased:
            return None
        ends: list[int] = []
        end = 0
        while len(ends) < self._depth and end < len(path):
            end = path.find(b"/", end + 1)
            end = len(path) if end < 0 else end
            ends.append(end)
        for end in reversed(ends):
            route = self._aliases.get(path[:end])
            if route is not None:
                return route, path[end:]
        return None

    def by_well_known(self, name: bytes) -> _Route[S] | None:
        """The route of a name below ``/.well-known/``: exact, or by its longest beginning."""
        route = self._well_known.get(name)
        if route is not None:
            return route
        for prefix, candidate in self._well_known_below:
            if name.startswith(prefix):
                return candidate
        return None


class Routes(Generic[S]):
    """The table of ``entries``, compiled once; ``hosts`` gives the hosts of every platform.

    A look-up costs the same with ten services as with a thousand.
    """

    def __init__(
        self, entries: Iterable[RouteEntry[S]], hosts: Mapping[str, Iterable[str]]
    ) -> None:
        platforms = {name: _Platform[S](name) for name in hosts}
        for entry in entries:
            platforms.setdefault(entry.platform, _Platform(entry.platform)).add(entry)
        self._platforms = {name.encode("ascii"): one for name, one in platforms.items()}
        self._hosts = HostTable(
            (host, platforms[name]) for name, names in hosts.items() for host in names
        )
        # Not of a method: that would be a cycle, and keep what is replaced by a new configuration.
        self._find: Callable[[str, bytes, bytes], Match[S]] = partial(
            _find, self._platforms, self._hosts
        )
        self._known = lru_cache(_KNOWN)(self._find)

    def match(self, method: str, host: bytes, path: bytes) -> Match[S]:
        """The service for a raw Host and a raw path without its query; what is usual is known.

        :raises DownstreamError: 400 for a path that could be read in two ways, 404, 405 (Allow).
        """
        short = len(host) + len(path) <= _LONGEST_KNOWN
        return (self._known if short else self._find)(method, host, path)

    def platform_of(self, host: bytes) -> str | None:
        """The id of the platform whose host this raw Host is."""
        platform = self._hosts.find(host)
        return None if platform is None else platform.id


def _find(
    platforms: Mapping[bytes, _Platform[S]],
    hosts: HostTable[_Platform[S]],
    method: str,
    host: bytes,
    path: bytes,
) -> Match[S]:
    judge(path)
    parts = path.split(b"/", 4)
    platform = platforms.get(parts[1])
    if platform is None:
        return _on_host(hosts, method, host, path, parts)
    if len(parts) < 4 or parts[2] != b"api":
        raise _not_found()
    route = platform.services.get(parts[3])
    if route is None:
        raise _not_found()
    rest = b"/" + parts[4] if len(parts) == 5 else b""
    route.methods_of(rest).check(method)
    return Match(route.value, route.platform, route.service, rest)


def _on_host(
    hosts: HostTable[_Platform[S]], method: str, host: bytes, path: bytes, parts: list[bytes]
) -> Match[S]:
    platform = hosts.find(host)
    if platform is None:
        raise _not_found()
    found = platform.by_alias(path, parts[1])
    if found is None and len(parts) > 2:
        if parts[1] == b".well-known":
            return _well_known(platform, method, path, parts[2])
        route = platform.services.get(parts[2])
        if route is not None and parts[1] == b"api":
            found = route, path[5 + len(parts[2]) :]
    if found is None:
        raise _not_found()
    route, rest = found
    route.methods_of(rest).check(method)
    return Match(route.value, route.platform, route.service, rest)


def _well_known(platform: _Platform[S], method: str, path: bytes, name: bytes) -> Match[S]:
    """RFC 8615: registered names, at the root of the host; they are only read."""
    route = platform.by_well_known(name)
    if route is None:
        raise _not_found()
    _READ.check(method)
    return Match(route.absolute, route.platform, route.service, path)


def _not_found() -> DownstreamError:
    return DownstreamError(404, "there is no such service here")
