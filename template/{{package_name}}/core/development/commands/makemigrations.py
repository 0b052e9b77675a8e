# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Create a migration for the changes to the models.

It compares the models with the database, which must have every migration applied.
"""

import asyncio
from pathlib import Path

import click
from sqlalchemy import Connection

from ....settings import settings
from ...apps import import_models
from ...db import Base
from ...management.describe import Description, describe
from ...management.discovery import PROJECT
from ...management.errors import CommandError
from ...management.migrations import Migrations, connect, title
from ..autogenerate.answers import Answers, parse
from ..autogenerate.planning import plan
from ..autogenerate.undetected import undetected
from ..linter import lint
from ..revision_names import suggest_name
from ..revisions import render, write


@click.command(help=__doc__)
@click.option("-m", "--message", help="Name of the revision; by default, its changes.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if models changed.")
@click.option("--dry-run", is_flag=True, help="List the operations, but write nothing.")
@click.option("--empty", is_flag=True, help="Write an empty revision to edit.")
@click.option("--merge", is_flag=True, help="Write a revision that merges several heads.")
@click.option(
    "--rename",
    "renames",
    multiple=True,
    metavar="OLD:NEW",
    help="Rename a table or a table.column; `OLD:` drops it.",
)
@click.option(
    "--default",
    "defaults",
    multiple=True,
    metavar="TABLE.COLUMN=VALUE",
    help="Value for existing rows that need one; sql:EXPRESSION for SQL.",
)
@click.option(
    "--answers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="TOML file with the same answers, in the tables [rename] and [default].",
)
def command(
    message: str | None,
    check: bool,
    dry_run: bool,
    empty: bool,
    merge: bool,
    renames: tuple[str, ...],
    defaults: tuple[str, ...],
    answers: Path | None,
) -> None:
    if check + dry_run + empty + merge > 1:
        raise click.UsageError("Use only one of --check, --dry-run, --empty and --merge.")
    given = parse(renames, defaults, answers)
    if empty:
        write_empty(message)
    elif merge:
        write_merge(message)
    elif check:
        if asyncio.run(look()):
            raise click.exceptions.Exit(1)
    else:
        asyncio.run(make(message, given, dry=dry_run))


def write_empty(message: str | None) -> None:
    if message is None:
        raise click.UsageError("An empty revision needs a name: add -m NAME.")
    migrations = Migrations()
    migrations.require_one_head()
    created(write(migrations, message))


def write_merge(message: str | None) -> None:
    migrations = Migrations()
    heads = migrations.heads()
    if len(heads) < 2:
        raise CommandError("nothing to merge", "A merge needs several heads.")
    created(write(migrations, message or f"merge {' and '.join(heads)}", after=heads))


async def look() -> list[Description]:
    """List the differences between the models and the database."""

    def compare(connection: Connection) -> list[Description]:
        return describe(up_to_date(connection).drift())

    async with connect() as connection:
        found = await connection.run_sync(compare)
    tell(found)
    return found


async def make(message: str | None, answers: Answers, *, dry: bool) -> None:
    """Write a revision with the differences between the models and the database, if any."""

    def compare(connection: Connection) -> None:
        import_models(settings)
        migrations = up_to_date(connection)
        planned = plan(migrations, connection, Base.metadata, answers)
        found = describe(planned.upgrade)
        tell(found)
        for line in undetected(Base.metadata, connection.dialect.name):
            click.echo(line, err=True)
        if found:
            code = render(migrations, planned.upgrade, planned.downgrade)
            if not dry:
                created(write(migrations, message or suggest_name(found), code))
            for finding in lint(code.upgrade):
                click.echo(finding, err=True)

    async with connect(to_migrate=not dry) as connection:
        await connection.run_sync(compare)


def up_to_date(connection: Connection) -> Migrations:
    """Return the migrations of a database that has applied them all."""
    migrations = Migrations(connection)
    migrations.require_one_head()
    pending = migrations.pending()
    if pending:
        raise CommandError(
            f"revision {title(pending[0])} is pending: the models can only be compared with a database "
            "that has applied every revision",
            "Run `manage.py migrate` first.",
        )
    return migrations


def tell(found: list[Description]) -> None:
    for change in found:
        click.echo(f"  {change}")
    if not found:
        click.echo("No changes detected.")


def created(file: Path) -> None:
    click.echo(f"Created {file.relative_to(PROJECT)}")
