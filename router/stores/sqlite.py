"""One SQLite file behind one thread: the embedded database of a deployment without PostgreSQL."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
import time
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from threading import Semaphore
from typing import TYPE_CHECKING, Any, TypeVar

from router.errors import InternalError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

T = TypeVar("T")

_MAX_WAITING = 512
"""Calls that may wait for the thread; beyond, the store counts as down instead of growing."""

_LOOK_AGAIN = 0.01
"""Seconds between two looks at a lock that another process holds."""

_SETTINGS = (
    "PRAGMA journal_mode=WAL",  # readers never wait for the writer
    "PRAGMA synchronous=FULL",  # a key revoked stays revoked after a power cut
    "PRAGMA foreign_keys=ON",
    "PRAGMA trusted_schema=OFF",
)


def unavailable(detail: str) -> InternalError:
    """The 503 of a store that cannot be asked just now."""
    return InternalError(503, detail, code="store_unavailable", fields=((b"retry-after", b"1"),))


class Database:
    """A connection in a thread of its own, opened at first use and again after a failure.

    A caller who is cancelled leaves nothing half done: what runs in the thread ends there as a
    whole, and nobody else is handed its result. Every SQLite or file error, a full queue, and
    ``patience`` (seconds) running out is an InternalError 503 ``store_unavailable``. ``busy`` is
    how long (seconds) another process is waited for that writes or opens the file.
    ``read_only``: nothing is made or changed; a file that is not there is an empty one.
    """

    def __init__(
        self,
        path: Path,
        schema: tuple[str, ...],
        *,
        busy: float = 2.0,
        patience: float = 5.0,
        read_only: bool = False,
    ) -> None:
        self._path = path
        self._read_only = read_only
        self._schema = schema
        self._busy = busy
        self._patience = patience
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sqlite")
        self._places = Semaphore(_MAX_WAITING)
        self._connection: sqlite3.Connection | None = None
        self._closed = False

    async def read(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What ``work`` finds; it runs in the thread and does not write."""
        return await self._call(partial(self._guarded, work))

    async def write(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """What ``work`` gives; all it did is on disk then, in one transaction, or none of it."""
        return await self._call(partial(self._guarded, partial(_in_transaction, work)))

    async def close(self) -> None:
        """Closes, after what already waits; later calls fail as if the store were down."""
        if not self._closed:
            self._closed = True
            closing = self._thread.submit(self._disconnect)
            self._thread.shutdown(wait=False)
            await asyncio.wrap_future(closing)

    async def _call(self, job: Callable[[], T]) -> T:
        if not self._places.acquire(blocking=False):
            raise unavailable("the store does not keep up")
        try:
            running = self._thread.submit(job)
        except RuntimeError as error:
            self._places.release()
            raise unavailable("the store is closed") from error
        running.add_done_callback(self._leave)
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.wrap_future(running)
        except TimeoutError as error:
            raise unavailable("the store does not answer in time") from error

    def _leave(self, _: Future[Any]) -> None:
        self._places.release()

    def _guarded(self, work: Callable[[sqlite3.Connection], T]) -> T:
        try:
            return work(self._connected())
        except (sqlite3.Error, OSError) as error:
            self._disconnect()
            raise unavailable("a store cannot be used at the moment") from error

    def _connected(self) -> sqlite3.Connection:
        if self._connection is None:
            self._connection = self._connect()
        return self._connection

    def _connect(self) -> sqlite3.Connection:
        if self._read_only:
            return self._look()
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _alone(self._path, self._busy):
            _create(self._path)
            connection = sqlite3.connect(self._path, timeout=self._busy, isolation_level=None)
            try:
                for statement in (*_SETTINGS, *self._schema):
                    connection.execute(statement)
            except sqlite3.Error:
                connection.close()
                raise
            return connection

    def _look(self) -> sqlite3.Connection:
        """A connection that leaves no trace: not even the files a reader of a WAL would make.

        Where no WAL is, nobody has the file open, and it can be read as one that never changes.
        """
        if not self._path.exists():
            connection = sqlite3.connect(":memory:", isolation_level=None)
            for statement in self._schema:
                connection.execute(statement)
            return connection
        used = self._path.with_name(f"{self._path.name}-wal").exists()
        uri = f"{self._path.absolute().as_uri()}?mode=ro{'' if used else '&immutable=1'}"
        return sqlite3.connect(uri, uri=True, timeout=self._busy, isolation_level=None)

    def _disconnect(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()


@contextmanager
def _alone(path: Path, patience: float) -> Iterator[None]:
    """One opener at a time: SQLite does not wait for a lock while it changes to the WAL.

    The lock is a file of its own beside ``path``. OSError where another holds it for longer than
    ``patience`` (seconds).
    """
    lock = path.with_name(f"{path.name}.lock")
    held = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    until = time.monotonic() + patience
    try:
        _give_away(held, path)
        while not _locked(held):
            if time.monotonic() > until:
                raise TimeoutError("another process opens the store")
            time.sleep(_LOOK_AGAIN)
        yield
    finally:
        os.close(held)


def _give_away(descriptor: int, path: Path) -> None:
    """What root makes belongs to whom the store belongs, as SQLite has it with its own files."""
    if os.geteuid() == 0:
        owner = (path if path.exists() else path.parent).stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _create(path: Path) -> None:
    """Makes a missing file, private: SQLite would make it readable to all; -wal and -shm follow.

    One that is there is not opened: to close it would end the locks that another connection of
    this process has on it (POSIX, and SQLite's "How To Corrupt", 2.2).
    """
    if not path.exists():
        made = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        _give_away(made, path.parent)
        os.close(made)


def _in_transaction(work: Callable[[sqlite3.Connection], T], connection: sqlite3.Connection) -> T:
    # IMMEDIATE: a transaction that began as a reader cannot wait for the lock, it fails at once.
    connection.execute("BEGIN IMMEDIATE")
    try:
        done = work(connection)
    except BaseException:
        connection.rollback()
        raise
    connection.execute("COMMIT")
    return done
