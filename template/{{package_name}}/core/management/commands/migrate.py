# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Bring the database to a revision, by default to the newest.

TARGET is a revision's id or its beginning, "head", "base" (before the first one), or a number
of steps, as +1 or -1. The way may lead down as well as up.
"""

import asyncio
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import click
from alembic.runtime.migration import MigrationContext, RevisionStep
from sqlalchemy import Connection

from ..describe import describe
from ..migrations import Heads, Migrations, connect, sql_target, title
from ..resume import Progress


@click.command(help=__doc__, context_settings={"ignore_unknown_options": True})
@click.argument("target", default="head")
@click.option("--plan", is_flag=True, help="Only list what would be done.")
@click.option("--check", is_flag=True, help="The same, and exit with 1 if that is anything.")
@click.option("--fake", is_flag=True, help="Only record the revisions as applied.")
@click.option("--sql", is_flag=True, help="Only print the SQL, starting from an empty database.")
def command(target: str, plan: bool, check: bool, fake: bool, sql: bool) -> None:
    if target.startswith("-") and not re.fullmatch(r"-\d+", target):
        options = ["--plan", "--check", "--fake", "--sql"]
        raise click.NoSuchOption(target, possibilities=options)
    if plan + check + fake + sql > 1:
        raise click.UsageError("--plan, --check, --fake and --sql exclude one another.")
    if sql:
        migrations = Migrations()
        migrations.config.attributes["url"] = asyncio.run(sql_target())
        migrations.run(lambda heads, context: migrations.plan(target, heads), as_sql=True)
    elif plan or check:
        planned = asyncio.run(show_plan(target))
        if check and planned:
            raise click.exceptions.Exit(1)
    else:
        asyncio.run(migrate(target, fake=fake))


async def show_plan(target: str) -> int:
    """List the steps to a revision, and return how many there are."""

    def plan(connection: Connection) -> list[RevisionStep]:
        migrations = Migrations(connection)
        return migrations.plan(target, migrations.current())

    async with connect() as connection:
        steps = await connection.run_sync(plan)
    for step in steps:
        click.echo(f"  {verb(step)} {title(step.revision)}")
    if not steps:
        click.echo("Nothing to migrate.")
    return len(steps)


async def migrate(target: str = "head", *, fake: bool = False) -> None:
    """Bring the database to a revision, one process at a time.

    Args:
        target: as in `Migrations.plan`.
        fake: record the revisions without running them.

    Raises:
        CommandError: there is no way to the target, or a revision failed.
    """

    def run(connection: Connection) -> None:
        migrations = Migrations(connection)

        def steps(heads: Heads, context: MigrationContext) -> Iterator[RevisionStep]:
            planned = migrations.plan(target, heads)
            if not planned:
                click.echo("Nothing to migrate.")
            for step in planned:
                function = do_nothing if fake else step.migration_fn
                step.migration_fn = narrated(step, function, progress)
                yield step

        progress = Progress(connection)
        migrations.run(steps)
        progress.finish()
        if fake and target == "head":
            warn_of_drift(migrations)

    async with connect(to_migrate=True) as connection:
        await connection.run_sync(run)


def narrated(
    step: RevisionStep, function: Callable[..., None], progress: Progress
) -> Callable[..., None]:
    """A revision's function that says what it does, how long it took, and what went wrong."""

    def migration_fn(**options: Any) -> None:
        click.echo(f"  {verb(step)} {title(step.revision)} ...", nl=False)
        started = time.perf_counter()
        try:
            if function is do_nothing:
                function(**options)
            else:
                with progress.of(step):
                    function(**options)
        except Exception:
            click.echo(" FAILED")
            raise
        seconds = time.perf_counter() - started
        click.echo(" FAKED" if function is do_nothing else f" OK ({seconds:.2f} s)")

    return migration_fn


def warn_of_drift(migrations: Migrations) -> None:
    """Tell what of the revisions the database, which is taken as it is, does not have."""
    found = describe(migrations.drift())
    if found:
        click.echo("The models and the database differ, as `makemigrations` would tell:", err=True)
    for change in found:
        click.echo(f"  {change}", err=True)


def verb(step: RevisionStep) -> str:
    return "Apply" if step.is_upgrade else "Revert"


def do_nothing() -> None:
    """What `--fake` runs in a revision's place."""
