# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Fill the database with example data, for a development that begins with something to see.

An app's `seed.py` has `async def seed(session)`, which leaves what is there as it is, so that it can
be run again. Without APPS, each installed app that has one is asked, in the order of INSTALLED_APPS.

It is one transaction: all of it is written, or nothing.
"""

import asyncio

import click

from ....settings import settings
from ...apps import import_models, seeds
from ...db import dispose_engine, transaction
from ...management.errors import CommandError


@click.command(help=__doc__)
@click.argument("apps", nargs=-1, metavar="[APPS]...")
def command(apps: tuple[str, ...]) -> None:
    asyncio.run(run(apps))


async def run(apps: tuple[str, ...]) -> None:
    """Ask the apps for their data.

    Raises:
        CommandError: there is no `seed.py` at all, or not in an app that is named.
    """
    import_models(settings)
    found = seeds(settings)
    if not found:
        raise CommandError(
            "no installed app has a seed.py",
            "Write one with `async def seed(session: AsyncSession) -> None` in an app's folder",
        )
    for app in apps:
        if app not in found:
            raise CommandError(
                f"{app!r} is no installed app with a seed.py", f"Name one of: {', '.join(found)}"
            )
    try:
        async with transaction() as session:
            for app in apps or found:
                await found[app](session)
                await session.flush()
    finally:
        await dispose_engine()
    click.echo(f"The example data is there: {', '.join(apps or found)}.")
