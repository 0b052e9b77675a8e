# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Checks of the apps and the migrations."""

from collections.abc import Iterator

from sqlalchemy import Connection

from ...apps import AppNotFound, import_models
from ...settings import CoreSettings
from ..describe import describe
from ..discovery import PACKAGE
from ..errors import CommandError
from ..migrations import Migrations, SeveralHeads, title
from .registry import Level, Message, check_database, check_settings, warning

SHOWN = 3  # differences that a message lists


@check_settings("apps")
def apps_are_found(settings: CoreSettings) -> Iterator[Message]:
    try:
        import_models(settings)
    except AppNotFound as error:
        yield Message(
            Level.ERROR,
            "apps.E001",
            str(error),
            "A folder under apps/ is an app when it has an __init__.py.",
        )


@check_settings("apps")
def apps_are_listed(settings: CoreSettings) -> Iterator[Message]:
    found = {path.parent.name for path in PACKAGE.glob("apps/*/__init__.py")}
    for app in sorted(found.difference(settings.INSTALLED_APPS)):
        yield Message(
            Level.ERROR,
            "apps.E002",
            f"The app {app!r} is not in INSTALLED_APPS: its models and routes are not used.",
            f"Add {app!r} to INSTALLED_APPS in settings.py, or move the folder out of apps/.",
        )


@check_database("migrations")
def revisions_are_applied(connection: Connection) -> Iterator[Message]:
    migrations = Migrations(connection)
    try:
        migrations.require_one_head()
        pending = migrations.pending()
    except SeveralHeads as error:
        yield Message.of(error, "migrations.E001")
    except CommandError as error:
        yield Message.of(error, "migrations.E002")
    else:
        if pending:
            yield warning(
                "migrations.W001",
                f"Pending migrations: {', '.join(title(script) for script in pending)}.",
                "Run `manage.py migrate`.",
            )


@check_database("migrations")
def models_equal_the_database(connection: Connection) -> Iterator[Message]:
    migrations = Migrations(connection)
    if set(migrations.current()) != set(migrations.heads()):
        return
    try:
        found = describe(migrations.drift())
    except AppNotFound:
        return
    if found:
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        yield Message(
            Level.ERROR,
            "migrations.E003",
            f"The models and the database differ: {'; '.join(map(str, found[:SHOWN]))}{more}.",
            "Run `manage.py makemigrations`, then `manage.py migrate`.",
        )
