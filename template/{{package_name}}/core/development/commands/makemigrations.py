# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Write a revision that makes the database equal the models."""

import asyncio
from collections.abc import Callable
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path

import click
from alembic import command as alembic
from alembic.script import Script
from sqlalchemy import Connection

from ...apps import PROJECT
from ...db import Base
from ...management.describe import Description, describe
from ...management.errors import CommandError
from ...management.migrations import Migrations, connect, title
from ..autogenerate.answers import Answers, parse
from ..autogenerate.planning import plan
from ..linter import lint
from ..revision_names import suggest_name


@click.command(help=__doc__)
@click.option("-m", "--message", help="The revision's name; by default made of what it does.")
@click.option("--check", is_flag=True, help="Write nothing, and exit with 1 if anything changed.")
@click.option("--dry-run", is_flag=True, help="Only list what would be written.")
@click.option("--empty", is_flag=True, help="Write a revision to be filled in by hand.")
@click.option("--merge", is_flag=True, help="Write a revision that joins several heads.")
@click.option(
    "--rename",
    "renames",
    multiple=True,
    metavar="OLD:NEW",
    help="A table, or table.column, goes by another name; OLD: says that it is dropped.",
)
@click.option(
    "--default",
    "defaults",
    multiple=True,
    metavar="TABLE.COLUMN=VALUE",
    help="What rows get that have no value, or none that is still allowed; sql:EXPRESSION is SQL.",
)
@click.option(
    "--answers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The same in TOML, in the tables [rename] and [default].",
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
        raise click.UsageError("--check, --dry-run, --empty and --merge exclude one another.")
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
        raise click.UsageError("An empty revision has nothing to be named after: add -m NAME.")
    migrations = Migrations()
    migrations.require_one_head()
    write(lambda: alembic.revision(migrations.config, message))


def write_merge(message: str | None) -> None:
    migrations = Migrations()
    heads = migrations.heads()
    if len(heads) < 2:
        raise CommandError("there is nothing to merge", "Only several heads can be joined.")
    name = message or f"merge {' and '.join(heads)}"
    write(lambda: alembic.merge(migrations.config, heads, name))


async def look() -> list[Description]:
    """List what differs between the models and the database."""

    def compare(connection: Connection) -> list[Description]:
        return describe(up_to_date(connection).drift())

    async with connect() as connection:
        found = await connection.run_sync(compare)
    tell(found)
    return found


async def make(message: str | None, answers: Answers, *, dry: bool = False) -> list[Description]:
    """Compare the models with the database, and write a revision of the difference.

    Args:
        message: the revision's name.
        answers: to the questions that come up.
        dry: only look.

    Returns:
        What is done; when that is nothing, nothing is written.

    Raises:
        CommandError: there are several heads, or revisions that wait to be applied.
        AnswerNeeded: a question is open.
    """

    def compare(connection: Connection) -> list[Description]:
        migrations = up_to_date(connection)
        planned = plan(migrations, connection, Base.metadata, answers)
        found = describe(planned.upgrade)
        tell(found)
        if found:
            source = migrations.source(planned.upgrade)
            if not dry:
                name = message or suggest_name(found)
                created(migrations.write(name, planned.upgrade, planned.downgrade))
            for finding in lint(source):
                click.echo(finding, err=True)
        return found

    async with connect(to_migrate=not dry) as connection:
        return await connection.run_sync(compare)


def up_to_date(connection: Connection) -> Migrations:
    """The migrations of a database that has them all: only it can be compared with the models."""
    migrations = Migrations(connection)
    migrations.require_one_head()
    pending = migrations.pending()
    if pending:
        raise CommandError(
            f"revision {title(pending[0])} is pending, and only a database that has every revision "
            "can be compared with the models",
            "Run `manage.py migrate` first.",
        )
    return migrations


def tell(found: list[Description]) -> None:
    for change in found:
        click.echo(f"  {change}")
    if not found:
        click.echo("No changes detected.")


def created(script: Script) -> None:
    click.echo(f"Created {Path(script.path).relative_to(PROJECT)}")


def write(revise: Callable[[], object]) -> None:
    """Have Alembic write a file, without its own words about it, and say where it is."""
    with redirect_stdout(StringIO()):
        script = revise()
    if isinstance(script, Script):
        created(script)
