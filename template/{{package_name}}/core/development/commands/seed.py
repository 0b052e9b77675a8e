# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Fill the database with example data.

It calls `async def seed(session)` of each app's `seed.py`, in the order of INSTALLED_APPS, or only
of the APPS that are named. A `seed` should not change existing rows, because the command may be
repeated.

Everything is one transaction: if an app fails, nothing is written.
"""

import asyncio

import click

from ....settings import settings
from ...apps import import_models, import_part
from ...db import dispose_engine, transaction
from ...management.errors import CommandError


@click.command(help=__doc__)
@click.argument("apps", nargs=-1, metavar="[APPS]...")
def command(apps: tuple[str, ...]) -> None:
    asyncio.run(run(apps))


async def run(apps: tuple[str, ...]) -> None:
    import_models(settings)
    modules = {app: import_part(app, "seed") for app in settings.INSTALLED_APPS}
    found = {app: module.seed for app, module in modules.items() if module is not None}
    if not found:
        raise CommandError(
            "no installed app has a seed.py",
            "Write one with `async def seed(session: AsyncSession) -> None`.",
        )
    for app in apps:
        if app not in found:
            raise CommandError(
                f"{app!r} is not an installed app with a seed.py",
                f"Use one of: {', '.join(found)}.",
            )
    try:
        async with transaction() as session:
            for app in apps or found:
                await found[app](session)
                await session.flush()
    finally:
        await dispose_engine()
    click.echo(f"Seeded: {', '.join(apps or found)}.")
