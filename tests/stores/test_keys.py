"""The table of API keys."""

from __future__ import annotations

import secrets
import sqlite3
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest

from router.errors import InternalError
from router.stores.keys import SqliteKeys
from router.stores.rows import KeyRow

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

ROW = KeyRow(
    id="k1",
    name="ci",
    user_id="u1",
    scopes=frozenset({"ai:chat", "ai:embed"}),
    platforms=frozenset({"lanonasis"}),
    expires_at=2e9,
    created_at=1e9,
)


@pytest.fixture
async def keys(tmp_path: Path) -> AsyncIterator[SqliteKeys]:
    keys = SqliteKeys(tmp_path / "router.db")
    yield keys
    await keys.close()


def digest() -> bytes:
    return secrets.token_bytes(32)


async def test_a_key_comes_back_as_it_went(keys: SqliteKeys) -> None:
    mine = digest()
    await keys.add(ROW, mine)
    assert await keys.find(mine) == ROW
    assert await keys.find(digest()) is None
    assert await keys.all() == [ROW]


async def test_a_hash_stands_once(keys: SqliteKeys) -> None:
    mine = digest()
    await keys.add(ROW, mine)
    with pytest.raises(InternalError):
        await keys.add(replace(ROW, id="k2"), mine)


async def test_revoked_once(keys: SqliteKeys) -> None:
    mine = digest()
    await keys.add(ROW, mine)
    assert await keys.revoke("k1")
    assert not await keys.revoke("k1")
    assert not await keys.revoke("k2")
    assert await keys.find(mine) == replace(ROW, active=False)


async def test_replacing_ends_the_old_key_in_the_same_step(keys: SqliteKeys) -> None:
    old, new = digest(), digest()
    await keys.add(ROW, old)
    assert await keys.replace("k1", replace(ROW, id="k2"), new)
    assert [row.active for row in await keys.all()] == [False, True]
    assert not await keys.replace("k1", replace(ROW, id="k3"), digest())
    assert len(await keys.all()) == 2


async def test_a_replacement_that_fails_ends_nothing(keys: SqliteKeys) -> None:
    old = digest()
    await keys.add(ROW, old)
    with pytest.raises(InternalError):
        await keys.replace("k1", replace(ROW, id="k2"), old)
    assert await keys.find(old) == ROW


async def test_replacing_with_an_overlap_never_lengthens_a_life(keys: SqliteKeys) -> None:
    old, eternal = digest(), digest()
    await keys.add(ROW, old)
    await keys.add(replace(ROW, id="k2", expires_at=None), eternal)
    assert await keys.replace("k1", replace(ROW, id="k3"), digest(), until=3e9)
    assert await keys.replace("k2", replace(ROW, id="k4"), digest(), until=3e9)
    assert await keys.find(old) == ROW
    assert await keys.find(eternal) == replace(ROW, id="k2", expires_at=3e9)


async def test_the_generation_tells_changes_and_only_those(keys: SqliteKeys) -> None:
    assert await keys.generation() == 0
    await keys.add(ROW, digest())
    await keys.mark_used({"k1": 1.5e9, "nobody": 1.0})
    assert await keys.generation() == 0
    assert (await keys.all())[0].last_used == 1.5e9
    await keys.revoke("k1")
    after = await keys.generation()
    assert after > 0
    await keys.revoke("k1")
    assert await keys.generation() == after


@pytest.mark.parametrize("column", ["permissions", "platforms"])
@pytest.mark.parametrize("text", ["", "null", "{}", "lanonasis", "[1]", '"*"', "[" * 50000])
async def test_a_list_that_cannot_be_read_disables_the_key(
    keys: SqliteKeys, tmp_path: Path, column: str, text: str
) -> None:
    mine = digest()
    await keys.add(ROW, mine)
    shell = sqlite3.connect(tmp_path / "router.db")
    shell.execute(f"UPDATE security_service_api_keys SET {column} = ?", (text,))
    shell.commit()
    shell.close()
    row = await keys.find(mine)
    assert row is not None
    assert not row.active


async def test_the_columns_are_the_systems(keys: SqliteKeys, tmp_path: Path) -> None:
    await keys.generation()
    shell = sqlite3.connect(tmp_path / "router.db")
    names = [row[1] for row in shell.execute("PRAGMA table_info(security_service_api_keys)")]
    shell.close()
    assert names == [
        "id", "name", "key_hash", "user_id", "permissions",
        "platforms", "is_active", "expires_at", "created_at", "last_used",
    ]  # fmt: skip
