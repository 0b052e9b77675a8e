# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""MySQL's and MariaDB's errors by number.

https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html and
https://mariadb.com/docs/server/reference/error-codes
"""

import re

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

NAME = re.compile(r"CONSTRAINT [`']([^`']+)[`']|for key '(?:[^'.]+\.)?([^']+)'", re.IGNORECASE)

BY_NUMBER: dict[int, type[DatabaseError]] = {
    1020: Conflict,  # record changed since last read
    1040: Unavailable,  # too many connections
    1044: Unavailable,  # access denied
    1045: Unavailable,
    1048: Required,
    1049: Unavailable,  # no such database
    1053: Unavailable,  # shutting down
    1062: Duplicate,
    1205: LockTimeout,
    1213: Conflict,
    1264: InvalidValue,  # out of range
    1292: InvalidValue,
    1364: Required,
    1366: InvalidValue,
    1406: InvalidValue,  # too long
    1451: ForeignKeyViolated,
    1452: ForeignKeyViolated,
    1586: Duplicate,
    1927: Unavailable,  # connection killed
    1969: LockTimeout,  # max_statement_time
    2002: Unavailable,
    2003: Unavailable,
    2006: Unavailable,
    2013: Unavailable,
    2014: Unavailable,
    2055: Unavailable,
    3024: LockTimeout,  # max_execution_time
    3140: InvalidValue,  # invalid JSON text
    3157: InvalidValue,  # JSON nested too deep
    3572: LockTimeout,  # NOWAIT
    3819: CheckViolated,  # MySQL
    4025: CheckViolated,  # MariaDB
    4031: Unavailable,  # disconnected for inactivity
}


def classify(error: BaseException) -> DatabaseError | None:
    """This package's error for a driver's, or None for a mistake in the program.

    Args:
        error: the driver's exception.
    """
    if isinstance(error, OSError | TimeoutError):
        return Unavailable()
    if isinstance(error, UnicodeEncodeError):
        return InvalidValue()  # half of a surrogate pair
    if not type(error).__module__.startswith("pymysql") or not error.args:
        return None
    kind = BY_NUMBER.get(error.args[0])
    return kind(constraint=violated(str(error.args[-1]))) if kind else None


def violated(message: str) -> str | None:
    """The constraint that the message names, for display."""
    named = NAME.search(message)
    return next(filter(None, named.groups()), None) if named else None
