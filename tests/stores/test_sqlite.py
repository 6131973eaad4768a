"""A SQLite file behind a thread: whole or not at all, and down means 503."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
import stat
import subprocess
import sys
import threading
import time
from typing import TYPE_CHECKING

import pytest

from router.errors import InternalError
from router.stores.sqlite import Database

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

SCHEMA = ("CREATE TABLE IF NOT EXISTS notes (text TEXT NOT NULL UNIQUE) STRICT",)


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(tmp_path / "data" / "router.db", SCHEMA, busy=0.05)
    yield database
    await database.close()


def write(text: str):  # type: ignore[no-untyped-def]
    return lambda connection: connection.execute("INSERT INTO notes VALUES (?)", (text,))


def texts(connection: sqlite3.Connection) -> list[str]:
    return [text for (text,) in connection.execute("SELECT text FROM notes ORDER BY text")]


async def expect_down(awaitable) -> InternalError:  # type: ignore[no-untyped-def]
    with pytest.raises(InternalError) as told:
        await awaitable
    error = told.value
    assert (error.status, error.code) == (503, "store_unavailable")
    assert dict(error.fields)[b"retry-after"] == b"1"
    return error


async def test_what_was_written_is_read(database: Database, tmp_path: Path) -> None:
    await database.write(write("a"))
    assert await database.read(texts) == ["a"]
    other = Database(tmp_path / "data" / "router.db", SCHEMA)
    assert await other.read(texts) == ["a"]
    await other.close()


async def test_only_the_owner_may_read_it(database: Database, tmp_path: Path) -> None:
    await database.write(write("a"))
    folder = tmp_path / "data"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, file.name


async def test_the_settings(database: Database) -> None:
    def settings(connection: sqlite3.Connection) -> list[object]:
        names = ("journal_mode", "synchronous", "busy_timeout", "trusted_schema")
        return [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]

    assert await database.read(settings) == ["wal", 2, 50, 0]


async def test_a_failed_write_leaves_nothing(database: Database) -> None:
    def two(connection: sqlite3.Connection) -> None:
        write("a")(connection)
        write("a")(connection)

    error = await expect_down(database.write(two))
    assert isinstance(error.__cause__, sqlite3.IntegrityError)
    assert await database.read(texts) == []


async def test_a_bug_in_the_work_is_rolled_back_and_not_hidden(database: Database) -> None:
    def wrong(connection: sqlite3.Connection) -> None:
        write("a")(connection)
        raise KeyError("bug")

    with pytest.raises(KeyError):
        await database.write(wrong)
    await database.write(write("b"))
    assert await database.read(texts) == ["b"]


async def test_another_writer_is_waited_for_and_not_for_ever(
    database: Database, tmp_path: Path
) -> None:
    await database.write(write("a"))
    other = sqlite3.connect(tmp_path / "data" / "router.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    await expect_down(database.write(write("b")))
    assert await database.read(texts) == ["a"]  # a reader never waits
    other.rollback()
    other.close()
    await database.write(write("b"))
    assert await database.read(texts) == ["a", "b"]


async def test_a_caller_who_leaves_does_not_tear_a_write(database: Database) -> None:
    await database.read(texts)
    begun, go_on = threading.Event(), threading.Event()

    def slow(connection: sqlite3.Connection) -> None:
        write("a")(connection)
        begun.set()
        assert go_on.wait(5)
        write("b")(connection)

    leaving = asyncio.create_task(database.write(slow))
    await asyncio.to_thread(begun.wait, 5)
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    go_on.set()
    assert await database.read(texts) == ["a", "b"]


async def test_no_caller_gets_the_answer_of_one_who_left(database: Database) -> None:
    async def ask(number: int) -> int:
        return await database.read(lambda c: c.execute("SELECT ?", (number,)).fetchone()[0])

    tasks = [asyncio.create_task(ask(number)) for number in range(200)]
    await asyncio.sleep(0)
    for task in tasks[::3]:
        task.cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    for number, answer in enumerate(answers):
        assert answer == number or isinstance(answer, asyncio.CancelledError)
    assert await ask(-1) == -1


async def test_a_thread_that_hangs_is_not_waited_for(tmp_path: Path) -> None:
    database = Database(tmp_path / "router.db", SCHEMA, patience=0.05)
    go_on = threading.Event()
    await expect_down(database.read(lambda _: go_on.wait(5)))
    go_on.set()
    await database.close()


async def test_a_queue_that_grows_is_a_store_that_is_down(database: Database) -> None:
    go_on = threading.Event()
    waiting = [asyncio.create_task(database.read(lambda _: go_on.wait(5))) for _ in range(512)]
    await asyncio.sleep(0)
    error = await expect_down(database.read(texts))
    assert error.detail == "the store does not keep up"
    go_on.set()
    await asyncio.gather(*waiting)
    assert await database.read(texts) == []


async def test_a_broken_file_is_down_and_a_mended_one_is_used(tmp_path: Path) -> None:
    path = tmp_path / "router.db"
    path.write_bytes(b"this is no database, " * 100)
    database = Database(path, SCHEMA)
    await expect_down(database.read(texts))
    path.unlink()
    assert await database.read(texts) == []
    await database.close()


async def test_a_closed_store_is_down(tmp_path: Path) -> None:
    database = Database(tmp_path / "router.db", SCHEMA)
    await database.write(write("a"))
    await database.close()
    await database.close()
    await expect_down(database.read(texts))


async def test_several_may_open_a_new_file_at_once(tmp_path: Path) -> None:
    for at in range(20):
        path = tmp_path / f"{at}.db"
        databases = [Database(path, SCHEMA, busy=30, patience=60) for _ in range(8)]
        await asyncio.gather(*(one.write(write(str(at))) for at, one in enumerate(databases)))
        assert len(await databases[0].read(texts)) == 8
        await asyncio.gather(*(one.close() for one in databases))


async def test_another_process_that_opens_the_file_is_waited_for_no_longer_than_busy(
    database: Database, tmp_path: Path
) -> None:
    folder = tmp_path / "data"
    folder.mkdir()
    with (folder / "router.db.lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        began = time.monotonic()
        await expect_down(database.read(texts))
        await database.close()
        assert time.monotonic() - began < 2


async def test_to_open_a_file_again_ends_no_lock_of_this_process(tmp_path: Path) -> None:
    path = tmp_path / "router.db"
    first, second = Database(path, SCHEMA), Database(path, SCHEMA)
    await first.write(write("a"))
    await second.read(texts)
    await second.close()
    stranger = f"import sqlite3; sqlite3.connect({str(path)!r}).execute('SELECT * FROM notes')"
    subprocess.run([sys.executable, "-c", stranger], check=True)
    # The last connection to a file removes its log: it is not the last where it sees our lock.
    assert path.with_name("router.db-wal").exists()
    await first.close()


async def test_what_root_opens_first_is_its_owners(tmp_path: Path) -> None:
    owner = 65534 if os.geteuid() == 0 else os.geteuid()
    folder = tmp_path / "data"
    folder.mkdir()
    os.chown(folder, owner, -1)
    database = Database(folder / "router.db", SCHEMA)
    await database.write(write("a"))
    assert {file.stat().st_uid for file in folder.iterdir()} == {owner}
    await database.close()
