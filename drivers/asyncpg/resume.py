# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What a failed migration leaves: nothing to resume, since DDL is part of a transaction here."""

from collections.abc import Generator
from contextlib import contextmanager

from alembic.runtime.migration import RevisionStep
from sqlalchemy import Connection


class Progress:
    """The progress of a run of migrations."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @contextmanager
    def of(self, step: RevisionStep) -> Generator[None]:
        """Run one revision."""
        yield

    def fix(self) -> str:
        """Say how to continue after a revision failed."""
        lost = self.connection.invalidated
        again = "When the server answers," if lost else "Correct it, and"
        return f"It is rolled back; those before it are applied. {again} run `migrate` again."

    def finish(self) -> None:
        """Do nothing, after the last revision."""
