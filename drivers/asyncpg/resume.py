# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What is left of a revision that fails: nothing, since it is a transaction."""

from collections.abc import Generator
from contextlib import contextmanager

from alembic.runtime.migration import RevisionStep
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

from ..db import DatabaseError
from .errors import CommandError, reason
from .migrations import title

ROLLED_BACK = (
    "This revision is rolled back, those before it are in: correct it, and run `migrate` again."
)


class Progress:
    """How far a run of revisions has come.

    Args:
        connection: that they are run on.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @contextmanager
    def of(self, step: RevisionStep) -> Generator[None]:
        """Run one revision.

        Raises:
            CommandError: it failed.
        """
        try:
            yield
        except (DatabaseError, DBAPIError) as error:
            problem = f"revision {title(step.revision)} failed: {reason(error)}"
            raise CommandError(problem, ROLLED_BACK) from error

    def finish(self) -> None:
        """All revisions are in."""
