# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Create a user; read the password from the terminal, or from standard input."""

import click

from ..accounts import ask_password, create_user, run


@click.command(help=__doc__)
@click.argument("email")
@click.option("--staff", is_flag=True, help="Allow what is for staff.")
@click.option("--superuser", is_flag=True, help="Allow everything.")
def command(email: str, staff: bool, superuser: bool) -> None:
    address = run(create_user(email, ask_password(), staff=staff, superuser=superuser))
    click.echo(f"Created the user {address}.")
