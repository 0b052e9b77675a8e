# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Statements on a connection of asyncpg."""

from collections.abc import Awaitable, Sequence
from typing import Any

from ..errors import CommitSent


def fetch(connection: Any, sql: str, arguments: Sequence[Any]) -> Awaitable[list[Sequence[Any]]]:
    """The rows of a select."""
    rows: Awaitable[list[Sequence[Any]]] = connection.fetch(sql, *arguments)
    return rows


async def fetch_written(connection: Any, sql: str, arguments: Sequence[Any]) -> list[Sequence[Any]]:
    """The rows of a statement that writes; the server commits it at once.

    Raises:
        CommitSent: the driver's error is its cause.
    """
    try:
        return await fetch(connection, sql, arguments)
    except Exception as error:
        raise CommitSent from error


async def type_codes(connection: Any, sql: str, columns: int) -> Sequence[Any]:
    """The server's type of each column, for SQLAlchemy's result processors."""
    statement = await connection.prepare(sql)
    return [attribute.type.oid for attribute in statement.get_attributes()]
