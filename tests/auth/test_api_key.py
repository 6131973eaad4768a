"""A key is as good as its row; whatever is wrong with it, the store is asked the same."""

from __future__ import annotations

import asyncio
import secrets
import sqlite3
from hashlib import sha256
from typing import TYPE_CHECKING

import pytest

from router.auth.api_key import ApiKeyField, ApiKeys, key_digest, looks_mistyped, mint_key
from router.errors import InternalError
from router.stores.keys import SqliteKeys
from tests.auth.stored import RecordedKeys, new_key
from tests.auth.tokens import NOW, asks

if TYPE_CHECKING:
    from pathlib import Path

    from router.stores.rows import KeyRow


async def outcome(judge: ApiKeys, *values: bytes, now: float = NOW) -> str:
    method = ApiKeyField(judge)
    attempt = await method.attempt(asks(*((b"x-api-key", value) for value in values)), now)
    assert (attempt.principal is not None) == (attempt.outcome == "passed")
    return attempt.reason or attempt.outcome


def test_keys_are_alike_and_tell_a_slip() -> None:
    key = mint_key()
    assert len(key) == len("sk_live_") + 43 + 6
    assert key[8:].isalnum()
    assert mint_key() != key
    assert not looks_mistyped(key.encode())
    slip = key[:20] + ("a" if key[20] != "a" else "b") + key[21:]
    assert looks_mistyped(slip.encode())
    assert not looks_mistyped(b"sk_live_older-form_of_a_key")


async def test_a_good_key(keys: RecordedKeys) -> None:
    key, row = await new_key(keys, platforms=frozenset({"lanonasis"}), expires_at=NOW + 60)
    attempt = await ApiKeyField(ApiKeys(keys)).attempt(asks((b"x-api-key", key)), NOW)
    principal = attempt.principal
    assert principal is not None
    assert (principal.id, principal.method) == (f"key:{row.id}", "api_key")
    assert (principal.subject, principal.key, principal.expires_at) == ("u1", "ci", NOW + 60)
    assert principal.scopes == frozenset({"ai:chat"})
    assert principal.platforms == frozenset({"lanonasis"})


async def test_another_field(keys: RecordedKeys) -> None:
    key, _ = await new_key(keys)
    method = ApiKeyField(ApiKeys(keys), header="X-Own-Key")
    assert method.fields == frozenset({b"x-own-key"})
    assert (await method.attempt(asks((b"x-own-key", key)), NOW)).outcome == "passed"
    assert (await method.attempt(asks((b"x-api-key", key)), NOW)).outcome == "absent"


async def test_absent_and_twice(keys: RecordedKeys) -> None:
    key, _ = await new_key(keys)
    assert await outcome(ApiKeys(keys)) == "absent"
    assert await outcome(ApiKeys(keys), key, key) == "malformed"


@pytest.mark.parametrize(
    "value",
    [
        b"", b"\x00", b"sk_live_\x00" + b"a" * 49, b"sk_live_\xff\xfe" + b"a" * 49,
        b"sk_live_" + b"a" * (1 << 20), b"' OR (SELECT pg_sleep(10)) IS NULL --",
        b"sk_live_", b"sk_live_short", b" sk_live_" + b"a" * 49, b"sk_live_" + b"a" * 49 + b"\n",
        b"SK_LIVE_" + b"a" * 49, "sk_live_ä".encode() + b"a" * 49, b"Bearer sk_live_" + b"a" * 49,
    ],
    ids=range(13),
)  # fmt: skip
async def test_what_is_no_key_never_reaches_the_store(keys: RecordedKeys, value: bytes) -> None:
    assert await outcome(ApiKeys(keys), value) == "malformed"
    assert keys.finds == []


async def test_every_bad_key_costs_the_same_look_up(keys: RecordedKeys) -> None:
    judge = ApiKeys(keys)
    revoked, row = await new_key(keys)
    expired, _ = await new_key(keys, expires_at=NOW - 1)
    good, _ = await new_key(keys)
    await keys.revoke(row.id)
    near = good[:-1] + (b"a" if good[-1:] != b"a" else b"b")
    for bad in (revoked, near, mint_key().encode()):
        for _ in range(2):
            keys.finds.clear()
            assert await outcome(judge, bad) == "rejected"
            assert keys.finds == [key_digest(bad)]
    keys.finds.clear()
    assert await outcome(judge, expired) == "expired"
    assert keys.finds == [key_digest(expired)]


async def test_a_good_key_is_looked_up_once_while_it_is_kept(keys: RecordedKeys) -> None:
    judge = ApiKeys(keys)
    key, _ = await new_key(keys)
    for later in (0.0, 1.0, 2.0, 4.9):
        assert await outcome(judge, key, now=NOW + later) == "passed"
    assert len(keys.finds) == 1
    assert await outcome(judge, key, now=NOW + 5.1) == "passed"
    assert len(keys.finds) == 2


async def test_a_kept_key_still_expires(keys: RecordedKeys) -> None:
    judge = ApiKeys(keys)
    key, _ = await new_key(keys, expires_at=NOW + 2)
    assert await outcome(judge, key) == "passed"
    assert await outcome(judge, key, now=NOW + 2) == "expired"


async def test_a_revoked_key_is_refused_within_a_second(keys: RecordedKeys, tmp_path: Path) -> None:
    judge = ApiKeys(keys)
    key, row = await new_key(keys)
    assert await outcome(judge, key) == "passed"
    command = SqliteKeys(tmp_path / "data" / "router.db")  # another connection, as another process
    assert await command.revoke(row.id)
    await command.close()
    assert await outcome(judge, key, now=NOW + 0.5) == "rejected"


async def test_a_row_changed_by_hand_is_seen_too(keys: RecordedKeys, tmp_path: Path) -> None:
    judge = ApiKeys(keys)
    key, _ = await new_key(keys)
    assert await outcome(judge, key) == "passed"
    shell = sqlite3.connect(tmp_path / "data" / "router.db")
    shell.execute("DELETE FROM security_service_api_keys")
    shell.commit()
    shell.close()
    assert await outcome(judge, key, now=NOW + 0.5) == "rejected"


async def test_noting_use_does_not_make_keys_unknown(keys: RecordedKeys) -> None:
    judge = ApiKeys(keys)
    key, row = await new_key(keys)
    before = await keys.generation()
    assert await outcome(judge, key) == "passed"
    await judge.settle()
    await judge.settle()
    assert await keys.generation() == before
    (stored,) = await keys.all()
    assert (stored.id, stored.last_used) == (row.id, NOW)


class RevokedWhileRead(SqliteKeys):
    """A key is revoked after its row was read and before the reader goes on."""

    async def find(self, digest: bytes) -> KeyRow | None:
        row = await super().find(digest)
        if row is not None and row.active:
            await self.revoke(row.id)
            await self.passed_on.wait()
        return row

    passed_on: asyncio.Event


async def test_a_row_read_while_it_was_revoked_is_not_kept(tmp_path: Path) -> None:
    store = RevokedWhileRead(tmp_path / "router.db")
    store.passed_on = asyncio.Event()
    judge = ApiKeys(store)
    key, _ = await new_key(store)
    reader = asyncio.create_task(outcome(judge, key))
    while await store.generation() == 0:
        await asyncio.sleep(0)
    assert await outcome(judge, mint_key().encode(), now=NOW + 0.5) == "rejected"  # learns of it
    store.passed_on.set()
    assert await reader == "passed"  # it was good when it was read
    assert await outcome(judge, key, now=NOW + 0.6) == "rejected"
    await store.close()


async def test_a_store_that_is_down_is_no_refusal(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    down = SqliteKeys(tmp_path / "file" / "router.db")
    with pytest.raises(InternalError) as told:
        await outcome(ApiKeys(down), mint_key().encode())
    assert (told.value.status, told.value.code) == (503, "store_unavailable")
    assert dict(told.value.fields)[b"retry-after"] == b"1"
    await down.close()


async def test_kept_keys_hold_while_the_store_is_down(keys: RecordedKeys) -> None:
    judge = ApiKeys(keys)
    key, _ = await new_key(keys)
    assert await outcome(judge, key) == "passed"
    await keys.close()
    assert await outcome(judge, key, now=NOW + 4) == "passed"
    with pytest.raises(InternalError):
        await outcome(judge, key, now=NOW + 6)
    with pytest.raises(InternalError):
        await outcome(judge, mint_key().encode(), now=NOW + 4)


async def test_the_hash_is_a_credential_only_where_said(keys: RecordedKeys) -> None:
    key, _ = await new_key(keys)
    digest = sha256(key).hexdigest().encode()
    assert await outcome(ApiKeys(keys), digest) == "malformed"
    assert keys.finds == []
    lenient = ApiKeys(keys, accept_hash=True)
    assert await outcome(lenient, digest) == "passed"
    assert await outcome(lenient, digest.upper()) == "malformed"
    assert await outcome(lenient, secrets.token_hex(32).encode()) == "rejected"


async def test_a_caller_who_leaves_does_not_put_off_the_question(keys: RecordedKeys) -> None:
    judge = ApiKeys(keys)
    key, row = await new_key(keys)
    assert await outcome(judge, key) == "passed"
    await keys.revoke(row.id)
    leaving = asyncio.create_task(outcome(judge, key, now=NOW + 0.5))
    await asyncio.sleep(0)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    assert await outcome(judge, key, now=NOW + 0.51) == "rejected"
