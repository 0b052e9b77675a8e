# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Checks that the installed apps' models can be mapped, and their prepared statements compiled."""

import sys
from collections.abc import Iterator

from sqlalchemy import ClauseElement
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import configure_mappers

from ...apps import PACKAGE, AppNotFound, import_models, import_part
from ...db import get_engine
from ...db.compiled import Query
from ...settings import CoreSettings
from .registry import Level, Message, check_settings


@check_settings("apps")
def apps_can_be_used(settings: CoreSettings) -> Iterator[Message]:
    try:
        import_models(settings)
        configure_mappers()
        for app in settings.INSTALLED_APPS:
            import_part(app, "queries")
            import_part(app, "routes")
    except AppNotFound:
        return  # reported by another check
    except (SQLAlchemyError, TypeError, ValueError) as error:
        yield Message(
            Level.ERROR,
            "apps.E003",
            f"The installed apps cannot be used: {error}",
            "Correct the model or the statement that the message names.",
        )
        return
    for name, statement in statements():
        try:
            statement.compile(dialect=get_engine().dialect)
        except SQLAlchemyError as error:
            yield Message(
                Level.ERROR,
                "apps.E004",
                f"The prepared statement {name} cannot be compiled: {error}",
                "Correct the statement.",
            )


def statements() -> Iterator[tuple[str, ClauseElement]]:
    """Yield the statements that the apps' modules have prepared, with their places."""
    for module in [name for name in sys.modules if name.startswith(f"{PACKAGE}.apps.")]:
        for name, value in vars(sys.modules[module]).items():
            for statement in prepared_in(value):
                yield f"{module.removeprefix(PACKAGE + '.')}.{name}", statement


def prepared_in(value: object) -> Iterator[ClauseElement]:
    """Yield the statements within an object of `core.db`, such as a `Listing`."""
    if isinstance(value, Query):
        yield value.statement
    elif type(value).__module__.startswith(f"{PACKAGE}.core.db."):
        for part in getattr(value, "__dict__", {}).values():
            if isinstance(part, ClauseElement):
                yield part
            else:
                yield from prepared_in(part)
