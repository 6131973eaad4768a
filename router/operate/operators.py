"""Who is an operator: whoever knows the token, or stands at a place that only operators reach."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING

from router.fields import Network, spoken_through_proxy, trusts

if TYPE_CHECKING:
    from collections.abc import Callable

    from router.exchange import RequestHead

COOKIE = b"router_operator"
_FIELDS = frozenset({b"authorization", b"cookie"})


@dataclass(frozen=True, slots=True)
class Operators:
    """The rule of the interface; ``platform_of`` tells whether a Host is a platform's.

    An empty token lets nobody in by token. A peer in ``networks`` counts for GET only, and only
    where no field says that a proxy stands between: behind a proxy on the same machine every
    caller looks local.
    """

    token: bytes
    networks: tuple[Network, ...]
    platform_of: Callable[[bytes], str | None]

    def admits(self, head: RequestHead, *, private: bool = False) -> bool:
        """Whether ``head`` comes from an operator; ``private``: it came by the second listener."""
        if private or self.knows_token(head):
            return True
        if head.method not in ("GET", "HEAD") or head.peer is None:
            return False
        if spoken_through_proxy(head.fields) or self.on_platform_host(head):
            return False
        return trusts(self.networks, head.peer[0])

    @property
    def fields(self) -> frozenset[bytes]:
        """The request fields in which an operator's credential may stand."""
        return _FIELDS

    def is_tried(self, head: RequestHead) -> bool:
        """Whether ``head`` shows what would be an operator's credential if it held."""
        return any(
            name == b"authorization" or (name == b"cookie" and COOKIE + b"=" in value)
            for name, value in head.fields
        )

    def on_platform_host(self, head: RequestHead) -> bool:
        """Whether the request was sent to a platform's own host."""
        return self.platform_of(head.one(b"host") or b"") is not None

    def knows_token(self, head: RequestHead) -> bool:
        """Whether ``head`` shows the token, or the cookie that proves it."""
        lines = head.all(b"authorization")
        if len(lines) == 1 and lines[0][:7].lower() == b"bearer ":
            return self.is_token(lines[0][7:].strip())
        return head.method in ("GET", "HEAD") and self._has_cookie(head)

    def is_token(self, given: bytes) -> bool:
        """Compares in constant time."""
        return bool(self.token) and hmac.compare_digest(given, self.token)

    def _has_cookie(self, head: RequestHead) -> bool:
        expected = self.cookie_value()
        for line in head.all(b"cookie"):
            for pair in line.split(b";")[:64]:
                name, _, value = pair.strip().partition(b"=")
                if name == COOKIE and self.token and hmac.compare_digest(value, expected):
                    return True
        return False

    def cookie_value(self) -> bytes:
        """What the dashboard's cookie holds: proof of the token, not the token."""
        return hmac.new(self.token, b"dashboard", sha256).hexdigest().encode()
