"""What is known of one request, typed: heads, who calls, where it goes, how it ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

Fields: TypeAlias = list[tuple[bytes, bytes]]
"""Field lines in wire order; names in lower case."""


class RequestHead(NamedTuple):
    """A request's head as it came: ``path`` and ``query`` are raw, never decoded.

    A tuple, as all that is made for each request: a frozen dataclass takes four times as long.
    """

    method: str
    path: bytes
    query: bytes
    fields: Fields
    peer: tuple[str, int] | None = None
    scheme: str = "http"
    http_version: str = "1.1"
    first: Mapping[bytes, bytes] | None = None
    """The first value under each name, where that is known already."""

    def all(self, name: bytes) -> list[bytes]:
        """Every value sent under ``name`` (lower case), in order."""
        first = self.first
        if first is not None:
            if name not in first:
                return []
            if len(first) == len(self.fields):  # as many names as lines: each stands once
                return [first[name]]
        return [value for key, value in self.fields if key == name]

    def one(self, name: bytes) -> bytes | None:
        """The first value under ``name`` (lower case), or None."""
        if self.first is not None:
            return self.first.get(name)
        for key, value in self.fields:
            if key == name:
                return value
        return None

    def joined(self, name: bytes) -> bytes:
        """All values under ``name`` as one list (RFC 9110 §5.3); empty where there is none."""
        return b", ".join(self.all(name))


@dataclass(slots=True)
class ResponseHead:
    """An answer's head on its way out; plugins may change it."""

    status: int
    fields: Fields
    reason: bytes = b""

    def all(self, name: bytes) -> list[bytes]:
        """Every value sent under ``name`` (lower case), in order."""
        return [value for key, value in self.fields if key == name]

    def one(self, name: bytes) -> bytes | None:
        """The first value under ``name`` (lower case), or None."""
        for key, value in self.fields:
            if key == name:
                return value
        return None

    def replace(self, name: bytes, value: bytes) -> None:
        """Sets ``name`` to the one ``value``, whatever stood there."""
        self.fields = [line for line in self.fields if line[0] != name]
        self.fields.append((name, value))


@dataclass(frozen=True, slots=True)
class Response:
    """A whole answer of the router's own or of a plugin's."""

    status: int
    body: bytes = b""
    fields: tuple[tuple[bytes, bytes], ...] = ()
    media_type: bytes = b"application/json"


@dataclass(frozen=True, slots=True)
class Principal:
    """Who calls. ``id`` is ``user:<id>``, ``key:<id>`` or ``address:<net>``.

    ``subject`` is the user's id, ``expires_at`` seconds since the epoch (None: never),
    ``platforms`` those a credential is limited to (empty: all), ``key`` the API key's name.
    """

    id: str
    method: str
    subject: str = ""
    email: str = ""
    scopes: frozenset[str] = frozenset()
    expires_at: float | None = None
    platforms: frozenset[str] = frozenset()
    plan: str = ""
    key: str = ""

    def may(self, required: frozenset[str]) -> bool:
        """Whether every required scope was granted; ``*`` grants all, ``ai:*`` a prefix."""
        if "*" in self.scopes:
            return True
        return all(
            scope in self.scopes or f"{scope.rpartition(':')[0]}:*" in self.scopes
            for scope in required
        )


ANONYMOUS = Principal(id="", method="none")


@dataclass(frozen=True, slots=True)
class ServiceInfo:
    """One service on one platform, as callers may know it."""

    platform: str
    service: str
    title: str = ""
    summary: str = ""
    methods: tuple[str, ...] = ()
    streaming: bool = False


@dataclass(slots=True)
class Outcome:
    """How an exchange ended; filled as it goes, read once by accounting. Seconds and bytes."""

    status: int = 0
    code: str = ""
    started: float = 0.0
    duration: float = 0.0
    first_byte: float = 0.0
    upstream: float = 0.0
    privacy: float = 0.0
    bytes_in: int = 0
    bytes_out: int = 0
    entities: dict[str, int] = field(default_factory=dict)
    masked: int = 0
    leaks: int = 0
    disconnected: bool = False
    aborted: bool = False


@dataclass(slots=True)
class Exchange:
    """One request and its answer; lives exactly as long as the request."""

    head: RequestHead
    request_id: str
    client: str = ""
    info: ServiceInfo | None = None
    rest: bytes = b""
    principal: Principal = ANONYMOUS
    outcome: Outcome = field(default_factory=Outcome)
    values: dict[str, Any] = field(default_factory=dict)
    """A plugin's own values for this request, under the plugin's name."""
    reader: Callable[[], Awaitable[bytes]] | None = None
    """Reads the body; set by the gateway while plugins may ask for it."""

    async def read_body(self) -> bytes:
        """The whole request body without its content codings; only within ``on_request``.

        Read once, however many plugins ask; what follows gets the same bytes. GatewayError 413
        over ``max_body`` or ``max_inspected_body``, 503 where memory is short, 400 and 415 for
        codings that cannot be undone: leave it to the gateway. RuntimeError at any other time.
        """
        if self.reader is None:
            raise RuntimeError("a body can be read within on_request only")
        return await self.reader()
