# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""End all sessions of a user, or of all users, and revoke their tokens."""

import click

from ..accounts import end_all_sessions, end_sessions, run


@click.command(help=__doc__)
@click.argument("email", required=False)
@click.option("--all", "every", is_flag=True, help="End those of all users.")
def command(email: str | None, every: bool) -> None:
    if every is (email is not None):
        raise click.UsageError("Name a user by the address, or pass --all.")
    run(end_all_sessions() if email is None else end_sessions(email))
    click.echo("Ended the sessions.")
