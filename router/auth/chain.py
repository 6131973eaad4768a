"""The auth chain: methods in order, the first credential that passes by itself tells who calls."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Literal

from router.auth.attempt import Attempt, Credentials, Method
from router.errors import DownstreamError
from router.exchange import ANONYMOUS, Principal

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

_DETAILS = {
    "malformed": "malformed credential",
    "rejected": "credential rejected",
    "expired": "credential expired",
}


class Disabled:
    """Stands for a method that has no secret here: it reads nothing and passes nobody.

    A chain must not become shorter by a secret that is missing: an empty chain is open.
    """

    scheme = b"Bearer"
    fields: frozenset[bytes] = frozenset()

    def __init__(self, name: str) -> None:
        self.name = name
        self._absent = Attempt(name, "absent", finer="disabled: it has no secret")

    async def attempt(self, credentials: Credentials, now: float) -> Attempt:  # noqa: ARG002 - the shape of Method
        """Never anybody."""
        return self._absent


class AuthChain:
    """Asks ``methods`` in order. None at all: an open service, everybody is anonymous.

    An absent credential leads to the next method, and so does one that does not hold, unless
    ``on_invalid`` is ``reject``. A store that is down ends it with its 503: never 401, never open.
    """

    def __init__(
        self,
        methods: Sequence[Method],
        *,
        on_invalid: Literal["next", "reject"] = "next",
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._methods = tuple(methods)
        self._reject = on_invalid == "reject"
        self._clock = clock
        self.fields: frozenset[bytes] = frozenset().union(*(m.fields for m in methods))
        """The request fields this chain consumes, in lower case."""
        scheme = next((m.scheme for m in methods if m.name == "bearer"), b"")
        if methods and not scheme:
            scheme = methods[0].scheme
        self._challenge = scheme + b' realm="router"'

    async def authenticate(self, credentials: Credentials) -> Principal:
        """Who calls. DownstreamError 401 when nobody was proved, InternalError 503 from a store.

        The 401 says in ``tried`` how each method fared, coarsely; finer reasons are in what
        :meth:`attempt_all` gives.
        """
        if not self._methods:
            return ANONYMOUS
        return self.judged(await self.attempt_all(credentials))

    def judged(self, attempts: Sequence[Attempt]) -> Principal:
        """Who calls, by the attempts of :meth:`attempt_all`; DownstreamError 401 if nobody."""
        if not self._methods:
            return ANONYMOUS
        principal = attempts[-1].principal
        if principal is None:
            raise self.refusal(attempts)
        return principal

    async def attempt_all(self, credentials: Credentials) -> list[Attempt]:
        """Every attempt made, in order; only the last can have passed. Open service: none."""
        now = self._clock()
        attempts = []
        for method in self._methods:
            attempt = await method.attempt(credentials, now)
            attempts.append(attempt)
            if attempt.principal is not None or (self._reject and attempt.outcome == "rejected"):
                break
        return attempts

    def refusal(self, attempts: Sequence[Attempt]) -> DownstreamError:
        """The 401 (RFC 9110 §15.5.2) for attempts of which none passed."""
        tried = [
            {"method": one.method, "outcome": one.outcome, "reason": one.reason} for one in attempts
        ]
        rejected = [one for one in attempts if one.outcome == "rejected"]
        if not rejected:
            return _unauthorized(self._challenge, tried)
        return _invalid_token(self._challenge, tried, rejected[-1])


def _unauthorized(challenge: bytes, tried: list[dict[str, str]]) -> DownstreamError:
    return DownstreamError(
        401,
        "a credential is needed",
        fields=((b"www-authenticate", challenge),),
        members={"tried": tried},
    )


def _invalid_token(challenge: bytes, tried: list[dict[str, str]], last: Attempt) -> DownstreamError:
    # "invalid signature" is the word that existing clients of the chat backend read.
    signature = last.finer == "signature"
    return DownstreamError(
        401,
        "invalid signature" if signature else _DETAILS[last.reason],
        code="invalid_token",
        title="Invalid token",
        fields=((b"www-authenticate", challenge + b', error="invalid_token"'),),
        members={"tried": tried},
    )
