"""A shared secret in a field: how cron and partner systems call."""

from __future__ import annotations

from hashlib import sha256
from hmac import compare_digest
from typing import TYPE_CHECKING

from router.auth.attempt import Attempt, Credentials
from router.exchange import Principal

if TYPE_CHECKING:
    from collections.abc import Sequence


class WebhookSecret:
    """Whoever sends one of ``secrets`` (several while one is rotated); it grants ``scopes``.

    ValueError where there is no secret, or an empty one: every caller would know it.
    """

    name = "webhook"
    scheme = b"Webhook"

    def __init__(
        self,
        secrets: Sequence[bytes],
        *,
        header: str = "X-Webhook-Secret",
        scopes: frozenset[str] = frozenset(),
    ) -> None:
        if not secrets or not all(secrets):
            raise ValueError("webhook: needs a secret that is not empty")
        self._field = header.lower().encode("ascii")
        # Digests are of one length: the comparison tells nothing of the secret's.
        self._digests = tuple(sha256(secret).digest() for secret in secrets)
        self._absent = Attempt(self.name, "absent")
        caller = Principal(id="key:webhook", method=self.name, subject="webhook", scopes=scopes)
        self._passed = Attempt(self.name, "passed", principal=caller)
        self.fields = frozenset({self._field})

    async def attempt(self, credentials: Credentials, now: float) -> Attempt:  # noqa: ARG002 - a secret has no end
        """Compares in constant time, if there is exactly one."""
        lines = credentials.head.all(self._field)
        if not lines:
            return self._absent
        if len(lines) > 1:
            return Attempt(self.name, "rejected", "malformed", "several secrets")
        digest = sha256(lines[0]).digest()
        # Every secret is compared, so that time does not tell which one it was.
        if sum(compare_digest(digest, own) for own in self._digests):
            return self._passed
        return Attempt(self.name, "rejected", "rejected", "another secret")
