# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""A statement on asyncpg's own connection."""

from collections.abc import Sequence
from typing import Any


async def fetch(connection: Any, sql: str, arguments: Sequence[Any]) -> list[Sequence[Any]]:
    """The rows of a select."""
    rows: list[Sequence[Any]] = await connection.fetch(sql, *arguments)
    return rows


async def fetch_written(connection: Any, sql: str, arguments: Sequence[Any]) -> list[Sequence[Any]]:
    """The rows of a statement that writes, which is committed with it."""
    return await fetch(connection, sql, arguments)


async def type_codes(connection: Any, sql: str, columns: int) -> Sequence[Any]:
    """The types that the server gives for the columns, as SQLAlchemy's result processors want them."""
    statement = await connection.prepare(sql)
    return [attribute.type.oid for attribute in statement.get_attributes()]
