# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Delete expired tokens and limits, and old security events. A worker does it every night."""

import click

from ...auth.tasks import clear
from ..accounts import run


@click.command(help=__doc__)
def command() -> None:
    click.echo(f"Deleted rows: {run(clear())}")
