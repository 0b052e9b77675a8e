# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Statements on a connection of aiosqlite."""

import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any

from ....settings import settings
from ..engine import get_engine
from .engine import enter_queue

Rows = Sequence[Sequence[Any]]
Then = Callable[[Rows], Awaitable[Rows]]


async def fetch(connection: Any, sql: str, arguments: Sequence[Any]) -> Rows:
    """The rows of a select."""
    rows: Rows = await connection.execute_fetchall(sql, arguments)
    return rows


async def write(connection: Any, sql: str, arguments: Sequence[Any], then: Then | None) -> Rows:
    """Run a statement that writes, and commit it, unless the caller is cancelled before."""
    turn = await enter_queue(get_engine().url)
    end, waits = time.monotonic() + settings.db_statement_timeout, [True]
    work = partial(in_transaction, connection._conn, sql, arguments, waits)
    try:
        while True:
            try:
                rows: Rows = await connection._execute(work)
                return rows
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() >= end:
                    raise
    finally:
        waits.clear()
        turn.release()


def in_transaction(
    connection: sqlite3.Connection, sql: str, arguments: Sequence[Any], waits: list[bool]
) -> Rows:
    """Run a statement and commit it in one call of the connection's thread.

    The thread cannot be cancelled: it rolls back if the caller has emptied `waits`.
    """
    cursor = connection.cursor()
    cursor.execute("BEGIN IMMEDIATE")
    try:
        rows = cursor.execute(sql, arguments).fetchall()
        cursor.execute("COMMIT" if waits else "ROLLBACK")
    finally:
        connection.rollback()  # if it is still open
    return rows


async def type_codes(connection: Any, sql: str, columns: int) -> Sequence[Any]:
    """None for each column: SQLite's columns have no types."""
    return [None] * columns
