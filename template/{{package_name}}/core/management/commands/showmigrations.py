# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""List the revisions.

[X] is applied to the database, [ ] is pending.
"""

import asyncio

import click
from sqlalchemy import Connection

from ..migrations import Migrations, connect, title


@click.command(help=__doc__)
def command() -> None:
    asyncio.run(show())


async def show() -> None:
    """List the revisions, the first one first."""

    def lines(connection: Connection) -> list[str]:
        migrations = Migrations(connection)
        applied = migrations.applied()
        return [
            f"[{'X' if script.revision in applied else ' '}] {title(script)}"
            for script in migrations.all()
        ]

    async with connect() as connection:
        found = await connection.run_sync(lines)
    click.echo("\n".join(found) or "There are no revisions.")
