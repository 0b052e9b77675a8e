# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Turns errors into the one or two lines that a command prints."""

import re

import click
from pydantic import ValidationError
from pydantic_settings import SettingsError
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from ..settings import CoreSettings
from .discovery import Unusable

SECRET = re.compile("SECRET|PASSW|TOKEN|KEY|CREDENTIAL|URL|DSN")  # a URL may contain a password


class CommandError(click.ClickException):
    """A command cannot do its work: exit code 1.

    Args:
        problem: what happened, with the value and the rule: a sentence without its full stop.
        fix: what to do about it: a sentence.
    """

    def __init__(self, problem: str, fix: str) -> None:
        super().__init__(f"{problem}. {fix}")
        self.problem = problem
        self.fix = fix


def explain(error: Exception) -> click.ClickException | None:
    """Describe an error in a line or two; None for a bug, which needs its traceback."""
    if isinstance(error, ValidationError):
        return explain_settings(error)
    if isinstance(error, SettingsError):
        return Unusable(str(error))

    # These modules create the settings, which are valid at this point.
    from ..apps import AppNotFound
    from ..db import DatabaseError, Unavailable

    if isinstance(error, AppNotFound):
        return click.ClickException(str(error))
    if isinstance(error, Unavailable):
        return unreachable(error)
    if isinstance(error, DatabaseError | DBAPIError):
        return click.ClickException(f"the database reported an error: {reason(error)}")

    from alembic.util import CommandError as AlembicError

    return click.ClickException(str(error)) if isinstance(error, AlembicError) else None


def explain_settings(error: ValidationError) -> Unusable | None:
    """Describe invalid settings, one line a variable; None for an error about something else."""
    if error.title not in {settings.__name__ for settings in CoreSettings.__subclasses__()}:
        return None
    lines = ["invalid settings:"]
    for detail in error.errors():
        if detail["type"] == "default_factory_not_called":
            continue  # follows from another variable's error
        name = "_".join(str(part) for part in detail["loc"]).upper()
        rule = detail["msg"].removeprefix("Value error, ")
        lines.append(f"  {name}{shown(name, detail['input'])}: {rule}")
    lines.append("Correct them in the environment or in .env; .env.example describes each.")
    return Unusable("\n".join(lines))


def shown(name: str, value: object) -> str:
    """A variable's value for an error message, without secrets."""
    hidden = not isinstance(value, str) or SECRET.search(name) or "://" in value
    return "" if hidden else f"={value}"


def unreachable(error: Exception, url: str | None = None) -> CommandError:
    """The error for a database that cannot be reached, by default that of DATABASE_URL."""
    from ...settings import settings

    address = make_url(url or settings.database_url).render_as_string()
    return CommandError(
        f"the database {address} cannot be reached: {reason(error)}",
        f"Start or create it, or set {'TEST_' if url else ''}DATABASE_URL in the environment or in .env.",
    )


def reason(error: BaseException) -> str:
    """The driver's message, in one line."""
    while error.__cause__ is not None and error.__cause__ is not error:
        error = error.__cause__
    words = str(error.args[-1]) if error.args else type(error).__name__
    return words.strip().partition("\n")[0].rstrip(".")
