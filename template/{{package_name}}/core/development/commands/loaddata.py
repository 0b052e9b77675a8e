# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Insert the rows of files that `dumpdata` wrote.

All rows of all FILES are one transaction: an error names its line, and nothing is written. An
existing row is refused, or with --update replaced. A field that a line lacks gets the database's
default.
"""

import asyncio
from collections.abc import Generator, Iterable, Sequence
from itertools import groupby, islice
from pathlib import Path
from typing import Any, NamedTuple

import click
from pydantic_core import ValidationError, from_json
from sqlalchemy import select, tuple_
from sqlalchemy.exc import StatementError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from ....settings import settings
from ...apps import import_models
from ...db import Base, DatabaseError, dispose_engine, savepoint, transaction
from ...db.driver.databases import accept_keys, continue_counting
from ...management.errors import CommandError, reason
from ..data.tables import DataTable, Row, in_writing_order

BATCH = 500  # rows in memory, and in one statement


class Line(NamedTuple):
    """A row, and where it comes from."""

    place: str
    table: DataTable
    row: Row


class Refused(CommandError):
    """A line cannot be loaded."""

    def __init__(self, place: str, rule: str, fix: str = "Correct the line.") -> None:
        super().__init__(f"{place}: {rule.rstrip('.')}. Nothing was loaded", fix)


@click.command(help=__doc__)
@click.argument(
    "files",
    nargs=-1,
    required=True,
    metavar="FILES...",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
)
@click.option("--update", is_flag=True, help="Replace the fields of existing rows.")
def command(files: tuple[Path, ...], update: bool) -> None:
    import_models(settings)
    counts = asyncio.run(load(files, update=update))
    rows = ", ".join(f"{name} {count}" for name, count in counts.items())
    click.echo(f"Loaded {sum(counts.values())} rows{f': {rows}' if rows else ''}.")


async def load(files: Sequence[Path], *, update: bool = False) -> dict[str, int]:
    """Load files in one transaction; return the number of rows by table."""
    tables = {table.name: table for table in in_writing_order(Base.metadata)}
    counts: dict[str, int] = {}
    deferring = False
    try:
        async with transaction() as session:
            connection = await session.connection()
            await accept_keys(connection)
            for batch in batches(files, tables):
                table = batch[0].table
                await write(session, batch, update=update)
                counts[table.name] = counts.get(table.name, 0) + len(batch)
                deferring |= any(line.row.get(name) for line in batch for name in table.deferred)
            for batch in batches(files, tables) if deferring else ():
                await refer(session, batch)
            for name in counts:
                key = tables[name].source.autoincrement_column
                if key is not None:
                    await continue_counting(connection, key)
    finally:
        await dispose_engine()
    return counts


def batches(files: Iterable[Path], tables: dict[str, DataTable]) -> Generator[list[Line]]:
    """Yield consecutive lines with the same table and the same fields."""
    found = (line for file in files for line in lines(file, tables))
    for _, group in groupby(found, lambda line: (line.table.name, *line.row)):
        while batch := list(islice(group, BATCH)):
            yield batch


def lines(file: Path, tables: dict[str, DataTable]) -> Generator[Line]:
    """Yield the rows of a file, or refuse a line that is not valid."""
    with file.open("rb") as content:
        for number, text in enumerate(content, 1):
            if not text.strip():
                continue
            place = f"{file}:{number}"
            try:
                name = from_json(text)["table"]
                table = tables[name]
            except KeyError as error:
                rule = f"no model has the table {error.args[0]!r}"
                raise Refused(
                    place, 'it has no "table"' if error.args == ("table",) else rule
                ) from None
            except (TypeError, ValueError) as error:
                rule = 'not a line like {"table": "posts", "row": {"id": 1}}'
                raise Refused(place, f"{rule}: {error}") from None
            try:
                row = table.row(text)
            except ValidationError as error:
                detail = error.errors(include_url=False)[0]
                where = ".".join([table.name, *map(str, detail["loc"][1:])])
                value = "" if detail["type"] == "missing" else f", not {detail['input']!r:.80}"
                raise Refused(place, f"{where}: {detail['msg']}{value}") from None
            yield Line(place, table, row)


async def write(session: AsyncSession, batch: Sequence[Line], *, update: bool) -> None:
    """Insert rows, without their deferred fields; update those that exist if `update`."""
    table, names = batch[0].table, list(batch[0].row)
    there = await existing(await session.connection(), batch)
    new = [line for line in batch if key_of(line) not in there]
    old = [line for line in batch if key_of(line) in there]
    if old and not update:
        keys = ", ".join(f"{name}={old[0].row[name]}" for name in table.keys)
        raise Refused(
            old[0].place,
            f"{table.name} has a row with {keys}",
            "Delete the row, or replace the fields of existing rows with --update.",
        )
    await run(session, table.insert(names), new, names, table.deferred)
    rest = [name for name in names if name not in {*table.keys, *table.deferred}]
    if rest:
        await run(session, table.update(rest), old, [*table.keys, *rest])


async def refer(session: AsyncSession, batch: Sequence[Line]) -> None:
    """Write the deferred fields, now that all rows exist."""
    table = batch[0].table
    names = [name for name in batch[0].row if name in table.deferred]
    if names and table.keys:
        await run(session, table.update(names), batch, [*table.keys, *names])


async def existing(connection: AsyncConnection, batch: Sequence[Line]) -> set[tuple[Any, ...]]:
    """Return the keys of a batch that exist."""
    table = batch[0].table
    if not table.keys:
        return set()
    keys = [table.read(name) for name in table.keys]
    found = select(*keys).where(tuple_(*keys).in_([key_of(line) for line in batch]))
    return {tuple(row) for row in await connection.execute(found)}


def key_of(line: Line) -> tuple[Any, ...]:
    return tuple(line.row[name] for name in line.table.keys)


async def run(
    session: AsyncSession,
    statement: Any,
    batch: Sequence[Line],
    names: Sequence[str],
    without: frozenset[str] = frozenset(),
) -> None:
    """Run a statement for each line, with NULL in the columns `without`; find the line that fails."""
    if not batch:
        return
    places = batch[0].table.places
    rows = [
        {places[name]: None if name in without else line.row[name] for name in names}
        for line in batch
    ]
    try:
        async with savepoint(session):
            await session.execute(statement, rows)
    except (DatabaseError, StatementError, ArithmeticError, TypeError, ValueError) as error:
        if len(batch) == 1:
            rule = f"{batch[0].table.name}: {reason(error)}"
            raise Refused(batch[0].place, rule) from error
        for line in batch:
            await run(session, statement, [line], names, without)
        raise
