# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Open the database in its own client."""

import click
from sqlalchemy import make_url

from ....settings import settings
from ..client import client
from ..errors import CommandError
from ..subprocesses import call


@click.command(help=__doc__, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    program, environment = client(make_url(settings.database_url))
    try:
        code = call([*program, *arguments], environment)
    except FileNotFoundError:
        raise CommandError(
            f"the program {program[0]} was not found", "Install the database's client."
        ) from None
    raise click.exceptions.Exit(code)
