"""A real store of keys that also tells what it was asked."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

from router.auth.api_key import key_digest, mint_key
from router.stores.keys import SqliteKeys
from router.stores.rows import KeyRow

if TYPE_CHECKING:
    from pathlib import Path


class RecordedKeys(SqliteKeys):
    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.finds: list[bytes] = []

    async def find(self, digest: bytes) -> KeyRow | None:
        self.finds.append(digest)
        return await super().find(digest)


async def new_key(keys: SqliteKeys, **more: Any) -> tuple[bytes, KeyRow]:
    key = mint_key().encode()
    row = KeyRow(
        **{
            "id": secrets.token_hex(8),
            "name": "ci",
            "user_id": "u1",
            "scopes": frozenset({"ai:chat"}),
            "created_at": 1.0,
            **more,
        }
    )
    await keys.add(row, key_digest(key))
    return key, row
