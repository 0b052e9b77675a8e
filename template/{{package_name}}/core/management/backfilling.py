# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Fills a column in batches, so that no lock is held for long."""

import click
from alembic import op
from sqlalchemy import text

from ..db.driver.migrations import batch_update
from .errors import CommandError


def backfill(table: str, values: str, *, where: str, size: int = 1_000) -> None:
    """Update rows in batches, commit each batch, and print the progress.

    Call it alone in a revision: earlier statements of the revision are committed first. After an
    interruption, the next run resumes with the remaining rows.

    Args:
        table: the table, quoted where necessary.
        values: the SQL after SET.
        where: the condition of the remaining rows, as SQL. An updated row must not match it.
        size: rows a batch.

    Raises:
        CommandError: updated rows still match `where`.
    """
    context = op.get_context()
    if context.as_sql:
        op.execute(" ".join(("UPDATE", table, "SET", values, "WHERE", where)))
        return
    batch = text(batch_update(table, values, where, size))
    count = text(" ".join(("SELECT count(*) FROM", table, "WHERE", where)))
    with context.autocommit_block():
        connection = op.get_bind()
        total, done = int(connection.execute(count).scalar_one()), 0
        while rows := connection.execute(batch).rowcount:
            done += rows
            click.echo(f"\n    {table}: {done} of {max(total, done)} rows", nl=False)
            if done > 2 * total + size:
                raise CommandError(
                    f"updated rows of {table} still match {where}",
                    "Change the values or the condition, so that an updated row does not match.",
                )
