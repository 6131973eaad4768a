"""Whose an MCP session is: the upstream sees one key for all callers, only the router can tell."""

from __future__ import annotations

from collections import OrderedDict
from hashlib import blake2b
from typing import TYPE_CHECKING

from router.errors import DownstreamError

if TYPE_CHECKING:
    from router.exchange import Fields

SESSION = b"mcp-session-id"
_MOST = 100_000
"""Sessions remembered; the one used longest ago is forgotten first."""


def _digest(session: bytes) -> bytes:
    """Sixteen bytes for an id of any length, so that what is remembered is bounded."""
    return blake2b(session, digest_size=16).digest()


class Sessions:
    """Binds each ``Mcp-Session-Id`` to the principal it was given to (MCP, Session Hijacking).

    One this process did not see begin (another replica's, or from before a start) passes.
    """

    def __init__(self) -> None:
        self._owners: OrderedDict[tuple[str, bytes], str] = OrderedDict()

    def learn(self, service: str, fields: Fields, principal: str) -> None:
        """Notes a session that an answer of ``service`` has begun for ``principal``."""
        for name, value in fields:
            if name == SESSION:
                key = (service, _digest(value))
                self._owners[key] = principal
                self._owners.move_to_end(key)
                if len(self._owners) > _MOST:
                    self._owners.popitem(last=False)

    def check(self, service: str, fields: Fields, principal: str) -> None:
        """Raises 404 for somebody else's session, as for one that does not exist."""
        if not self._owners:
            return
        for name, value in fields:
            if name != SESSION:
                continue
            key = (service, _digest(value))
            owner = self._owners.get(key)
            if owner is None:
                continue
            if owner != principal:
                raise DownstreamError(404, "there is no such session")
            self._owners.move_to_end(key)
