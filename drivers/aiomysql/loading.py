# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Rows in inserts of a thousand: nothing is faster here."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncSession

BATCH = 1000  # rows in memory, and in one statement


async def load(session: AsyncSession, table: Table, rows: Iterable[Mapping[str, Any]]) -> None:
    """Insert rows into a table, within the session's savepoint and in constant memory.

    Args:
        session: whose transaction they are a part of.
        table: where to.
        rows: values by the columns' keys, the same keys in each.

    Raises:
        DatabaseError: of the batch that the database refuses.
    """
    rows = iter(rows)
    while batch := [dict(row) for row in islice(rows, BATCH)]:
        await session.execute(insert(table), batch)
