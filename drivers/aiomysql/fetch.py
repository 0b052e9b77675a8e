# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""A statement on aiomysql's own connection."""

from collections.abc import Sequence
from typing import Any


async def fetch(connection: Any, sql: str, arguments: Sequence[Any]) -> list[Sequence[Any]]:
    """The rows of a statement, which is committed with it."""
    async with connection.cursor() as cursor:
        await cursor.execute(sql, arguments)
        rows: list[Sequence[Any]] = await cursor.fetchall()
    await connection.commit()
    return rows


async def type_codes(connection: Any, sql: str, columns: int) -> Sequence[Any]:
    """None for each column: SQLAlchemy's result processors do not ask for them here."""
    return [None] * columns
