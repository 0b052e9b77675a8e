# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Set a user's password, from the terminal or standard input, and end all sessions and tokens."""

import click

from ..accounts import ask_password, run, set_password


@click.command(help=__doc__)
@click.argument("email")
def command(email: str) -> None:
    run(set_password(email, ask_password()))
    click.echo("Changed the password, and ended all sessions and tokens.")
