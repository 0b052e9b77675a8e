# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Statements on a connection of aiomysql."""

import asyncio
from collections.abc import Sequence
from typing import Any

from ....settings import settings
from ..errors import CommitSent


async def fetch(connection: Any, sql: str, arguments: Sequence[Any]) -> list[Sequence[Any]]:
    """The rows of a select.

    Raises:
        TimeoutError: no answer after the server's own limit for a statement.
    """
    async with asyncio.timeout(settings.db_statement_timeout + 1), connection.cursor() as cursor:
        cursor._show_warnings = ignore  # as SQLAlchemy does
        await cursor.execute(sql, arguments)
        rows: list[Sequence[Any]] = await cursor.fetchall()
    return rows


async def fetch_written(connection: Any, sql: str, arguments: Sequence[Any]) -> list[Sequence[Any]]:
    """The rows of a statement that writes, which is then committed.

    With autocommit it would be committed even after the request was cancelled: a server that waits
    for a lock notices the closed connection only after the write.

    Raises:
        TimeoutError: as `fetch`.
        CommitSent: the commit failed; the driver's error is its cause.
    """
    async with asyncio.timeout(settings.db_statement_timeout + 1):
        await connection.begin()
        rows = await fetch(connection, sql, arguments)
        try:
            await connection.commit()
        except Exception as error:
            raise CommitSent from error
    return rows


async def ignore(connection: object) -> None:
    """Leave the server's warnings where they are; aiomysql would ask for them and issue them."""


async def type_codes(connection: Any, sql: str, columns: int) -> Sequence[Any]:
    """None for each column: SQLAlchemy's result processors do not use them here."""
    return [None] * columns
