"""What the router proves itself with towards upstreams; callers never see it."""

from __future__ import annotations

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, Protocol

import jwt

from router.errors import DownstreamError, InternalError

if TYPE_CHECKING:
    from router.exchange import Fields, Principal

_SHORTEST_SECRET = 32
_MOST_TOKENS = 1024
_FRESH = 0.8


class Credential(Protocol):
    """Something that is added to each request to an upstream."""

    def fields(self, principal: Principal, now: float, /) -> Fields:
        """The fields to add for ``principal``; ``now`` is seconds since the epoch."""
        ...


@dataclass(frozen=True, slots=True)
class Header:
    """A fixed field; an empty value is not sent."""

    name: str
    value: str = field(repr=False)
    _lines: Fields = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        line = (self.name.lower().encode("ascii"), self.value.encode("latin-1"))
        if not line[1].isascii() or any(byte < 0x20 or byte == 0x7F for byte in line[1]):
            raise ValueError(f"the value of {self.name} cannot stand in a field")
        object.__setattr__(self, "_lines", [line] if line[1] else [])

    def fields(self, principal: Principal, now: float, /) -> Fields:  # noqa: ARG002 -- same for all
        """The field, for whoever calls."""
        return self._lines


@dataclass(frozen=True, slots=True)
class Bearer:
    """A fixed token as ``Authorization: Bearer`` (RFC 6750 §2.1); empty: not sent."""

    token: str = field(repr=False)
    _header: Header = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        value = f"Bearer {self.token}" if self.token else ""
        object.__setattr__(self, "_header", Header("authorization", value))

    def fields(self, principal: Principal, now: float, /) -> Fields:
        """The field, for whoever calls."""
        return self._header.fields(principal, now)


@dataclass(slots=True)
class _Minted:
    """A token as the field that carries it, and when it is fresh enough to be sent."""

    lines: Fields
    since: float
    until: float


@dataclass(frozen=True, slots=True)
class Mint:
    """A JWT for each caller (RFC 7519), signed HS256: iss, aud, sub, iat, exp.

    ``subject`` tells what of the caller becomes ``sub``; ``lifetime`` is seconds from iat to exp.
    Tokens are kept for the callers seen last and made anew in the last fifth of their life. An
    empty secret makes every call fail; one under 32 bytes is a ValueError (RFC 7518 §3.2).
    """

    issuer: str
    audience: str
    secret: str = field(repr=False)
    subject: Literal["email", "id"] = "email"
    lifetime: float = 300.0
    _minted: OrderedDict[str, _Minted] = field(
        init=False, repr=False, compare=False, default_factory=OrderedDict
    )

    def __post_init__(self) -> None:
        if self.secret and len(self.secret.encode()) < _SHORTEST_SECRET:
            raise ValueError("an HS256 secret has at least 32 bytes")

    def fields(self, principal: Principal, now: float, /) -> Fields:
        """The bearer field with the caller's token.

        InternalError 503 without a secret, DownstreamError 403 for a caller who has no such
        subject.
        """
        if not self.secret:
            raise InternalError(
                503,
                "the upstream's credentials are not set up",
                code="destination_unavailable",
                fields=((b"retry-after", b"60"),),
            )
        subject = principal.email if self.subject == "email" else principal.subject
        if not subject:
            raise DownstreamError(
                403, "this service needs a caller who is known by name", code="subject_not_allowed"
            )
        kept = self._minted.get(subject)
        if kept is None or not kept.since <= now < kept.until:
            kept = self._keep(subject, now)
        self._minted.move_to_end(subject)
        return kept.lines

    def _keep(self, subject: str, now: float) -> _Minted:
        token = self._sign(subject, int(now))
        lines = [(b"authorization", b"Bearer " + token)]
        kept = _Minted(lines, now, now + self.lifetime * _FRESH)
        self._minted[subject] = kept
        if len(self._minted) > _MOST_TOKENS:
            self._minted.popitem(last=False)
        return kept

    def _sign(self, subject: str, issued: int) -> bytes:
        claims: dict[str, str | int] = {
            "sub": subject,
            "iat": issued,
            "exp": issued + int(self.lifetime),
        }
        if self.issuer:
            claims["iss"] = self.issuer
        if self.audience:
            claims["aud"] = self.audience
        return jwt.encode(claims, self.secret, algorithm="HS256").encode("ascii")
