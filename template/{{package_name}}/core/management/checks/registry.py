# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Registers and runs checks: functions that yield messages, each under a tag."""

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
    """How serious a message is."""

    INFO = 20
    WARNING = 30
    ERROR = 40


class Message(NamedTuple):
    """What a check found.

    Attributes:
        level: how serious it is.
        id: never changes, and begins with the check's tag.
        text: what is wrong, in one sentence.
        hint: what to do about it, in one sentence.
    """

    level: Level
    id: str
    text: str
    hint: str

    @classmethod
    def of(cls, error: CommandError, id: str) -> Self:
        """The message for an error that would stop a command."""
        problem = f"{error.problem[0].upper()}{error.problem[1:]}."
        return cls(Level.ERROR, id, problem, error.fix)

    def __str__(self) -> str:
        return f"?: ({self.id}) {self.text}\n\tHINT: {self.hint}"


def warning(id: str, text: str, hint: str) -> Message:
    """A message of the level WARNING."""
    return Message(Level.WARNING, id, text, hint)


class Tag(NamedTuple):
    """A check's tag, and whether only `--deploy` runs the check."""

    name: str
    deploy: bool


SettingsCheck = Callable[[CoreSettings], Iterable[Message]]
DatabaseCheck = Callable[[Connection], Iterable[Message]]

settings_checks: dict[SettingsCheck, Tag] = {}
database_checks: dict[DatabaseCheck, Tag] = {}


def check_settings(tag: str, *, deploy: bool = False) -> Callable[[SettingsCheck], SettingsCheck]:
    """Register a check of settings and files."""

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
    """All tags, sorted."""
    return sorted({tag.name for tag in (*settings_checks.values(), *database_checks.values())})


async def run_checks(*, deploy: bool = False, only: Collection[str] = ()) -> list[Message]:
    """Run the checks, by default of all tags. They connect to the database only if they need it."""

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
