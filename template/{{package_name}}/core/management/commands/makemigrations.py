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

from ..changes import Change, changes, suggest_name
from ..errors import CommandError
from ..migrations import PROJECT, Migrations, connect, title


@click.command(help=__doc__)
@click.option("-m", "--message", help="The revision's name; by default made of what it does.")
@click.option("--check", is_flag=True, help="Write nothing, and exit with 1 if anything changed.")
@click.option("--dry-run", is_flag=True, help="Only list what would be written.")
@click.option("--empty", is_flag=True, help="Write a revision to be filled in by hand.")
@click.option("--merge", is_flag=True, help="Write a revision that joins several heads.")
def command(message: str | None, check: bool, dry_run: bool, empty: bool, merge: bool) -> None:
    if check + dry_run + empty + merge > 1:
        raise click.UsageError("--check, --dry-run, --empty and --merge exclude one another.")
    if empty:
        write_empty(message)
    elif merge:
        write_merge(message)
    else:
        found = asyncio.run(make(message, dry=check or dry_run))
        if check and found:
            raise click.exceptions.Exit(1)


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


async def make(message: str | None = None, *, dry: bool = False) -> list[Change]:
    """Compare the models with the database, and write a revision of the difference.

    Args:
        message: the revision's name.
        dry: only look.

    Returns:
        What differs; when that is nothing, nothing is written.

    Raises:
        CommandError: there are several heads, or revisions that wait to be applied.
    """

    def compare(connection: Connection) -> list[Change]:
        migrations = Migrations(connection)
        migrations.require_one_head()
        pending = migrations.pending()
        if pending:
            raise CommandError(
                f"revision {title(pending[0])} is pending, and only a database that has every revision "
                "can be compared with the models",
                "Run `manage.py migrate` first.",
            )
        found = changes(migrations.drift())
        if found and not dry:
            name = message or suggest_name(found)
            write(lambda: alembic.revision(migrations.config, name, autogenerate=True))
        for change in found:
            click.echo(f"  {change}")
        if not found:
            click.echo("No changes detected.")
        return found

    async with connect(to_migrate=not dry) as connection:
        return await connection.run_sync(compare)


def write(revise: Callable[[], object]) -> None:
    """Have Alembic write a file, without its own words about it, and say where it is."""
    with redirect_stdout(StringIO()):
        script = revise()
    if isinstance(script, Script):
        click.echo(f"Created {Path(script.path).relative_to(PROJECT)}")
