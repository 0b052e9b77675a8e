# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Copy all rows of one database into another, and compare them.

For a service that moves to another database. Both have to be at the newest revision, and the new
one without rows. The old one is only read, and may be of any driver that is installed.

It is one transaction: a copy that fails, or is killed, leaves the new database as it was.
"""

import asyncio
import json
import sys
from typing import Any

import click

from ..copying.copy import BATCH, Report, copy


@click.command(
    help=__doc__,
    epilog="Exit codes: 0 copied and equal, 1 refused or failed and nothing copied, "
    "2 wrong usage or settings, 130 interrupted.",
)
@click.option("--from", "source", metavar="URL", required=True, help="The database to read.")
@click.option("--to", "target", metavar="URL", required=True, help="The database to write.")
@click.option(
    "--batch",
    type=click.IntRange(min=1),
    default=BATCH,
    show_default=True,
    help="Rows that are read and written at a time.",
)
@click.option("--json", "as_json", is_flag=True, help="Report for programs.")
def command(source: str, target: str, batch: int, as_json: bool) -> None:
    report = asyncio.run(copy(source, target, bar, batch=batch))
    if as_json:
        tables = [table._asdict() for table in report.tables]
        click.echo(json.dumps({"tables": tables, "left_behind": report.left_behind}, indent=2))
    else:
        tell(report)


def bar(name: str, rows: int) -> Any:
    """A table's progress, on the terminal; only its name where there is none."""
    return click.progressbar(length=rows, label=f"  {name}", show_pos=True, file=sys.stderr)


def tell(report: Report) -> None:
    """Print what was copied, a table a line."""
    width = max((len(table.name) for table in report.tables), default=0)
    for table in report.tables:
        click.echo(f"  {table.name:{width}}  {table.rows:>9,} rows  {table.checksum[:12]}")
    total = sum(table.rows for table in report.tables)
    click.echo(f"Copied {total:,} rows of {len(report.tables)} tables, and compared them: equal.")
    for name in report.left_behind:
        click.echo(f"Not copied: {name}, which no model has.", err=True)
