# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""SQLite's errors by name: https://www.sqlite.org/rescode.html"""

import sqlite3

from .. import errors

# A longer name that is not listed means what its first two words mean.
BY_NAME: dict[str, type[errors.DatabaseError]] = {
    "SQLITE_BUSY": errors.LockTimeout,  # after `db_statement_timeout` seconds
    "SQLITE_BUSY_RECOVERY": errors.Conflict,
    "SQLITE_BUSY_SNAPSHOT": errors.Conflict,
    "SQLITE_BUSY_TIMEOUT": errors.LockTimeout,
    "SQLITE_CANTOPEN": errors.Unavailable,
    "SQLITE_CONSTRAINT_CHECK": errors.CheckViolated,
    "SQLITE_CONSTRAINT_DATATYPE": errors.InvalidValue,
    "SQLITE_CONSTRAINT_FOREIGNKEY": errors.ForeignKeyViolated,
    "SQLITE_CONSTRAINT_NOTNULL": errors.Required,
    "SQLITE_CONSTRAINT_PRIMARYKEY": errors.Duplicate,
    "SQLITE_CONSTRAINT_ROWID": errors.Duplicate,
    "SQLITE_CONSTRAINT_UNIQUE": errors.Duplicate,
    "SQLITE_FULL": errors.Unavailable,
    "SQLITE_IOERR": errors.Unavailable,
    "SQLITE_LOCKED": errors.Conflict,
    "SQLITE_NOTADB": errors.Unavailable,
    "SQLITE_READONLY": errors.WritesRefused,
    "SQLITE_TOOBIG": errors.InvalidValue,
}


def classify(error: BaseException) -> errors.DatabaseError | None:
    """This package's error for a driver's, or None for a mistake in the program."""
    if isinstance(error, OverflowError | UnicodeEncodeError):
        return errors.InvalidValue()  # a number beyond 64 bits, or half of a surrogate pair
    if not isinstance(error, sqlite3.Error):
        return None
    name = getattr(error, "sqlite_errorname", "")
    kind = BY_NAME.get(name) or BY_NAME.get("_".join(name.split("_")[:2]))
    violated = str(error).partition("constraint failed: ")[2] or None  # a constraint or a column
    return kind(constraint=violated) if kind else None
