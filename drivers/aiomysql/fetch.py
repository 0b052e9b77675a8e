# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""A statement on aiomysql's own connection."""

import asyncio
from collections.abc import Sequence
from typing import Any

from ....settings import settings


async def fetch(connection: Any, sql: str, arguments: Sequence[Any]) -> list[Sequence[Any]]:
    """The rows of a select.

    Raises:
        TimeoutError: the server is silent for longer than it lets a statement run.
    """
    async with asyncio.timeout(settings.db_statement_timeout + 1), connection.cursor() as cursor:
        await cursor.execute(sql, arguments)
        rows: list[Sequence[Any]] = await cursor.fetchall()
    return rows


async def fetch_written(connection: Any, sql: str, arguments: Sequence[Any]) -> list[Sequence[Any]]:
    """The rows of a statement that writes, which is then committed.

    By itself it would be committed even for a request that was given up: a server that waits for a
    lock hears of it only once it has written.

    Raises:
        TimeoutError: as `fetch`.
    """
    async with asyncio.timeout(settings.db_statement_timeout + 1):
        await connection.begin()
        rows = await fetch(connection, sql, arguments)
        await connection.commit()
    return rows


async def type_codes(connection: Any, sql: str, columns: int) -> Sequence[Any]:
    """None for each column: SQLAlchemy's result processors do not ask for them here."""
    return [None] * columns
