"""What stands for a caller's id where the id is an e-mail address."""

from __future__ import annotations

from hashlib import blake2b


class Pseudonyms:
    """Some issuers put the address into ``sub``; neither a log nor every upstream may have it."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret

    def of(self, identifier: str) -> str:
        """``identifier``, or where it holds an ``@`` a short keyed digest of it after ``~``.

        A kind before it (``user:``) stays, and does not count: both forms give one digest.
        """
        if "@" not in identifier:
            return identifier
        kind, colon, name = identifier.partition(":")
        if not colon or "@" in kind:
            kind, colon, name = "", "", identifier
        digest = blake2b(name.encode(), key=self._secret, digest_size=8).hexdigest()
        return f"{kind}{colon}~{digest}"
