# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What a failed migration leaves: nothing to resume, since DDL is part of a transaction here."""

from collections.abc import Generator
from contextlib import contextmanager
from traceback import extract_tb

from alembic.operations import batch
from alembic.runtime.migration import RevisionStep
from sqlalchemy import Connection

from ..db import DatabaseError


class Progress:
    """The progress of a run of migrations."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection

    @contextmanager
    def of(self, step: RevisionStep) -> Generator[None]:
        """Run one revision; name what a copied table does not have: Alembic raises a bare KeyError."""
        try:
            yield
        except (KeyError, ValueError) as error:
            if extract_tb(error.__traceback__)[-1].filename != batch.__file__:
                raise
            reason = f"no such column: {error}" if isinstance(error, KeyError) else str(error)
            raise DatabaseError(reason) from None

    def fix(self) -> str:
        """Say how to continue after a revision failed."""
        return "The run is rolled back. Correct the revision, and run `migrate` again."

    def finish(self) -> None:
        """Do nothing, after the last revision."""
