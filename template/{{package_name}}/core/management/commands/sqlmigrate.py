# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Print the SQL of a migration.

REVISION is an id or its beginning, or "head". Nothing is run.
"""

import asyncio

import click

from ..migrations import Migrations, sql_target


@click.command(help=__doc__)
@click.argument("revision")
@click.option("--backwards", is_flag=True, help="Print the SQL that reverts it.")
def command(revision: str, backwards: bool) -> None:
    migrations = Migrations()
    migrations.config.attributes["url"] = asyncio.run(sql_target())
    script = migrations.find(revision)
    start = script.revision if backwards else script.down_revision or "base"
    target = "-1" if backwards else script.revision
    migrations.run(
        lambda heads, context: migrations.plan(target, heads), as_sql=True, starting_rev=start
    )
