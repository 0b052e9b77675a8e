# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Statements on a connection of aiomysql."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from ....settings import settings
from ..errors import CommitSent
from . import engine

Rows = Sequence[Sequence[Any]]
Then = Callable[[Rows], Awaitable[Rows]]


async def fetch(connection: Any, sql: str, arguments: Sequence[Any]) -> Rows:
    """The rows of a select, or TimeoutError after the server's own limit for a statement."""
    async with asyncio.timeout(settings.db_statement_timeout + 1):
        return await run(connection, sql, arguments)


async def run(connection: Any, sql: str, arguments: Sequence[Any]) -> Rows:
    """The rows of a statement, or for each row that was written the key that was generated last."""
    async with connection.cursor() as cursor:
        cursor._show_warnings = ignore  # as SQLAlchemy does
        await cursor.execute(engine.add_comment(sql), arguments)
        if cursor.description:
            rows: Rows = await cursor.fetchall()
        else:
            rows = [(cursor.lastrowid,)] * cursor.rowcount
    return rows


async def write(connection: Any, sql: str, arguments: Sequence[Any], then: Then | None) -> Rows:
    """Run a statement that writes, and `then`, in a transaction that is committed.

    With autocommit it would be committed even after the request was cancelled: a server that waits
    for a lock notices the closed connection only after the write.
    """
    committing = False
    try:
        async with asyncio.timeout(settings.db_statement_timeout + 1):
            await connection.begin()
            rows = await run(connection, sql, arguments)
            if rows and then is not None:
                rows = await then(rows)
            committing = True
            await connection.commit()
    except Exception as error:
        if committing:
            raise CommitSent from error
        raise
    return rows


async def ignore(connection: object) -> None:
    """Do not fetch the server's warnings, which aiomysql would issue as Python's."""


async def type_codes(connection: Any, sql: str, columns: int) -> Sequence[Any]:
    """None for each column: SQLAlchemy's result processors do not use them here."""
    return [None] * columns
