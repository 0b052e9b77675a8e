# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""SQLite's errors by name: https://www.sqlite.org/rescode.html"""

import sqlite3

from ..errors import (
    CheckViolated,
    Conflict,
    DatabaseError,
    Duplicate,
    ForeignKeyViolated,
    InvalidValue,
    LockTimeout,
    Required,
    Unavailable,
)

BY_NAME: dict[str, type[DatabaseError]] = {
    "SQLITE_BUSY": LockTimeout,  # after `db_statement_timeout` seconds
    "SQLITE_BUSY_RECOVERY": Conflict,
    "SQLITE_BUSY_SNAPSHOT": Conflict,
    "SQLITE_BUSY_TIMEOUT": LockTimeout,
    "SQLITE_CANTOPEN": Unavailable,
    "SQLITE_CONSTRAINT_CHECK": CheckViolated,
    "SQLITE_CONSTRAINT_DATATYPE": InvalidValue,
    "SQLITE_CONSTRAINT_FOREIGNKEY": ForeignKeyViolated,
    "SQLITE_CONSTRAINT_NOTNULL": Required,
    "SQLITE_CONSTRAINT_PRIMARYKEY": Duplicate,
    "SQLITE_CONSTRAINT_ROWID": Duplicate,
    "SQLITE_CONSTRAINT_UNIQUE": Duplicate,
    "SQLITE_FULL": Unavailable,
    "SQLITE_LOCKED": Conflict,
    "SQLITE_NOTADB": Unavailable,
    "SQLITE_READONLY": Unavailable,
    "SQLITE_READONLY_DBMOVED": Unavailable,
    "SQLITE_TOOBIG": InvalidValue,
}


def classify(error: BaseException) -> DatabaseError | None:
    """This package's error for a driver's, or None for a mistake in the program.

    Args:
        error: the driver's exception.
    """
    if isinstance(error, OverflowError | UnicodeEncodeError):
        return InvalidValue()  # a number beyond 64 bits, or half of a surrogate pair
    if not isinstance(error, sqlite3.Error):
        return None
    name = getattr(error, "sqlite_errorname", "")
    kind = BY_NAME.get(name) or (Unavailable if name.startswith("SQLITE_IOERR") else None)
    return kind(constraint=violated(error)) if kind else None


def violated(error: sqlite3.Error) -> str | None:
    """The constraint or column that the message names after its colon, for display."""
    return str(error).partition("constraint failed: ")[2] or None
