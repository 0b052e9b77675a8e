# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What is left of a revision that fails: each of its statements that was done, since DDL commits at once.

They are noted in a table, so that the next run goes on where this one ended, be it killed.
"""

from collections.abc import Generator
from contextlib import contextmanager
from hashlib import sha256
from typing import Any

from alembic.runtime.migration import RevisionStep
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
from sqlalchemy.exc import DBAPIError

from ..db import DatabaseError
from ..db.driver.migrations import AGAIN
from .errors import CommandError, reason
from .migrations import title

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

# What a statement is answered whose effect is there: a table or a column exists already, is gone
# already, or goes by its new name already.
THERE = {1005, 1050, 1051, 1054, 1060, 1061, 1091, 1146, 1176, 1826, 3822, 3940}
NO_OPERATION: tuple[str, tuple[()]] = ("DO 0", ())


class Progress:
    """How far a run of revisions has come.

    Args:
        connection: that they are run on.
    """

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.step = ""
        self.done: list[str] = []
        self.doubtful: str | None = None
        self.number = 0
        self.noting = False

    @contextmanager
    def of(self, step: RevisionStep) -> Generator[None]:
        """Run one revision; statements that an earlier run has done are left out.

        Raises:
            CommandError: it failed.
        """
        self.begin(f"{'up' if step.is_upgrade else 'down'} {step.revision.revision}")
        event.listen(self.connection, "before_cursor_execute", self.before, retval=True)
        event.listen(self.connection, "after_cursor_execute", self.after)
        try:
            yield
        except (DatabaseError, DBAPIError) as error:
            problem = f"revision {title(step.revision)} failed: {reason(error)}"
            raise CommandError(problem, self.fix()) from error
        finally:
            event.remove(self.connection, "before_cursor_execute", self.before)
            event.remove(self.connection, "after_cursor_execute", self.after)

    def finish(self) -> None:
        """All revisions are in: nothing has to be known any more."""
        NOTES.drop(self.connection, checkfirst=True)
        self.connection.commit()

    def begin(self, step: str) -> None:
        """Read what an earlier run has noted of this step."""
        self.step, self.number, self.done, self.doubtful = step, 0, [], None
        NOTES.create(self.connection, checkfirst=True)
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
        """Note a statement before it is run, or leave it out."""
        if self.noting or statement.lstrip().upper().startswith(PASSED):
            return statement, parameters
        self.number += 1
        hashed = sha256(f"{statement} {parameters}".encode()).hexdigest()
        if self.number <= len(self.done):
            if hashed != self.done[self.number - 1]:
                raise CommandError(
                    f"statement {self.number} of {self.step} is not the one that an earlier run has done",
                    "Put the revision's beginning back, or undo by hand what is in the database and "
                    f"drop the table {NOTES.name}.",
                )
            return NO_OPERATION
        if hashed == self.doubtful and is_there(cursor, statement, parameters):
            self.doubtful = None
            self.note(self.mark(done=True), "COMMIT")
            return NO_OPERATION
        self.note(delete(NOTES).where(NOTES.c.number == self.number))
        row = {"step": self.step, "number": self.number, "statement": statement}
        self.note(insert(NOTES).values(**row, hash=hashed, done=False))
        return statement, parameters

    def after(self, connection: Connection, cursor: object, statement: str, *rest: object) -> None:
        """Note that a statement is done; it is in for good from here on."""
        read = statement.lstrip().upper().startswith(PASSED)
        if not self.noting and not read and self.number > len(self.done):
            self.note(self.mark(done=True), "COMMIT")

    def mark(self, *, done: bool) -> Any:
        """The statement that says how far the current one is."""
        here = (NOTES.c.step == self.step) & (NOTES.c.number == self.number)
        return update(NOTES).where(here).values(done=done)

    def note(self, *statements: Any) -> None:
        """Run statements of this class's own."""
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
        """What is in after a failure, and how to go on."""
        self.note("ROLLBACK")
        if not inspect(self.connection).has_table(NOTES.name):
            return "Nothing of it is in the database: correct it, and run `migrate` again."
        self.note(delete(NOTES).where(~NOTES.c.done), "COMMIT")
        rows = self.connection.execute(select(NOTES.c.statement).order_by(NOTES.c.number)).all()
        if not rows:
            return "Nothing of it is in the database: correct it, and run `migrate` again."
        statements = "".join(f"\n  {' '.join(row.statement.split())}" for row in rows)
        return (
            f"These of its statements are in the database, which commits DDL at once:{statements}\n"
            "Correct the rows, or the revision after these statements, and run `migrate` again: it goes "
            f"on behind them. To begin anew, undo them by hand and drop the table {NOTES.name}."
        )


def is_there(cursor: Any, statement: str, parameters: Any) -> bool:
    """Run a statement that may have been done before its process was killed; whether it is done now."""
    try:
        cursor.execute(statement, parameters)
    except Exception as error:
        return bool(error.args) and error.args[0] in THERE
    return True
