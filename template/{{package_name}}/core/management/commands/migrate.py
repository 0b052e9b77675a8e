# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Apply migrations, or revert them.

TARGET is a revision's id or its beginning, "head" (the newest; the default), "base" (before the
first), or a number of steps such as +1 or -1. Revisions after the target are reverted.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from typing import Any

import click
from alembic.runtime.migration import MigrationContext, RevisionStep
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ...db import DatabaseError
from ..errors import CommandError, reason
from ..migrations import COUNT, Heads, Migrations, connect, sql_target, title
from ..resume import Progress

VERBS = {True: "Apply", False: "Revert"}


@click.command(help=__doc__, context_settings={"ignore_unknown_options": True})
@click.argument("target", default="head")
@click.option("--plan", is_flag=True, help="List the steps, and change nothing.")
@click.option("--check", is_flag=True, help="Like --plan, and exit with 1 if there are steps.")
@click.option("--fake", is_flag=True, help="Record the revisions without running them.")
@click.option(
    "--sql", is_flag=True, help="Print the SQL for an empty database, and change nothing."
)
def command(target: str, plan: bool, check: bool, fake: bool, sql: bool) -> None:
    if target.startswith("-") and not COUNT.fullmatch(target):
        options = ["--plan", "--check", "--fake", "--sql"]
        raise click.NoSuchOption(target, possibilities=options)
    if plan + check + fake + sql > 1:
        raise click.UsageError("Use only one of --plan, --check, --fake and --sql.")
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
    """Print the steps to a revision, and return their number."""

    def plan(connection: Connection) -> list[RevisionStep]:
        migrations = Migrations(connection)
        return migrations.plan(target, migrations.current())

    async with connect() as connection:
        steps = await connection.run_sync(plan)
    for step in steps:
        click.echo(f"  {VERBS[step.is_upgrade]} {title(step.revision)}")
    if not steps:
        click.echo("Nothing to migrate.")
    return len(steps)


async def migrate(target: str = "head", *, fake: bool = False) -> None:
    """Migrate the database, or only record it with `fake`. Processes wait for one another."""

    def run(connection: Connection) -> None:
        migrations = Migrations(connection)

        def steps(heads: Heads, context: MigrationContext) -> Iterator[RevisionStep]:
            planned = migrations.plan(target, heads)
            if not planned:
                click.echo("Nothing to migrate.")
                return  # a failed revision may still have to be resumed
            progress = Progress(connection)
            for step in planned:
                step.migration_fn = reporting(step, None if fake else progress)
                yield step
            progress.finish()

        migrations.run(steps)
        if fake and target == "head":
            warn_of_drift(migrations)

    async with connect(to_migrate=True) as connection:
        await connection.run_sync(run)


def reporting(step: RevisionStep, progress: Progress | None) -> Callable[..., None]:
    """Wrap a revision's function: print its name, its duration, and whether it failed.

    Without `progress`, the revision is not run.
    """
    function = step.migration_fn

    def migration_fn(**options: Any) -> None:
        click.echo(f"  {VERBS[step.is_upgrade]} {title(step.revision)} ...", nl=False)
        if progress is None:
            click.echo(" FAKED")
            return
        started = time.perf_counter()
        try:
            with progress.of(step):
                function(**options)
        except Exception as error:
            click.echo(" FAILED")
            if not isinstance(error, DatabaseError | DBAPIError):
                raise
            problem = f"revision {title(step.revision)} failed: {reason(error)}"
            raise CommandError(problem, progress.fix()) from error
        click.echo(f" OK ({time.perf_counter() - started:.2f} s)")

    return migration_fn


def warn_of_drift(migrations: Migrations) -> None:
    """Print how the database differs from the models after `--fake`."""
    from ..describe import describe

    found = describe(migrations.drift())
    if found:
        click.echo("The database differs from the models:", err=True)
    for change in found:
        click.echo(f"  {change}", err=True)
