# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Statements on a connection of asyncpg."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ....settings import settings
from ..errors import CommitSent
from . import engine
from .engine import limits

Rows = Sequence[Sequence[Any]]
Then = Callable[[Rows], Awaitable[Rows]]


async def begin(connection: Any) -> None:
    """Begin a transaction, which a statement needs to pass through a pooler; see `engine.py`."""
    local = (f"SET LOCAL {name} = {value}" for name, value in limits().items())
    await connection.execute("; ".join(["BEGIN", *local]))


async def fetch(connection: Any, sql: str, arguments: Sequence[Any]) -> Rows:
    """The rows of a select."""
    if settings.db_pooler:
        await begin(connection)
    rows = await run(connection, sql, arguments)
    if settings.db_pooler:
        await connection.execute("COMMIT")
    return rows


async def run(connection: Any, sql: str, arguments: Sequence[Any]) -> Rows:
    """The rows of a statement in the open transaction, if any."""
    sql = engine.add_comment(sql)
    try:
        rows: Rows = await connection.fetch(sql, *arguments)
    except Exception as error:
        wider = engine.widened(sql, arguments)
        if wider == sql or not isinstance(error.__cause__, OverflowError):
            raise  # not asyncpg's, which could not encode a number
        rows = await connection.fetch(wider, *arguments)
    return rows


async def write(connection: Any, sql: str, arguments: Sequence[Any], then: Then | None) -> Rows:
    """Run a statement that writes, and return its rows; the server commits it at once.

    Raises:
        CommitSent: the driver's error is its cause.
    """
    committing = not settings.db_pooler
    try:
        if settings.db_pooler:
            await begin(connection)
        rows = await run(connection, sql, arguments)
        if settings.db_pooler:
            committing = True
            await connection.execute("COMMIT")
    except Exception as error:
        if committing:
            raise CommitSent from error
        raise
    return rows


async def type_codes(connection: Any, sql: str, columns: int) -> Sequence[Any]:
    """The server's type of each column, for SQLAlchemy's result processors."""
    if settings.db_pooler:
        await begin(connection)
    statement = await connection.prepare(sql, name="" if settings.db_pooler else None)
    codes = [attribute.type.oid for attribute in statement.get_attributes()]
    if settings.db_pooler:
        await connection.execute("COMMIT")
    return codes
