# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Check the project for problems: settings, apps, migrations.

With --deploy, also check the settings that production needs.
"""

import asyncio

import click

from ....settings import settings
from ..checks import Level, Message, run_checks, tags

LEVELS = [level.name for level in Level]


@click.command(help=__doc__)
@click.option("--deploy", is_flag=True, help="Also check production settings.")
@click.option(
    "--tag", "only", multiple=True, metavar="TAG", help="Run only checks with this tag; repeatable."
)
@click.option("--list-tags", is_flag=True, help="List the tags and exit.")
@click.option(
    "--fail-level",
    type=click.Choice(LEVELS, case_sensitive=False),
    help="Exit with 1 at this level and above. Default: ERROR; with --deploy, WARNING.",
)
def command(deploy: bool, only: tuple[str, ...], list_tags: bool, fail_level: str | None) -> None:
    known = tags()
    if list_tags:
        click.echo("\n".join(known))
        return
    for tag in only:
        if tag not in known:
            rule = f"{tag!r} is not one of {', '.join(known)}."
            raise click.BadParameter(rule, param_hint="--tag")
    found = asyncio.run(run_checks(deploy=deploy, only=only))
    silenced = [message for message in found if message.id in settings.SILENCED_CHECKS]
    found = [message for message in found if message not in silenced]
    report(found, len(silenced))
    worst = max((message.level for message in found), default=Level.INFO)
    if found and worst >= Level[fail_level or ("WARNING" if deploy else "ERROR")]:
        raise click.exceptions.Exit(1)


def report(found: list[Message], silenced: int) -> None:
    """Print the messages to stderr, the most serious first; to stdout if there are none."""
    if not found:
        click.echo(f"System check identified no issues ({silenced} silenced).")
        return
    click.echo("System check identified some issues:", err=True)
    for level in reversed(Level):
        messages = [message for message in found if message.level == level]
        if messages:
            click.secho(f"\n{level.name}S:", bold=True, err=True)
            for message in messages:
                click.echo(message, err=True)
    count = "1 issue" if len(found) == 1 else f"{len(found)} issues"
    click.echo(f"\nSystem check identified {count} ({silenced} silenced).", err=True)
