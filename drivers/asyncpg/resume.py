# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Reports a failed migration. Nothing has to be resumed: DDL is part of a transaction here."""

from collections.abc import Generator
from contextlib import contextmanager

from alembic.runtime.migration import RevisionStep
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ..db import DatabaseError
from .errors import CommandError, reason
from .migrations import title

ROLLED_BACK = "It is rolled back; those before it are applied. Correct it, and run `migrate` again."


class Progress:
    """The progress of a run of migrations.

    Args:
        connection: that the migrations run on.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @contextmanager
    def of(self, step: RevisionStep) -> Generator[None]:
        """Run one revision.

        Raises:
            CommandError: the revision failed.
        """
        try:
            yield
        except (DatabaseError, DBAPIError) as error:
            problem = f"revision {title(step.revision)} failed: {reason(error)}"
            raise CommandError(problem, ROLLED_BACK) from error

    def finish(self) -> None:
        """Do nothing, after the last revision."""
