# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The copy itself: one transaction, committed when both sides give the same values."""

from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, Protocol

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Select, func, select
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from ....settings import settings
from ...apps import import_models
from ...db import Base
from ..errors import CommandError, reason
from ..migrations import Migrations
from .checksum import Checksum
from .connections import both
from .keys import count_on, take_keys
from .tables import Plan, Row, Source, plan, source, strangers

BATCH = 1_000  # rows


class Bar(Protocol):
    """What is told of progress."""

    def update(self, n_steps: int) -> None: ...


Progress = Callable[[str, int], AbstractContextManager[Bar]]


class Copied(NamedTuple):
    """One table, copied."""

    name: str
    rows: int
    checksum: str


class Report(NamedTuple):
    """What a copy did, and what of the source no model has, and stayed behind."""

    tables: list[Copied]
    left_behind: list[str]


async def copy(from_url: str, to_url: str, progress: Progress, *, batch: int = BATCH) -> Report:
    """Copy all rows, those marked as deleted too, with every value as it is.

    Args:
        from_url: the database to read.
        to_url: the database to write, migrated and without rows. Until all is copied and compared
            nothing of it is committed.
        progress: gets a table's name and number of rows, and gives what counts them.
        batch: how many rows are read and written at a time.

    Raises:
        CommandError: a database is not as it has to be, or the copy is not the same.
    """
    import_models(settings)
    plans = plan(Base.metadata)
    async with both(from_url, to_url) as (reading, writing):
        for option, connection in (("--from", reading), ("--to", writing)):
            await connection.run_sync(require_head, option)
        await require_empty(writing, plans)
        left_behind = await reading.run_sync(strangers, plans)
        sources = [await reading.run_sync(source, each) for each in plans]
        await take_keys(writing)
        copied: list[Checksum] = []
        for each, way in zip(plans, sources, strict=True):
            with told(each):
                copied.append(await copy_table(reading, writing, each, way, progress, batch))
        for each, way in zip(plans, sources, strict=True):
            with told(each):
                await write_links(reading, writing, each, way, batch)
        tables: list[Copied] = []
        for each, expected in zip(plans, copied, strict=True):
            with told(each):
                tables.append(await compared(writing, each, expected, batch))
                key = each.table.autoincrement_column
                if expected.rows and key is not None:
                    await count_on(writing, each.table, key)
        await writing.commit()
    return Report(tables, left_behind)


@contextmanager
def told(each: Plan) -> Generator[None]:
    """Say which table a value was in that one of the databases refused, or could not give.

    Raises:
        CommandError: there is such a value.
    """
    try:
        yield
    except (StatementError, ArithmeticError, TypeError, ValueError) as error:
        raise CommandError(
            f"{each.name} cannot be copied: {reason(error)}",
            "Nothing was copied. Correct the row, or the limit, and run it again.",
        ) from error


def require_head(connection: Connection, option: str) -> None:
    """Refuse a database that is not at the newest revision."""
    current = MigrationContext.configure(connection).get_current_heads()
    heads = Migrations().heads()
    if set(current) != set(heads):
        raise CommandError(
            f"{option} is at revision {', '.join(current) or 'none'}, and the newest is "
            f"{', '.join(heads) or 'none'}",
            "Run `manage.py migrate` on it, with the code and the driver that it belongs to.",
        )


async def require_empty(connection: AsyncConnection, plans: Sequence[Plan]) -> None:
    """Refuse a database that has rows."""
    full = [
        f"{each.name} has {count:,} rows"
        for each in plans
        if (count := await size(connection, each))
    ]
    if full:
        raise CommandError(
            f"--to is not empty: {', '.join(full)}",
            "Copy into a database that was made and migrated for it; delete what revisions put there.",
        )


async def size(connection: AsyncConnection, each: Plan) -> int:
    counted = await connection.execute(select(func.count()).select_from(each.copy))
    return counted.scalar_one()


async def copy_table(
    reading: AsyncConnection,
    writing: AsyncConnection,
    each: Plan,
    way: Source,
    progress: Progress,
    batch: int,
) -> Checksum:
    """Copy a table's rows, but for the keys that are written later; return what was read."""
    read = Checksum()
    with progress(each.name, await size(reading, each)) as bar:
        async for selected in batches(reading, way.select, batch):
            rows = list(way.rows(selected))
            read.add(rows)
            await writing.execute(each.copy.insert(), [each.insert(row) for row in rows])
            bar.update(len(rows))
    return read


async def write_links(
    reading: AsyncConnection, writing: AsyncConnection, each: Plan, way: Source, batch: int
) -> None:
    """Write the foreign keys that had to wait for all rows."""
    if each.later:
        async for selected in batches(reading, way.linked, batch):
            links = [link for row in way.rows(selected) if (link := each.links(row)) is not None]
            await writing.execute(each.link(), links)


async def compared(writing: AsyncConnection, each: Plan, expected: Checksum, batch: int) -> Copied:
    """Read a table back, and refuse it when it does not hold what was read."""
    found = Checksum()
    async for rows in batches(writing, each.read_back(), batch):
        found.add(rows)
    if found != expected:
        raise CommandError(
            f"{each.name} differs: --from has {expected.rows:,} rows with the checksum "
            f"{str(expected)[:12]}, --to got {found.rows:,} with {str(found)[:12]}",
            "Nothing was copied. A value means something else there: please report it.",
        )
    return Copied(each.name, found.rows, str(found))


async def batches(
    connection: AsyncConnection, statement: Select[Any], size: int
) -> AsyncGenerator[Sequence[Row]]:
    """The rows of a statement, a number at a time, never all in memory."""
    async with connection.stream(statement) as result:
        async for rows in result.partitions(size):
            yield rows
