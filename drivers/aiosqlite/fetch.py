# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Statements on a connection of aiosqlite."""

import sqlite3
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ....settings import settings
from ..engine import get_engine
from .engine import enter_queue

Rows = Sequence[Sequence[Any]]


async def fetch(connection: Any, sql: str, arguments: Sequence[Any]) -> Rows:
    """The rows of a select."""
    rows: Rows = await connection.execute_fetchall(sql, arguments)
    return rows


async def committed(connection: Any, work: Callable[[], Awaitable[Rows]]) -> Rows:
    """Run a statement that writes; SQLite commits it at once."""
    turn = await enter_queue(get_engine().url)
    end = time.monotonic() + settings.db_statement_timeout
    try:
        while True:
            try:
                return await work()
            except sqlite3.OperationalError as error:
                if error.sqlite_errorname != "SQLITE_BUSY" or time.monotonic() >= end:
                    raise
    finally:
        turn.release()


async def type_codes(connection: Any, sql: str, columns: int) -> Sequence[Any]:
    """None for each column: SQLite's columns have no types."""
    return [None] * columns
