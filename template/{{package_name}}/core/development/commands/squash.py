# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Replace all revisions by one that creates the same schema.

The new revision keeps the id of the head, so a database at the head stays there. The old revisions
and the new one are each run on a temporary database next to the test database. If the schemas
differ, nothing is changed. The new revision does not insert rows that old ones inserted.
"""

import asyncio
import shutil
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import click
from alembic.operations import ops
from sqlalchemy import Column, Connection, inspect, make_url
from sqlalchemy.ext.asyncio import AsyncConnection

from ....settings import settings
from ...db.driver.databases import create_database, drop_database
from ...management.discovery import PROJECT
from ...management.errors import CommandError
from ...management.migrations import Migrations, connect
from ..autogenerate.dialect import keys_last
from ..autogenerate.planning import needed
from ..revisions import render, write
from ..schema import schema

SHOWN = 6  # differences in an error message


@click.command(help=__doc__)
@click.option("-m", "--message", default="baseline", help="Name of the revision.")
def command(message: str) -> None:
    migrations = Migrations()
    migrations.require_one_head()
    if len(migrations.all()) < 2:
        raise CommandError("nothing to squash", "Squashing needs at least two revisions.")
    asyncio.run(squash(migrations, message))


async def squash(migrations: Migrations, message: str) -> None:
    """Replace the revisions by one, unless it would create another schema."""
    old = [Path(script.path) for script in migrations.all()]
    (head,) = migrations.heads()
    async with scratch() as connection:
        wanted, order = await connection.run_sync(grow)
    with put_aside(old):
        async with scratch() as connection:
            new = await connection.run_sync(write_baseline, message, head, order)
            try:
                require_same(wanted, await connection.run_sync(grown))
            except BaseException:
                new.unlink()
                raise
    click.echo(f"Created {new.relative_to(PROJECT)}")
    click.echo(f"Removed {len(old)} revisions.")


@asynccontextmanager
async def scratch() -> AsyncGenerator[AsyncConnection]:
    """Open a connection to a new, empty database, which is dropped at the end."""
    url = make_url(settings.test_database_url)
    name = Path(url.database or "")
    url = url.set(database=str(name.with_stem(f"{name.stem[:40]}_squash")))
    await drop_database(url)
    await create_database(url)
    try:
        async with connect(
            url.render_as_string(hide_password=False), to_migrate=True
        ) as connection:
            yield connection
    finally:
        await drop_database(url)


def grow(connection: Connection) -> tuple[list[str], dict[str, list[str]]]:
    """Apply all revisions; return the schema, and each table's columns in order."""
    found = grown(connection)
    if Migrations(connection).drift().ops:
        raise CommandError(
            "the models have changes without a revision", "Run `manage.py makemigrations` first."
        )
    inspector = inspect(connection)
    return found, {
        name: [column["name"] for column in inspector.get_columns(name)]
        for name in inspector.get_table_names()
    }


def grown(connection: Connection) -> list[str]:
    """Apply the revisions; return the schema that they create."""
    migrations = Migrations(connection)
    migrations.run(lambda heads, context: migrations.plan("head", heads))
    return schema(connection)


def write_baseline(
    connection: Connection, message: str, head: str, order: dict[str, list[str]]
) -> Path:
    """Write the revision `head`, which creates the whole schema, with each table's columns in order."""
    migrations = Migrations(connection)
    found = migrations.drift()
    found.ops = keys_last(found.ops)
    for operation in found.ops:
        if isinstance(operation, ops.CreateTableOp):
            places = order[operation.table_name]
            operation.columns = sorted(
                operation.columns,
                key=lambda item: (
                    places.index(item.name) if isinstance(item, Column) else len(places)
                ),
            )
    back = ops.DowngradeOps(needed(operation.reverse() for operation in reversed(found.ops)))
    return write(migrations, message, render(migrations, found, back), rev_id=head)


@contextmanager
def put_aside(files: list[Path]) -> Generator[None]:
    """Move files away while the block runs; move them back if it fails."""
    with TemporaryDirectory() as aside:
        for file in files:
            shutil.move(file, aside)
        try:
            yield
        except BaseException:
            for file in files:
                shutil.move(Path(aside) / file.name, file)
            raise


def require_same(wanted: list[str], found: list[str]) -> None:
    """Refuse a new schema that differs from the old one."""
    missing = [f"- {line}" for line in wanted if line not in found]
    added = [f"+ {line}" for line in found if line not in wanted]
    if missing or added:
        differences = "\n".join([*missing, *added][:SHOWN])
        raise CommandError(
            f"a single revision of the models would create a different schema:\n{differences}",
            "Nothing was changed. Squashing cannot keep what only a revision creates, such as a trigger or a view.",
        )
