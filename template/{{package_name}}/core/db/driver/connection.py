# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Connections of aiosqlite whose cursors visit the connection's thread once for each statement.

A visit costs 30 to 100 µs under load: the thread gives up Python's lock, and waits for it again.
aiosqlite's own cursors need four: to open, to run a statement, to fetch its rows and to close.
"""

import os
import sqlite3
from collections.abc import Callable, Generator, Iterable
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import Any
from weakref import WeakSet

import aiosqlite
from aiosqlite.context import contextmanager as awaitable

FIRST = 100  # rows that come with a statement; a stream fetches the others when it is read


class ClosedAtOnce(sqlite3.Connection):
    """A connection whose locks end when it is closed, as after a cancelled request.

    sqlite3's own keeps its transaction until Python frees the last unfinished cursor, which the
    traceback of the cancellation refers to: https://www.sqlite.org/c3ref/close.html
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
        cursor = super().cursor(factory)
        self._cursors.add(cursor)
        return cursor

    def close(self) -> None:
        with suppress(sqlite3.Error):  # already closed, or broken
            for cursor in self._cursors:
                cursor.close()
            self.rollback()
        super().close()


class Connection(aiosqlite.Connection):
    def __init__(self, connector: Callable[[], sqlite3.Connection]) -> None:
        super().__init__(connector, FIRST)
        self._thread.daemon = True  # an open connection does not keep the process alive

    @awaitable
    async def cursor(self) -> aiosqlite.Cursor:
        return Cursor(self)


class Cursor(aiosqlite.Cursor):
    def __init__(self, connection: Connection) -> None:
        self._conn: Any = connection
        self.iter_chunk_size = FIRST
        self._rows: list[sqlite3.Row] = []  # fetched, but not read
        self._is_open = False  # there may be further rows

    async def execute(self, sql: str, parameters: Iterable[Any] | None = None) -> "Cursor":
        await self._conn._execute(self._run, sqlite3.Cursor.execute, sql, parameters or ())
        return self

    async def executemany(self, sql: str, parameters: Iterable[Iterable[Any]]) -> "Cursor":
        await self._conn._execute(self._run, sqlite3.Cursor.executemany, sql, parameters)
        return self

    def _run(self, execute: Any, sql: str, parameters: Any) -> None:
        self._cursor = self._conn._conn.cursor()
        execute(self._cursor, sql, parameters)
        self._rows = self._cursor.fetchmany(FIRST)
        self._is_open = len(self._rows) == FIRST

    async def fetchone(self) -> sqlite3.Row | None:
        return next(iter(await self.fetchmany(1)), None)

    async def fetchmany(self, size: int | None = None) -> list[sqlite3.Row]:
        size = size or self.arraysize
        rows, self._rows = self._rows[:size], self._rows[size:]
        if self._is_open and len(rows) < size:
            rows += await super().fetchmany(size - len(rows))
        return rows

    async def fetchall(self) -> list[sqlite3.Row]:
        rows, self._rows = self._rows, []
        if self._is_open:
            rows += await super().fetchall()
        return rows

    async def close(self) -> None:
        if self._is_open:
            await super().close()


def connect(file: str, **options: Any) -> Connection:
    """A connection that is opened when it is awaited.

    Args:
        file: the path of the database.
        options: of `sqlite3.connect`.

    Raises:
        sqlite3.OperationalError: the file cannot be opened. aiosqlite would leak a thread.
    """
    connector = partial(sqlite3.connect, file, factory=ClosedAtOnce, **options)
    with naming_users(file):
        connector().close()
    return Connection(connector)


@contextmanager
def naming_users(file: str) -> Generator[None]:
    """Add to an error, if it is the cause, that this user may not write to the file's folder."""
    try:
        yield
    except sqlite3.OperationalError as error:
        folder = Path(file).absolute().parent
        if os.access(folder, os.F_OK) and not os.access(folder, os.W_OK):
            users = f"user {os.getuid()} may not write to {folder}, of user {folder.stat().st_uid}"
            error.args = (f"{error}: {users}",)
        raise
