# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Checks are functions, registered under a tag, that yield what they find."""

from collections.abc import Callable, Collection, Iterable
from enum import IntEnum
from typing import NamedTuple, Self

from sqlalchemy import Connection

from ....settings import settings
from ...db import Unavailable
from ...settings import CoreSettings
from ..errors import CommandError, unreachable
from ..migrations import connect


class Level(IntEnum):
    """How bad a finding is."""

    INFO = 20
    WARNING = 30
    ERROR = 40


class Message(NamedTuple):
    """A finding.

    Attributes:
        level: how bad it is.
        id: stays the same for good, and begins with the check's tag.
        text: what is wrong, in a sentence.
        hint: what to do about it, in another.
    """

    level: Level
    id: str
    text: str
    hint: str

    @classmethod
    def of(cls, error: CommandError, id: str) -> Self:
        """The finding that a command would fail for."""
        return cls(Level.ERROR, id, f"{error.problem[0].upper()}{error.problem[1:]}.", error.fix)

    def __str__(self) -> str:
        return f"?: ({self.id}) {self.text}\n\tHINT: {self.hint}"


class Tag(NamedTuple):
    """What a check is registered under; those for deployment are only run when asked for."""

    name: str
    deploy: bool


SettingsCheck = Callable[[CoreSettings], Iterable[Message]]
DatabaseCheck = Callable[[Connection], Iterable[Message]]

settings_checks: dict[SettingsCheck, Tag] = {}
database_checks: dict[DatabaseCheck, Tag] = {}


def check_settings(tag: str, *, deploy: bool = False) -> Callable[[SettingsCheck], SettingsCheck]:
    """Register a check of the settings and the files."""

    def register(check: SettingsCheck) -> SettingsCheck:
        settings_checks[check] = Tag(tag, deploy)
        return check

    return register


def check_database(tag: str, *, deploy: bool = False) -> Callable[[DatabaseCheck], DatabaseCheck]:
    """Register a check that needs the database."""

    def register(check: DatabaseCheck) -> DatabaseCheck:
        database_checks[check] = Tag(tag, deploy)
        return check

    return register


def tags() -> list[str]:
    """The tags that `run_checks` knows, sorted."""
    return sorted({tag.name for tag in (*settings_checks.values(), *database_checks.values())})


async def run_checks(*, deploy: bool = False, only: Collection[str] = ()) -> list[Message]:
    """Run the checks, and return what they found.

    Args:
        deploy: those for deployment, too.
        only: tags; by default all. The database is connected to when one of their checks needs it.
    """

    def wanted(tag: Tag) -> bool:
        return (deploy or not tag.deploy) and (not only or tag.name in only)

    found: list[Message] = []
    for check, tag in settings_checks.items():
        if wanted(tag):
            found.extend(check(settings))

    def run(connection: Connection) -> None:
        for check in chosen:
            found.extend(check(connection))

    chosen = [check for check, tag in database_checks.items() if wanted(tag)]
    if chosen:
        try:
            async with connect() as connection:
                await connection.run_sync(run)
        except Unavailable as error:
            found.append(Message.of(unreachable(error), "database.E001"))
    return found
