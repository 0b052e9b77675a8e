# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Statements on a connection of asyncpg."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ..errors import CommitSent

Rows = Sequence[Sequence[Any]]
Then = Callable[[Rows], Awaitable[Rows]]


def fetch(connection: Any, sql: str, arguments: Sequence[Any]) -> Awaitable[Rows]:
    """The rows of a select."""
    rows: Awaitable[Rows] = connection.fetch(sql, *arguments)
    return rows


async def write(connection: Any, sql: str, arguments: Sequence[Any], then: Then | None) -> Rows:
    """Run a statement that writes, and return its rows; the server commits it at once.

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
