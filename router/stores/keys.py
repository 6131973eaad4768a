"""API keys in SQLite, in a table shaped like the system's ``security_service.api_keys``."""

from __future__ import annotations

import json
from functools import partial
from typing import TYPE_CHECKING, Any

from router.errors import InternalError
from router.stores.rows import KeyRow
from router.stores.sqlite import Database

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Mapping
    from pathlib import Path

# SQLite has no schemas: the underscore stands for the dot. Times are seconds since the epoch,
# lists are JSON, key_hash is the SHA-256 in hex, as in the original.
_SCHEMA = (
    """
    CREATE TABLE IF NOT EXISTS security_service_api_keys (
        id TEXT PRIMARY KEY,
        name TEXT NOT NULL,
        key_hash TEXT NOT NULL UNIQUE,
        user_id TEXT NOT NULL,
        permissions TEXT NOT NULL DEFAULT '[]',
        platforms TEXT NOT NULL DEFAULT '[]',
        is_active INTEGER NOT NULL DEFAULT 1,
        expires_at REAL,
        created_at REAL NOT NULL,
        last_used REAL
    ) STRICT
    """,
    """
    CREATE TABLE IF NOT EXISTS security_service_api_keys_generation (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        generation INTEGER NOT NULL
    ) STRICT
    """,
    # Whoever changes a key, the sqlite3 shell too, is seen by every process; last_used is not one.
    """
    CREATE TRIGGER IF NOT EXISTS security_service_api_keys_changed
    AFTER UPDATE OF id, name, key_hash, user_id, permissions, platforms, is_active, expires_at
    ON security_service_api_keys
    BEGIN
        INSERT INTO security_service_api_keys_generation VALUES (1, 1)
        ON CONFLICT (id) DO UPDATE SET generation = generation + 1;
    END
    """,
    """
    CREATE TRIGGER IF NOT EXISTS security_service_api_keys_removed
    AFTER DELETE ON security_service_api_keys
    BEGIN
        INSERT INTO security_service_api_keys_generation VALUES (1, 1)
        ON CONFLICT (id) DO UPDATE SET generation = generation + 1;
    END
    """,
)

_COLUMNS = "id, name, user_id, permissions, platforms, is_active, expires_at, created_at, last_used"
_BY_DIGEST = f"SELECT {_COLUMNS} FROM security_service_api_keys WHERE key_hash = ?"  # noqa: S608 - constants
_ALL = f"SELECT {_COLUMNS} FROM security_service_api_keys ORDER BY created_at, id"  # noqa: S608 - constants
_GENERATION = "SELECT generation FROM security_service_api_keys_generation"
_INSERT = """
    INSERT INTO security_service_api_keys
        (id, name, key_hash, user_id, permissions, platforms, expires_at, created_at)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_END = "UPDATE security_service_api_keys SET is_active = 0 WHERE id = ? AND is_active = 1"
_END_AT = """
    UPDATE security_service_api_keys SET expires_at = min(?, coalesce(expires_at, ?))
    WHERE id = ? AND is_active = 1
"""
_USED = "UPDATE security_service_api_keys SET last_used = ? WHERE id = ?"


class SqliteKeys:
    """The table of API keys; a key is found by its SHA-256 and stands nowhere.

    Every method raises InternalError 503 ``store_unavailable`` where the file cannot be used.
    """

    def __init__(self, path: Path, *, read_only: bool = False) -> None:
        self._database = Database(path, _SCHEMA, read_only=read_only)

    async def find(self, digest: bytes) -> KeyRow | None:
        """The row of the key with this SHA-256, active or not."""
        return await self._database.read(partial(_find, digest))

    async def generation(self) -> int:
        """A number that grows whenever a key is changed, revoked or removed, by any process."""
        return await self._database.read(_generation)

    async def all(self) -> list[KeyRow]:
        """Every key, oldest first."""
        return await self._database.read(_all)

    async def add(self, row: KeyRow, digest: bytes) -> None:
        """Adds a key by its SHA-256; the row's ``active`` and ``last_used`` are not looked at."""
        await self._database.write(partial(_add, row, digest))

    async def revoke(self, key_id: str) -> bool:
        """Whether the key was active until now; from now on it is not."""
        return await self._database.write(partial(_end, key_id, None))

    async def replace(
        self, key_id: str, row: KeyRow, digest: bytes, *, until: float | None = None
    ) -> bool:
        """Adds ``row`` and ends key ``key_id`` in one step, at once or at ``until`` (seconds).

        False, and nothing is changed, where that key is not active.
        """
        return await self._database.write(partial(_replace, key_id, row, digest, until))

    async def mark_used(self, uses: Mapping[str, float]) -> None:
        """Notes when keys, by id, were last used (seconds since the epoch)."""
        await self._database.write(partial(_mark_used, uses))

    async def up(self) -> bool:
        """Whether the store answers."""
        try:
            await self.generation()
        except InternalError:
            return False
        return True

    async def close(self) -> None:
        """Closes the file."""
        await self._database.close()


def _find(digest: bytes, connection: sqlite3.Connection) -> KeyRow | None:
    found = connection.execute(_BY_DIGEST, (digest.hex(),)).fetchone()
    return None if found is None else _row(found)


def _generation(connection: sqlite3.Connection) -> int:
    found = connection.execute(_GENERATION).fetchone()
    return 0 if found is None else int(found[0])


def _all(connection: sqlite3.Connection) -> list[KeyRow]:
    return [_row(found) for found in connection.execute(_ALL)]


def _add(row: KeyRow, digest: bytes, connection: sqlite3.Connection) -> None:
    scopes, platforms = json.dumps(sorted(row.scopes)), json.dumps(sorted(row.platforms))
    connection.execute(
        _INSERT,
        (
            row.id,
            row.name,
            digest.hex(),
            row.user_id,
            scopes,
            platforms,
            row.expires_at,
            row.created_at,
        ),
    )


def _end(key_id: str, until: float | None, connection: sqlite3.Connection) -> bool:
    if until is None:
        return connection.execute(_END, (key_id,)).rowcount > 0
    return connection.execute(_END_AT, (until, until, key_id)).rowcount > 0


def _replace(
    key_id: str, row: KeyRow, digest: bytes, until: float | None, connection: sqlite3.Connection
) -> bool:
    if not _end(key_id, until, connection):
        return False
    _add(row, digest, connection)
    return True


def _mark_used(uses: Mapping[str, float], connection: sqlite3.Connection) -> None:
    connection.executemany(_USED, [(at, key_id) for key_id, at in uses.items()])


def _row(found: tuple[Any, ...]) -> KeyRow:
    key_id, name, user_id, permissions, platforms, active, expires_at, created_at, used = found
    scopes, limited_to = _names(permissions), _names(platforms)
    return KeyRow(
        id=key_id,
        name=name,
        user_id=user_id,
        scopes=scopes or frozenset(),
        platforms=limited_to or frozenset(),
        # No platforms means all of them: a list that cannot be read must not become that.
        active=bool(active) and scopes is not None and limited_to is not None,
        expires_at=expires_at,
        created_at=created_at,
        last_used=used,
    )


def _names(text: str) -> frozenset[str] | None:
    try:
        names = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
        return None
    return frozenset(names)
