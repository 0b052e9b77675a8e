"""The copy: one transaction, committed once both databases return equal values."""

from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NamedTuple, Protocol

from alembic.runtime.migration import MigrationContext
from sqlalchemy import Connection, Select, func, select
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncConnection

from .checksum import Checksum
from .connections import connect_both
from .errors import CopyError, reason
from .keys import accept_keys, continue_counting
from .service import Service
from .tables import Row, SourceTable, TargetTable, in_writing_order, read_from, unknown_names


class Bar(Protocol):
    """Receives the number of rows copied since the last call."""

    def update(self, n_steps: int) -> None: ...


Progress = Callable[[str, int], AbstractContextManager[Bar]]


class Copied(NamedTuple):
    """One copied table."""

    name: str
    rows: int
    checksum: str


class Report(NamedTuple):
    """The copied tables, and the source's tables and columns that no model describes."""

    tables: list[Copied]
    left_behind: list[str]


async def copy(
    service: Service, from_url: str, to_url: str, progress: Progress, *, batch: int
) -> Report:
    """Copy all rows, soft-deleted ones included, with their values unchanged.

    Args:
        service: the service whose tables are copied.
        from_url: the database to read.
        to_url: the database to write: migrated, and empty. Nothing is committed before everything is
            copied and compared.
        progress: called with a table's name and number of rows; returns its progress bar.
        batch: how many rows are read and written at a time.

    Raises:
        CopyError: a database is not ready for the copy, or the copied values differ.
    """
    tables = in_writing_order(service.metadata, service.types)
    async with connect_both(service, from_url, to_url) as (reading, writing):
        for option, connection in (("--from", reading), ("--to", writing)):
            await connection.run_sync(require_head, option, service.heads)
        await require_empty(writing, tables)
        left_behind = await reading.run_sync(unknown_names, tables)
        pairs = [
            (await reading.run_sync(read_from, table, service.types), table) for table in tables
        ]
        await accept_keys(writing)
        read: list[Checksum] = []
        for source, target in pairs:
            with naming(target):
                read.append(await copy_table(reading, writing, source, target, progress, batch))
        for source, target in pairs:
            with naming(target):
                await write_deferred_keys(reading, writing, source, target, batch)
        copied: list[Copied] = []
        for (source, target), expected in zip(pairs, read, strict=True):
            with naming(target):
                copied.append(await compare(reading, writing, source, target, expected, batch))
                key = target.table.autoincrement_column
                if expected.rows and key is not None:
                    await continue_counting(writing, target.table, key)
        await writing.commit()
    return Report(copied, left_behind)


@contextmanager
def naming(target: TargetTable) -> Generator[None]:
    """Add the table's name to the error of a value that a database refused or could not return.

    Raises:
        CopyError: a database refused a value.
    """
    try:
        yield
    except (StatementError, ArithmeticError, TypeError, ValueError) as error:
        raise CopyError(
            f"{target.name} cannot be copied: {reason(error)}",
            "Nothing was copied. Correct the row, or the column's limit, and run the command again.",
        ) from error


def require_head(connection: Connection, option: str, heads: frozenset[str]) -> None:
    """Refuse a database that is not at the newest revision."""
    current = frozenset(MigrationContext.configure(connection).get_current_heads())
    if current != heads:
        raise CopyError(
            f"{option} is at revision {', '.join(sorted(current)) or 'none'}, and the newest is "
            f"{', '.join(sorted(heads)) or 'none'}",
            "Run `manage.py migrate` on it, with the code and the driver that it belongs to.",
        )


async def require_empty(connection: AsyncConnection, tables: Sequence[TargetTable]) -> None:
    """Refuse a database that has rows."""
    full = [
        f"{table.name} has {count:,} {'row' if count == 1 else 'rows'}"
        for table in tables
        if (count := await count_rows(connection, table))
    ]
    if full:
        raise CopyError(
            f"--to is not empty: {', '.join(full)}",
            "Copy into a newly migrated database; delete the rows that its revisions insert.",
        )


async def count_rows(connection: AsyncConnection, table: TargetTable) -> int:
    counted = await connection.execute(select(func.count()).select_from(table.copy))
    return counted.scalar_one()


async def copy_table(
    reading: AsyncConnection,
    writing: AsyncConnection,
    source: SourceTable,
    target: TargetTable,
    progress: Progress,
    batch: int,
) -> Checksum:
    """Copy a table's rows except for its deferred keys; return the checksum of what was read."""
    read = Checksum()
    with progress(target.name, await count_rows(reading, target)) as bar:
        async for selected in batches(reading, source.select, batch):
            rows = list(source.rows(selected))
            read.add(rows)
            await writing.execute(target.copy.insert(), [target.insert(row) for row in rows])
            bar.update(len(rows))
    return read


async def write_deferred_keys(
    reading: AsyncConnection,
    writing: AsyncConnection,
    source: SourceTable,
    target: TargetTable,
    batch: int,
) -> None:
    """Write the foreign keys that refer to rows which were inserted later."""
    if target.deferred:
        async for selected in batches(reading, source.select_deferred, batch):
            keys = [key for row in source.rows(selected) if (key := target.deferred_keys(row))]
            await writing.execute(target.update_deferred(), keys)


async def compare(
    reading: AsyncConnection,
    writing: AsyncConnection,
    source: SourceTable,
    target: TargetTable,
    expected: Checksum,
    batch: int,
) -> Copied:
    """Read a table back and compare it with what was read from the source.

    Raises:
        CopyError: it holds other values.
    """
    found = Checksum()
    async for rows in batches(writing, target.read_back(), batch):
        found.add(rows)
    if found != expected:
        old, new = ([Checksum() for _ in target.columns] for _ in range(2))
        async for selected in batches(reading, source.select, batch):
            add_columns(old, source.rows(selected))
        async for rows in batches(writing, target.read_back(), batch):
            add_columns(new, rows)
        pairs = zip(target.columns, old, new, strict=True)
        names = [column.name for column, one, other in pairs if one != other]
        raise CopyError(
            f"{target.name} differs in {', '.join(names)}; rows and checksum are {expected.rows:,} "
            f"and {str(expected)[:12]} in --from, {found.rows:,} and {str(found)[:12]} in --to",
            "Nothing was copied. The new database stores a value differently: correct the value, "
            "or the column's type.",
        )
    return Copied(target.name, found.rows, str(found))


def add_columns(checksums: Sequence[Checksum], rows: Iterable[Row]) -> None:
    """Add each value to the checksum of its column."""
    for row in rows:
        for checksum, value in zip(checksums, row, strict=True):
            checksum.add([[value]])


async def batches(
    connection: AsyncConnection, statement: Select[Any], size: int
) -> AsyncGenerator[Sequence[Row]]:
    """Yield a statement's rows, `size` at a time, without holding all of them in memory."""
    async with connection.stream(statement) as result:
        async for rows in result.partitions(size):
            yield rows
