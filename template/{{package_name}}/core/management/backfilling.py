# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Values for many rows, a batch at a time, so that nobody waits long for a lock."""

import click
from alembic import op
from sqlalchemy import text

from ..db.driver.migrations import batch_update
from .errors import CommandError


def backfill(table: str, values: str, *, where: str, size: int = 1_000) -> None:
    """Update rows in batches, each of them committed, and tell how far it has come.

    Call it in a revision of its own: what the revision has done before is committed first.
    Interrupted, it goes on with the rows that are left.

    Args:
        table: whose rows they are; names are quoted where they have to be.
        values: as they stand behind SET.
        where: which rows are left; an updated row no longer is.
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
                    "Have the values make it false, or the rows are updated for ever.",
                )
