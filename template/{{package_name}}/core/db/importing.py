# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Rows without number: a file of them, or another service's."""

from collections.abc import Generator, Iterable, Mapping
from typing import Any

from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from .driver.loading import load
from .session import ReadOnly, savepoint


async def import_rows(
    session: AsyncSession, table: Table, rows: Iterable[Mapping[str, Any]]
) -> int:
    """Insert rows as fast as the database takes them, or none: a savepoint holds them together.

    Args:
        session: whose transaction they are a part of.
        table: where to.
        rows: values by the columns' keys, the same keys in each; a generator is read bit by bit.

    Returns:
        How many rows there were.

    Raises:
        ValueError: a row has other keys than the first.
        DatabaseError: as from an insert.
    """
    if session.info["read_only"]:
        raise ReadOnly
    alike = Alike(rows)
    async with savepoint(session):
        await load(session, table, alike)
    return alike.number


class Alike:
    """Rows, counted while they are read, and held to the keys of the first."""

    def __init__(self, rows: Iterable[Mapping[str, Any]]) -> None:
        self._rows = rows
        self.number = 0

    def __iter__(self) -> Generator[Mapping[str, Any]]:
        names: frozenset[str] = frozenset()
        for row in self._rows:
            self.number += 1
            names = names or frozenset(row)
            if row.keys() ^ names:
                raise ValueError(
                    f"row {self.number} has the keys {sorted(row)}, the first has {sorted(names)}: "
                    "give every row the same, with None for what it lacks"
                )
            yield row
