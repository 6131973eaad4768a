"""``router keys``: create, list, revoke and rotate API keys. Each function gives the exit code."""

from __future__ import annotations

import asyncio
import json
import sys
import time
from dataclasses import replace
from typing import TYPE_CHECKING
from uuid import uuid4

from router.auth.api_key import key_digest, looks_mistyped, mint_key
from router.cli.key_rows import joined, line, moment_after, print_table, told, words
from router.config.values import duration
from router.errors import InternalError
from router.stores.keys import SqliteKeys
from router.stores.rows import KeyRow

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable
    from pathlib import Path


def create(
    path: Path,
    *,
    name: str,
    user: str,
    scopes: str,
    platforms: str = "",
    expires: str = "",
    known_platforms: Iterable[str] = (),
    as_json: bool = False,
) -> int:
    """Makes a key; it is printed once, alone on stdout, and nobody can print it again.

    ``scopes`` and ``platforms`` are words parted by commas or spaces (no platforms: all of
    them); ``expires`` is a duration from now or an ISO date (empty: never).
    """
    try:
        now = time.time()
        row = KeyRow(
            id=str(uuid4()),
            name=line(name, "name"),
            user_id=line(user, "user"),
            scopes=words(scopes, "scopes"),
            platforms=words(platforms, "platforms", known_platforms),
            expires_at=moment_after(expires, now),
            created_at=now,
        )
    except ValueError as error:
        return _complain(str(error), 2)
    key = mint_key()

    async def work(keys: SqliteKeys) -> int:
        await keys.add(row, key_digest(key.encode()))
        _show_key(row, key, as_json=as_json)
        return 0

    return _with_keys(path, work)


def show(path: Path, *, as_json: bool = False) -> int:
    """Prints every key's row, oldest first; never a key."""

    async def work(keys: SqliteKeys) -> int:
        rows = [told(row) for row in await keys.all()]
        if as_json:
            print(json.dumps(rows, indent=2))
        else:
            print_table(rows)
        return 0

    return _with_keys(path, work)


def revoke(path: Path, reference: str, *, as_json: bool = False) -> int:
    """Ends a key, told by its id, its name if only one active key has it, or the key itself."""

    async def work(keys: SqliteKeys) -> int:
        row = await _find(keys, reference)
        if not await keys.revoke(row.id):
            raise LookupError("this key was revoked before")
        if as_json:
            print(json.dumps(told(replace(row, active=False))))
        else:
            print(f"revoked {row.id} ({row.name}): refused within a second", file=sys.stderr)
        return 0

    return _with_keys(path, work)


def rotate(path: Path, reference: str, *, overlap: str = "", as_json: bool = False) -> int:
    """Makes a new key with the rights of another and ends that one, at once or after ``overlap``.

    Both happen in one step. The new key is printed as by :func:`create`.
    """
    try:
        until = time.time() + duration(overlap) if overlap else None
    except ValueError as error:
        return _complain(str(error), 2)

    async def work(keys: SqliteKeys) -> int:
        old = await _find(keys, reference)
        new = replace(old, id=str(uuid4()), created_at=time.time(), last_used=None)
        key = mint_key()
        if not await keys.replace(old.id, new, key_digest(key.encode()), until=until):
            raise LookupError("this key was revoked before")
        _show_key(new, key, as_json=as_json)
        return 0

    return _with_keys(path, work)


def _with_keys(path: Path, work: Callable[[SqliteKeys], Awaitable[int]]) -> int:
    async def run() -> int:
        keys = SqliteKeys(path)
        try:
            return await work(keys)
        finally:
            await keys.close()

    try:
        return asyncio.run(run())
    except LookupError as error:
        return _complain(str(error.args[0]), 1)
    except InternalError as error:
        return _complain(f"{error.detail}: {error.__cause__} ({path})", 1)


async def _find(keys: SqliteKeys, reference: str) -> KeyRow:
    if reference.startswith("sk_"):
        row = await keys.find(key_digest(reference.encode()))
        if row is None:
            mistyped = looks_mistyped(reference.encode())
            raise LookupError("this key is mistyped" if mistyped else "there is no such key")
        return row
    rows = await keys.all()
    found = [row for row in rows if row.id == reference] or [
        row for row in rows if row.name == reference and row.active
    ]
    if not found:
        raise LookupError("there is no active key of this id or name")
    if len(found) > 1:
        raise LookupError("several keys have this name; say which: " + joined(r.id for r in found))
    return found[0]


def _show_key(row: KeyRow, key: str, *, as_json: bool) -> None:
    if as_json:
        print(json.dumps({**told(row), "key": key}))
        return
    print(key)
    print(f"key {row.id} ({row.name}); keep it, it is not shown again", file=sys.stderr)


def _complain(message: str, code: int) -> int:
    print(f"router keys: {message}", file=sys.stderr)
    return code
