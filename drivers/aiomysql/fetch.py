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


fetch_written = fetch  # outside a transaction, a statement that writes is committed with it


async def type_codes(connection: Any, sql: str, columns: int) -> Sequence[Any]:
    """None for each column: SQLAlchemy's result processors do not ask for them here."""
    return [None] * columns
