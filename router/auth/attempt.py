"""What a method is shown, what it answers, and the one shape all methods have."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol

if TYPE_CHECKING:
    from router.exchange import Principal, RequestHead

Result = Literal["absent", "rejected", "passed"]
Reason = Literal["", "malformed", "rejected", "expired"]

EVERYTHING = frozenset({"*"})
"""The scopes of a signed-in user: sessions and bearer JWTs are not narrowed."""


class Credentials(NamedTuple):
    """A request's head, seen as what may prove who calls; ``service`` is the one it asks for."""

    head: RequestHead
    service: str


class Attempt(NamedTuple):
    """How one method fared. ``reason`` is for callers, ``finer`` for operators only."""

    method: str
    outcome: Result
    reason: Reason = ""
    finer: str = ""
    principal: Principal | None = None


class Method(Protocol):
    """One way to prove who calls."""

    @property
    def name(self) -> str:
        """The word of config, logs and metrics: ``cookie``, ``bearer`` and so on."""
        ...

    @property
    def fields(self) -> frozenset[bytes]:
        """The request fields read, in lower case: consumed, so not for the upstream."""
        ...

    @property
    def scheme(self) -> bytes:
        """The auth-scheme it is challenged with (RFC 9110 §11.1)."""
        ...

    async def attempt(self, credentials: Credentials, now: float) -> Attempt:
        """Tries, at ``now`` (seconds since the epoch). InternalError 503 where a store is down."""
        ...
