# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Open the database's command-line client.

ARGUMENTS are passed to the client.
"""

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
            f"{program[0]} is not installed", "Install the database's command-line client."
        ) from None
    raise click.exceptions.Exit(code)
