# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""List all migrations, and which of them are applied.

[X] is applied, [ ] is pending.
"""

import asyncio

import click
from sqlalchemy import Connection

from ..migrations import Migrations, connect, title


@click.command(help=__doc__)
def command() -> None:
    asyncio.run(show())


async def show() -> None:
    """Print the revisions, oldest first."""

    def lines(connection: Connection) -> list[str]:
        migrations = Migrations(connection)
        applied = migrations.applied()
        return [
            f"[{'X' if script.revision in applied else ' '}] {title(script)}"
            for script in migrations.all()
        ]

    async with connect() as connection:
        found = await connection.run_sync(lines)
    click.echo("\n".join(found) or "No migrations.")
