"""API keys: ``X-API-Key: sk_live_…``, known to the store by their SHA-256 only.

A key is 32 random bytes, so a plain hash is enough, and one look-up by it finds the row
(an Argon2 of 289 ms on every request would be a gift to attackers).
"""

from __future__ import annotations

import re
import secrets
import zlib
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from router.auth.attempt import Attempt, Credentials
from router.auth.identities import Identities
from router.errors import InternalError
from router.exchange import Principal

if TYPE_CHECKING:
    from collections.abc import Mapping

    from router.stores.rows import KeyRow

_PREFIX = "sk_live_"
_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BODY, _SUM = 43, 6
"""Base62 digits of 32 bytes, and of a CRC-32."""

_KEY = re.compile(rb"sk_[a-z0-9]{1,16}_[A-Za-z0-9_-]{16,200}")
_HASH = re.compile(rb"[0-9a-f]{64}")
_CACHE_SIZE = 4096
_GENERATION_SECONDS = 0.4
"""How old our knowledge of revocations may get; with a look-up's time this stays under 1 s."""


class KeyStore(Protocol):
    """Where keys are looked up."""

    async def find(self, digest: bytes) -> KeyRow | None:
        """The row of the key with this SHA-256, active or not. InternalError 503 when down."""
        ...

    async def generation(self) -> int:
        """A number that changes whenever a key was revoked or changed. Cheap."""
        ...

    async def mark_used(self, uses: Mapping[str, float]) -> None:
        """Notes when keys, by id, were last used (seconds since the epoch)."""
        ...


def mint_key() -> str:
    """A new key: 32 random bytes and a checksum, by which secret scanners tell it from noise."""
    body = _base62(int.from_bytes(secrets.token_bytes(32), "big"), _BODY)
    return f"{_PREFIX}{body}{_checksum(body)}"


def key_digest(key: bytes) -> bytes:
    """What the store knows of ``key``: its SHA-256."""
    return sha256(key).digest()


def looks_mistyped(key: bytes) -> bool:
    """Whether ``key`` is of our own minting form but its checksum does not hold."""
    text = key.decode("ascii", "replace")
    body, checksum = text[len(_PREFIX) : -_SUM], text[-_SUM:]
    ours = text.startswith(_PREFIX) and len(body) == _BODY
    return ours and _checksum(body) != checksum


def _checksum(body: str) -> str:
    return _base62(zlib.crc32(body.encode()), _SUM)


def _base62(number: int, width: int) -> str:
    digits = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits))


class ApiKeys:
    """Judges keys by the rows of ``store``; rows of good keys are kept for ``cache`` seconds.

    Every other key costs the same one look-up, whether it is unknown, near a good one, revoked
    or expired. With ``accept_hash`` the hex SHA-256 itself is a credential too, as some old
    clients send it: whoever reads the table can then use every key in it.
    """

    def __init__(self, store: KeyStore, *, cache: float = 5.0, accept_hash: bool = False) -> None:
        self._store = store
        self._cache = cache
        self._accept_hash = accept_hash
        self._rows: Identities[KeyRow] = Identities(_CACHE_SIZE)
        self._generation = -1
        self._asked = float("-inf")
        self._uses: dict[str, float] = {}

    async def check(self, key: bytes, method: str, now: float) -> Attempt:
        """Judges ``key`` (any bytes) on behalf of ``method`` at ``now`` (seconds)."""
        if _KEY.fullmatch(key):
            digest = key_digest(key)
        elif self._accept_hash and _HASH.fullmatch(key):
            digest = bytes.fromhex(key.decode())
        else:
            return Attempt(method, "rejected", "malformed", "not a key")
        row = await self._row(digest, now)
        if row is None:
            finer = "mistyped key" if looks_mistyped(key) else "unknown key"
            return Attempt(method, "rejected", "rejected", finer)
        return self._judge(row, method, now)

    async def settle(self) -> None:
        """Writes when keys were last used; to be called now and then, outside any request."""
        uses, self._uses = self._uses, {}
        if uses:
            await self._store.mark_used(uses)

    async def _row(self, digest: bytes, now: float) -> KeyRow | None:
        if not 0 <= now - self._asked < _GENERATION_SECONDS:
            await self._forget_revoked(now)
        row = self._rows.get(digest, now)
        if row is not None:
            return row
        generation = self._generation
        row = await self._store.find(digest)
        # What was read while a key was being revoked may be its old row: not kept.
        if row is not None and row.active and generation == self._generation:
            self._rows.keep(digest, row, now, now + self._cache)
        return row

    async def _forget_revoked(self, now: float) -> None:
        before, self._asked = self._asked, now  # others go on meanwhile with what is known
        try:
            generation = await self._store.generation()
        except InternalError:
            # A store that is down revokes nothing: what is kept holds until its time.
            return
        except BaseException:
            self._asked = before  # a caller who left must not put the question off
            raise
        if generation != self._generation:
            self._generation = generation
            self._rows.clear()

    def _judge(self, row: KeyRow, method: str, now: float) -> Attempt:
        if not row.active:
            return Attempt(method, "rejected", "rejected", "revoked key")
        if row.expires_at is not None and row.expires_at <= now:
            return Attempt(method, "rejected", "expired", "expired key")
        self._uses[row.id] = now
        principal = Principal(
            id=f"key:{row.id}",
            method="api_key",
            subject=row.user_id,
            scopes=row.scopes,
            expires_at=row.expires_at,
            platforms=row.platforms,
            key=row.name,
        )
        return Attempt(method, "passed", principal=principal)


class ApiKeyField:
    """The request field that carries a key, ``X-API-Key`` unless named otherwise."""

    name = "api_key"
    scheme = b"ApiKey"

    def __init__(self, keys: ApiKeys, *, header: str = "X-API-Key") -> None:
        self._keys = keys
        self._field = header.lower().encode("ascii")
        self._absent = Attempt(self.name, "absent")
        self.fields = frozenset({self._field})

    async def attempt(self, credentials: Credentials, now: float) -> Attempt:
        """Judges the key, if there is exactly one."""
        lines = credentials.head.all(self._field)
        if not lines:
            return self._absent
        if len(lines) > 1:
            return Attempt(self.name, "rejected", "malformed", "several keys")
        return await self._keys.check(lines[0], self.name, now)
