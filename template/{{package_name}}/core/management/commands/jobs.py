# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""List, show, retry, cancel and delete background jobs."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from typing import Any, TypeVar
from uuid import UUID

import click
from pydantic_core import to_json

from ...db import dispose_engine, utc_now
from ...jobs import JobState
from ...jobs.cleaning import purge
from .. import job_overview as overview
from ..errors import CommandError

Result = TypeVar("Result")
Decorated = Callable[..., None]

ENDED = [JobState.DONE, JobState.FAILED, JobState.CANCELLED]
as_json = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


def chosen(function: Decorated) -> Decorated:
    """Add the options that choose jobs."""
    function = click.option("--queue", help="Only jobs of this queue.")(function)
    return click.option("--task", help='Only jobs of this task, such as "blog.send".')(function)


@click.group(help=__doc__)
def command() -> None:
    pass


@command.command("list")
@click.option("--state", type=click.Choice([state.value for state in JobState]))
@chosen
@click.option("--limit", type=click.IntRange(min=1), default=50, show_default=True)
@as_json
def list_jobs(state: str | None, as_json: bool, limit: int, **wanted: Any) -> None:
    """List the newest jobs."""
    known = JobState(state) if state else None
    output(run(overview.find(overview.Filter(state=known, **wanted), limit)), as_json=as_json)


@command.command
@click.argument("job", type=click.UUID)
@as_json
def show(job: UUID, as_json: bool) -> None:
    """Show a job with its arguments and its last error."""
    found = run(overview.show(job))
    if found is None:
        raise CommandError(f"no job has the id {job}", "List the jobs: manage.py jobs list.")
    if as_json:
        click.echo(to_json(found, indent=2))
        return
    for name, value in found.items():
        if value is not None:
            click.echo(f"{name}: {value}")


@command.command
@click.argument("jobs", type=click.UUID, nargs=-1)
@chosen
@click.option("--all", "every", is_flag=True, help="All failed and cancelled jobs.")
def retry(jobs: tuple[UUID, ...], every: bool, **wanted: Any) -> None:
    """Run failed or cancelled jobs again."""
    count = run(overview.retry(select(jobs, every, **wanted)))
    click.echo(f"Jobs that run again: {count}")


@command.command
@click.argument("jobs", type=click.UUID, nargs=-1)
@chosen
@click.option("--all", "every", is_flag=True, help="All jobs that have not ended.")
def cancel(jobs: tuple[UUID, ...], every: bool, **wanted: Any) -> None:
    """Cancel jobs. Workers stop running ones within a few seconds."""
    count = run(overview.cancel(select(jobs, every, **wanted)))
    click.echo(f"Cancelled jobs: {count}")


@command.command("purge")
@click.option("--state", type=click.Choice([state.value for state in ENDED]), required=True)
@click.option("--days", type=click.FloatRange(0, 365_000), required=True, help="Keep younger jobs.")
def purge_jobs(state: str, days: float) -> None:
    """Delete jobs that ended more than --days ago."""
    count = run(purge(JobState(state), utc_now() - timedelta(days=days)))
    click.echo(f"Deleted jobs: {count}")


@command.command
@as_json
def stats(as_json: bool) -> None:
    """Show the queues, how long jobs have waited, and the workers."""
    found = run(overview.stats())
    if as_json:
        click.echo(to_json(found, indent=2))
        return
    for name, rows in found.items():
        click.echo(f"{name}:")
        output(rows, as_json=False)


def select(jobs: Sequence[UUID], every: bool, **wanted: Any) -> overview.Filter:
    if not (jobs or every or any(wanted.values())):
        raise click.UsageError("Name jobs by their ids, by --task or --queue, or pass --all.")
    return overview.Filter(ids=jobs, **wanted)


def run(work: Coroutine[Any, Any, Result]) -> Result:
    async def and_disconnect() -> Result:
        try:
            return await work
        finally:
            await dispose_engine()

    return asyncio.run(and_disconnect())


def output(rows: Sequence[dict[str, Any]], *, as_json: bool) -> None:
    """Print rows as a table, or as JSON."""
    if as_json:
        click.echo(to_json(rows, indent=2))
    elif rows:
        table = [list(rows[0]), *([str(value) for value in row.values()] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*table, strict=True)]
        for line in table:
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            click.echo("  ".join(cells).rstrip())
