"""The command line `groundplan`.

`groundplan --help` answers within 150 ms: what a command needs beyond click is imported when it runs.
"""

import click


def _show_version(ctx: click.Context, _option: click.Parameter, wanted: bool) -> None:
    if not wanted or ctx.resilient_parsing:
        return
    from importlib.metadata import version

    click.echo(f"groundplan {version('groundplan')}")
    ctx.exit()


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help="Show the version and exit.",
)
def main() -> None:
    """Start a FastAPI service on SQLAlchemy, and keep it current."""
