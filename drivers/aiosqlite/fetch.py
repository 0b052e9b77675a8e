# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Statements on a connection of aiosqlite."""

import asyncio
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
    """Run a statement that writes. It is committed with it, unless the caller is cancelled before.

    BEGIN and COMMIT would cost 50 to 150 µs under load: the connection's thread gives up Python's
    lock at each statement, and waits for it after each.
    """
    turn = await enter_queue(get_engine().url)
    end, waits = time.monotonic() + settings.db_statement_timeout, [True]
    work = partial(run_for, waits, connection._conn, sql, arguments)
    try:
        while True:
            try:
                rows: Rows = await connection._execute(work)
                return rows
            except sqlite3.OperationalError as error:
                name = getattr(error, "sqlite_errorname", "")  # which only SQLite's own errors have
                if name != "SQLITE_BUSY" or time.monotonic() >= end:
                    raise
    except asyncio.CancelledError:
        waits.clear()
        await connection.interrupt()  # also if it waits for a lock, and gets it later
        raise
    finally:
        turn.release()


def run_for(
    waits: list[bool], connection: sqlite3.Connection, sql: str, arguments: Sequence[Any]
) -> Rows:
    """Run a statement in the connection's thread, unless the caller no longer waits."""
    return connection.execute(sql, arguments).fetchall() if waits else []


async def type_codes(connection: Any, sql: str, columns: int) -> Sequence[Any]:
    """None for each column: SQLite's columns have no types."""
    return [None] * columns
