# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Write rows as JSON lines, which `loaddata` reads.

Without LABELS, it writes the tables of all installed apps; otherwise those of the named apps and
models, such as `blog` or `blog.Post`. Parts of core are named like apps: `auth`, `jobs`.
All rows are of one moment. Soft-deleted rows are included.
"""

import asyncio
import sys
from collections.abc import AsyncGenerator, Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, BinaryIO

import click
from sqlalchemy.ext.asyncio import AsyncConnection

from ....settings import settings
from ...apps import import_models
from ...db import dispose_engine, transaction
from ...db.driver.databases import SNAPSHOT
from ...management.errors import CommandError
from ..data.tables import DataTable, chosen

BATCH = 1000  # rows in memory


@click.command(help=__doc__)
@click.argument("labels", nargs=-1, metavar="[LABELS]...")
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write, once all rows are read; by default the standard output.",
)
def command(labels: tuple[str, ...], output: Path | None) -> None:
    import_models(settings)
    tables = chosen(labels, settings.INSTALLED_APPS)
    for line in left_out(tables):
        click.echo(line, err=True)
    with written(output) as file:
        counts = asyncio.run(dump(tables, file))
    click.echo(f"Dumped {sum(counts)} rows of {len(counts)} tables.", err=True)


def left_out(tables: Sequence[DataTable]) -> Generator[str]:
    """Yield a line for each table that the rows refer to and that is not dumped."""
    names = {table.name for table in tables}
    for table in tables:
        referred = {key.referred_table.fullname for key in table.source.foreign_key_constraints}
        for name in sorted(referred - names):
            yield f"{table.name} refers to {name}, which is not dumped."


@contextmanager
def written(output: Path | None) -> Generator[BinaryIO]:
    """Open a file that takes its name at the end of the block, if the block succeeds."""
    if output is None:
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    part = output.with_name(f"{output.name}.part")
    try:
        with part.open("wb") as file:
            yield file
        part.replace(output)
    finally:
        part.unlink(missing_ok=True)


async def dump(tables: Sequence[DataTable], file: BinaryIO) -> list[int]:
    """Write all rows; return the number of each table's rows."""
    counts = [0] * len(tables)
    try:
        async with transaction(read_only=True, isolation_level=SNAPSHOT) as session:
            connection = await session.connection()
            for place, table in enumerate(tables):
                async for row in rows_of(connection, table):
                    file.write(line_of(table, row))
                    counts[place] += 1
    finally:
        await dispose_engine()
    return counts


async def rows_of(connection: AsyncConnection, table: DataTable) -> AsyncGenerator[Sequence[Any]]:
    """Yield a table's rows by short statements, for which time limits are meant."""
    if not table.keys or any(table.values[name] is object for name in table.keys):
        async for row in await connection.stream(table.select()):
            yield row
        return
    after: list[Any] | None = None
    places = [list(table.columns).index(name) for name in table.keys]
    while True:
        rows = (await connection.execute(table.select(after).limit(BATCH))).all()
        for row in rows:
            yield row
        if len(rows) < BATCH:
            return
        after = [rows[-1][place] for place in places]


def line_of(table: DataTable, row: Sequence[Any]) -> bytes:
    try:
        return table.line(row)
    except ValueError as error:
        keys = ", ".join(repr(value) for value in row[: len(table.keys)])
        raise CommandError(
            f"a row of {table.name} cannot be written as JSON ({keys}, …): {error}",
            "Correct the row, or leave the table out by naming others.",
        ) from error
