"""The command line of the copy. Its options are those of `groundplan copydata`, which checks them."""

import asyncio
import json
import sys
from pathlib import Path
from typing import Any

import click

from .copy import Report, copy
from .service import load

INTERRUPTED = 130


@click.command()
@click.argument("package")
@click.option("--from", "source", required=True)
@click.option("--to", "target", required=True)
@click.option("--batch", type=int, required=True)
@click.option("--json", "as_json", is_flag=True)
def command(package: str, source: str, target: str, batch: int, as_json: bool) -> None:
    service = load(package, Path.cwd())
    report = asyncio.run(copy(service, source, target, bar, batch=batch))
    if as_json:
        tables = [table._asdict() for table in report.tables]
        click.echo(json.dumps({"tables": tables, "left_behind": report.left_behind}, indent=2))
    else:
        show(report)


def main() -> None:
    """Run the command and exit: 0 copied, 1 refused or failed, 2 invalid settings, 130 interrupted."""
    try:
        command.main(prog_name="groundplan copydata", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except click.Abort:
        sys.exit(INTERRUPTED)


def bar(name: str, rows: int) -> Any:
    """Return a progress bar for a table; where there is no terminal it prints the name only."""
    return click.progressbar(length=rows, label=f"  {name}", show_pos=True, file=sys.stderr)


def show(report: Report) -> None:
    """Print one line for each table, and what was not copied."""
    width = max((len(table.name) for table in report.tables), default=0)
    for table in report.tables:
        click.echo(f"  {table.name:{width}}  {table.rows:>9,} rows  {table.checksum[:12]}")
    total = sum(table.rows for table in report.tables)
    tables = len(report.tables)
    click.echo(f"Copied {total:,} rows in {tables} tables; both databases hold equal values.")
    for name in report.left_behind:
        click.echo(f"Not copied: {name}, which no model describes.", err=True)
