# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Insert a stream of rows by ordinary inserts, a thousand at a time."""

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import Any

from sqlalchemy import Table, insert
from sqlalchemy.ext.asyncio import AsyncSession

BATCH = 1000  # rows in memory, and in one statement


async def insert_in_batches(
    session: AsyncSession, into: type[Any] | Table, rows: Iterable[Mapping[str, Any]]
) -> None:
    """Insert rows in constant memory; see `core/db/importing.py`."""
    rows = iter(rows)
    whole = {"render_nulls": True}  # else a None splits the ORM's statement
    while batch := [dict(row) for row in islice(rows, BATCH)]:
        await session.execute(insert(into), batch, execution_options=whole)
