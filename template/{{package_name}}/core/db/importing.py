# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Import a stream of rows of any length: a file, or another service's data."""

from collections.abc import Generator, Iterable, Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from .driver.loading import load
from .errors import ReadOnly
from .session import savepoint


async def import_rows(
    session: AsyncSession, into: type[Any] | Table, rows: Iterable[Mapping[str, Any]]
) -> int:
    """Insert rows the fastest way the database has: all of them, or none.

    Args:
        session: whose transaction they are part of. A savepoint holds them together.
        into: a table, with rows by the columns' keys; or a model, with rows by its attributes.
        rows: all with the same keys. A generator is read in constant memory.

    Returns:
        The number of rows.

    Raises:
        ValueError: a row has other keys than the first.
        DatabaseError: as from an insert.
    """
    if session.info["read_only"]:
        raise ReadOnly
    number = 0

    def alike() -> Generator[Mapping[str, Any]]:
        nonlocal number
        names: frozenset[str] = frozenset()
        for number, row in enumerate(rows, 1):
            names = names or frozenset(row)
            if row.keys() ^ names:
                raise ValueError(
                    f"row {number} has the keys {sorted(row)}, the first has {sorted(names)}: "
                    "give every row the same keys, with None for a missing value"
                )
            yield row

    async with savepoint(session):
        await load(session, into, alike())
    return number
