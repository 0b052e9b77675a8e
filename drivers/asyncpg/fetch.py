# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""A statement on asyncpg's own connection."""

from collections.abc import Awaitable, Sequence
from typing import Any


def fetch(connection: Any, sql: str, arguments: Sequence[Any]) -> Awaitable[list[Sequence[Any]]]:
    """The rows of a select."""
    rows: Awaitable[list[Sequence[Any]]] = connection.fetch(sql, *arguments)
    return rows


fetch_written = fetch  # outside a transaction, a statement that writes is committed with it


async def type_codes(connection: Any, sql: str, columns: int) -> Sequence[Any]:
    """The types that the server gives for the columns, as SQLAlchemy's result processors want them."""
    statement = await connection.prepare(sql)
    return [attribute.type.oid for attribute in statement.get_attributes()]
