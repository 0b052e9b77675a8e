# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Resumes a failed or killed migration after its last completed statement.

DDL commits at once here, so a failed revision is not rolled back. A table records each completed
statement, and the next run skips them.
"""

from collections.abc import Generator
from contextlib import contextmanager, suppress
from hashlib import sha256
from typing import Any

from alembic.runtime.migration import MigrationContext, RevisionStep
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    delete,
    event,
    insert,
    inspect,
    select,
    update,
)

from ..db import Unavailable
from ..db.driver.migrations import AGAIN
from .errors import CommandError

NOTES = Table(
    "migration_progress",
    MetaData(),
    Column("step", String(80), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("statement", Text, nullable=False),
    Column("hash", String(64), nullable=False),
    Column("done", Boolean, nullable=False),
)
PASSED = ("SELECT", "SHOW", "SET", "DESCRIBE", "DO", "EXPLAIN", AGAIN.upper())

# Errors of a statement whose effect exists: the table, column or trigger already exists, is already
# dropped, or already has its new name.
ALREADY_DONE = {
    *(1005, 1050, 1051, 1054, 1060, 1061, 1068, 1091, 1146, 1176, 1304, 1305, 1359, 1360),
    *(1537, 1539, 1826, 3821, 3822, 3940, 4092),
}
LOST = "Run `migrate` again when the server answers: it resumes after the last completed statement."
NO_OPERATION: tuple[str, tuple[()]] = ("DO 0", ())


class Progress:
    """The progress of a run of migrations."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.step = ""
        self.done: list[str] = []
        self.doubtful: str | None = None
        self.number = 0
        self.noting = False

    @contextmanager
    def of(self, step: RevisionStep) -> Generator[None]:
        """Run one revision, without the statements that an earlier run completed."""
        self.begin(f"{'up' if step.is_upgrade else 'down'} {step.revision.revision}")
        event.listen(self.connection, "before_cursor_execute", self.before, retval=True)
        event.listen(self.connection, "after_cursor_execute", self.after)
        try:
            yield
        finally:
            event.remove(self.connection, "before_cursor_execute", self.before)
            event.remove(self.connection, "after_cursor_execute", self.after)

    def finish(self) -> None:
        """Drop the record, after the last revision."""
        NOTES.drop(self.connection, checkfirst=True)
        self.connection.commit()

    def begin(self, step: str) -> None:
        """Read the statements of this step that an earlier run recorded."""
        self.step, self.number, self.done, self.doubtful = step, 0, [], None
        NOTES.create(self.connection, checkfirst=True)
        heads = MigrationContext.configure(self.connection).get_current_heads()
        for other in self.connection.execute(select(NOTES.c.step).distinct()).scalars():
            direction, _, revision = other.partition(" ")
            if other == step or (revision in heads) == (direction == "up"):
                continue  # this step, or one that was completed
            raise CommandError(
                f"{other} was interrupted, and the database has a part of it",
                "Complete it first: run `migrate` in the same direction. Or undo its completed statements by "
                f"hand, and drop the table {NOTES.name}, which lists them.",
            )
        self.connection.execute(delete(NOTES).where(NOTES.c.step != step))
        rows = self.connection.execute(
            select(NOTES).where(NOTES.c.step == step).order_by(NOTES.c.number)
        )
        for row in rows:
            if row.done:
                self.done.append(row.hash)
            else:
                self.doubtful = row.hash
        self.note("COMMIT")

    def before(
        self, connection: Connection, cursor: Any, statement: str, parameters: Any, *rest: object
    ) -> tuple[str, Any]:
        """Record a statement before it runs, or skip it."""
        if self.noting or statement.lstrip().upper().startswith(PASSED):
            return statement, parameters
        self.number += 1
        hashed = sha256(f"{statement} {parameters}".encode()).hexdigest()
        if self.number <= len(self.done):
            if hashed != self.done[self.number - 1]:
                raise CommandError(
                    f"statement {self.number} of {self.step} differs from the one that an earlier run completed",
                    "Restore the revision's completed statements; or undo them in the database by hand, "
                    f"and drop the table {NOTES.name}.",
                )
            return NO_OPERATION
        if hashed == self.doubtful and is_done(cursor, statement, parameters):
            self.doubtful = None
            self.note(self.mark(done=True), "COMMIT")
            return NO_OPERATION
        self.note(delete(NOTES).where(NOTES.c.number == self.number))
        row = {"step": self.step, "number": self.number, "statement": statement}
        self.note(insert(NOTES).values(**row, hash=hashed, done=False))
        return statement, parameters

    def after(self, connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        """Record that a statement is completed, and commit."""
        read = statement.lstrip().upper().startswith(PASSED)
        if not self.noting and not read and self.number > len(self.done):
            self.note(self.mark(done=True), "COMMIT")

    def mark(self, *, done: bool) -> Any:
        """The SQL that records the state of the current statement."""
        row = (NOTES.c.step == self.step) & (NOTES.c.number == self.number)
        return update(NOTES).where(row).values(done=done)

    def note(self, *statements: Any) -> None:
        """Run statements that are not part of the revision."""
        self.noting = True
        try:
            for statement in statements:
                if isinstance(statement, str):
                    self.connection.exec_driver_sql(statement)
                else:
                    self.connection.execute(statement)
        finally:
            self.noting = False

    def fix(self) -> str:
        """Say what a failed revision left in the database, and how to continue."""
        if not self.connection.invalidated:
            with suppress(Unavailable):  # the server has closed the connection
                self.note("ROLLBACK")
        if self.connection.invalidated:
            return LOST
        if not inspect(self.connection).has_table(NOTES.name):
            return "The database has none of its statements. Correct the revision, and run `migrate` again."
        self.note(delete(NOTES).where(~NOTES.c.done), "COMMIT")
        rows = self.connection.execute(select(NOTES.c.statement).order_by(NOTES.c.number)).all()
        if not rows:
            return "The database has none of its statements. Correct the revision, and run `migrate` again."
        statements = "".join(f"\n  {' '.join(row.statement.split())}" for row in rows)
        return (
            f"These statements are completed, because DDL commits at once:{statements}\n"
            "Correct the rows, or the rest of the revision, and run `migrate` again: it resumes after the "
            f"last completed statement. To start over, undo them by hand and drop the table {NOTES.name}."
        )


def is_done(cursor: Any, statement: str, parameters: Any) -> bool:
    """Run a statement that a killed process may have completed; return whether it is completed now."""
    try:
        cursor.execute(statement, parameters)
    except Exception as error:
        return bool(error.args) and error.args[0] in ALREADY_DONE
    return True
