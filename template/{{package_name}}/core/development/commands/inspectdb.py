# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Write models for the existing tables of a database, as an app.

ARGUMENTS are passed to `groundplan inspectdb`: `manage.py inspectdb --app shop orders lines`.
"""

import sys
from shutil import which

import click

from ...management.discovery import Unusable
from ...management.subprocesses import call


@click.command(help=__doc__, context_settings={"ignore_unknown_options": True})
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED)
def command(arguments: tuple[str, ...]) -> None:
    if (program := which("groundplan")) is None:
        raise Unusable(
            "inspectdb needs the program groundplan, which is not on PATH. Run "
            "`uvx --from GROUNDPLAN groundplan inspectdb`, where GROUNDPLAN is the address of its "
            "repository after `git+`, or the path of a clone."
        )
    environment = {"VIRTUAL_ENV": sys.prefix}  # where it runs the service's code
    raise click.exceptions.Exit(call([program, "inspectdb", *arguments], environment))
