# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Create the test database and run pytest.

ARGUMENTS are passed to pytest: `manage.py test -k users`.
"""

import asyncio
import sys
from importlib.util import find_spec

import click
from sqlalchemy.exc import DBAPIError

from ....settings import settings
from ...db.driver.databases import create_database
from ...management.errors import CommandError, unreachable
from ...management.subprocesses import call


@click.command(help=__doc__, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    if find_spec("pytest") is None:
        raise CommandError("pytest is not installed", "Install the group dev: `uv sync`.")
    try:
        asyncio.run(create_database(settings.test_database_url))
    except (DBAPIError, OSError) as error:
        raise unreachable(error, settings.test_database_url) from error
    raise click.exceptions.Exit(call([sys.executable, "-m", "pytest", *arguments]))
