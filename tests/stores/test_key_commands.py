"""``router keys``: what is printed where, and the exit code."""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from typing import TYPE_CHECKING, Any

import pytest

from router.auth.api_key import key_digest
from router.cli import keys as commands
from router.stores.keys import SqliteKeys

if TYPE_CHECKING:
    from pathlib import Path

    from router.stores.rows import KeyRow

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "router.db"


def create(path: Path, capsys: Capture, **more: Any) -> str:
    options = {"name": "ci", "user": "u1", "scopes": "ai:chat", **more}
    assert commands.create(path, **options) == 0
    return capsys.readouterr().out.strip()


def row_of(path: Path, key: str) -> KeyRow:
    async def find() -> KeyRow | None:
        store = SqliteKeys(path)
        try:
            return await store.find(key_digest(key.encode()))
        finally:
            await store.close()

    row = asyncio.run(find())
    assert row is not None
    return row


def listed(path: Path, capsys: Capture) -> list[dict[str, Any]]:
    assert commands.show(path, as_json=True) == 0
    rows: list[dict[str, Any]] = json.loads(capsys.readouterr().out)
    return rows


def test_the_key_stands_alone_on_stdout_and_nowhere_else(path: Path, capsys: Capture) -> None:
    assert commands.create(path, name="ci", user="u1", scopes="ai:chat, ai:embed") == 0
    out, err = capsys.readouterr()
    key = out.removesuffix("\n")
    assert key.startswith("sk_live_")
    assert "\n" not in key
    assert key not in err
    row = row_of(path, key)
    assert row.id in err
    assert (row.name, row.user_id, row.expires_at) == ("ci", "u1", None)
    assert row.scopes == frozenset({"ai:chat", "ai:embed"})
    for file in path.parent.iterdir():
        assert key.encode() not in file.read_bytes()


def test_platforms_and_expiry(path: Path, capsys: Capture) -> None:
    known = ["lanonasis", "maas"]
    key = create(path, capsys, platforms="maas lanonasis", expires="30d", known_platforms=known)
    row = row_of(path, key)
    assert row.platforms == frozenset({"lanonasis", "maas"})
    assert (row.expires_at or 0) - time.time() == pytest.approx(30 * 86400, abs=5)
    assert row_of(path, create(path, capsys, expires="2099-01-31")).expires_at == 4073500800.0


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""}, {"name": "a\nb"}, {"user": "\x1b[2J"}, {"scopes": "ai:chat;"},
        {"platforms": "lanonasi"}, {"expires": "soon"}, {"expires": "2001-01-01"},
        {"expires": "0s"},
    ],
)  # fmt: skip
def test_wrong_usage_makes_no_key(path: Path, capsys: Capture, wrong: dict[str, str]) -> None:
    options: dict[str, Any] = {"name": "ci", "user": "u1", "scopes": "ai:chat", **wrong}
    assert commands.create(path, known_platforms=["lanonasis"], **options) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("router keys: ")
    assert "\x1b" not in err
    assert not path.exists()


def test_json(path: Path, capsys: Capture) -> None:
    assert commands.create(path, name="ci", user="u1", scopes="", as_json=True) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["key"].startswith("sk_live_")
    (row,) = listed(path, capsys)
    assert {**row, "key": told["key"]} == told
    assert row["status"] == "active"


def test_the_list_never_shows_a_key_or_moves_the_cursor(path: Path, capsys: Capture) -> None:
    key = create(path, capsys)
    shell = sqlite3.connect(path)
    shell.execute("UPDATE security_service_api_keys SET name = ?", ("evil\x1b[2J",))
    shell.commit()
    shell.close()
    assert commands.show(path) == 0
    out = capsys.readouterr().out
    assert key not in out
    assert "\x1b" not in out
    assert len(out.splitlines()) == 2


@pytest.mark.parametrize("told_by", ["id", "name", "key"])
def test_revoke_by(path: Path, capsys: Capture, told_by: str) -> None:
    create(path, capsys, name="other")
    key = create(path, capsys)
    reference = {"id": row_of(path, key).id, "name": "ci", "key": key}[told_by]
    assert commands.revoke(path, reference) == 0
    out, err = capsys.readouterr()
    assert out == ""
    assert key not in err
    assert not row_of(path, key).active
    assert sorted(row["status"] for row in listed(path, capsys)) == ["active", "revoked"]
    assert commands.revoke(path, reference) == 1


def test_what_cannot_be_revoked(path: Path, capsys: Capture) -> None:
    key = create(path, capsys)
    create(path, capsys)
    slip = key[:-1] + ("a" if key[-1] != "a" else "b")
    for reference, words in (
        ("nobody", "no active key"), ("ci", "several"), (slip, "mistyped"),
        ("sk_live_x", "no such"),
    ):  # fmt: skip
        assert commands.revoke(path, reference) == 1
        assert words in capsys.readouterr().err
    assert commands.revoke(path, row_of(path, key).id, as_json=True) == 0
    assert json.loads(capsys.readouterr().out)["status"] == "revoked"


def test_rotate_gives_a_new_key_with_the_same_rights(path: Path, capsys: Capture) -> None:
    old = create(path, capsys, platforms="maas")
    assert commands.rotate(path, "ci") == 0
    new = capsys.readouterr().out.strip()
    before, after = row_of(path, old), row_of(path, new)
    assert (before.active, after.active) == (False, True)
    assert (after.name, after.scopes, after.platforms) == ("ci", before.scopes, before.platforms)
    assert after.id != before.id
    assert commands.rotate(path, before.id) == 1


def test_rotate_with_an_overlap(path: Path, capsys: Capture) -> None:
    old = create(path, capsys)
    assert commands.rotate(path, "ci", overlap="1h") == 0
    before = row_of(path, old)
    assert before.active
    assert (before.expires_at or 0) - time.time() == pytest.approx(3600, abs=5)
    assert commands.rotate(path, "ci", overlap="x") == 2


def test_a_store_that_cannot_be_used(tmp_path: Path, capsys: Capture) -> None:
    (tmp_path / "file").write_text("")
    assert commands.show(tmp_path / "file" / "router.db") == 1
    assert "cannot be used" in capsys.readouterr().err
