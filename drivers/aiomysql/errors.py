# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""MySQL's and MariaDB's errors by number.

https://dev.mysql.com/doc/mysql-errors/en/server-error-reference.html and
https://mariadb.com/docs/server/reference/error-codes
"""

import re

from .. import errors

NAME = re.compile(r"CONSTRAINT [`']([^`']+)[`']|for key '(?:[^'.]+\.)?([^']+)'", re.IGNORECASE)

OPTION_PREVENTS = 1290

BY_NUMBER: dict[int, type[errors.DatabaseError]] = {
    1020: errors.Conflict,  # record changed since last read
    1021: errors.Unavailable,  # disk full
    1030: errors.Unavailable,  # an error of the disk
    1037: errors.Unavailable,  # out of memory
    1038: errors.Unavailable,
    1040: errors.Unavailable,  # too many connections
    1041: errors.Unavailable,  # out of memory
    1044: errors.Unavailable,  # access denied
    1045: errors.Unavailable,
    1047: errors.WritesRefused,  # a node of Galera that is not in the cluster
    1048: errors.Required,
    1049: errors.Unavailable,  # no such database
    1053: errors.Unavailable,  # shutting down
    1062: errors.Duplicate,
    1114: errors.Unavailable,  # table full
    1205: errors.LockTimeout,
    1213: errors.Conflict,
    1264: errors.InvalidValue,  # out of range
    OPTION_PREVENTS: errors.WritesRefused,  # read_only
    1292: errors.InvalidValue,
    1364: errors.Required,
    1366: errors.InvalidValue,
    1406: errors.InvalidValue,  # too long
    1451: errors.ForeignKeyViolated,
    1452: errors.ForeignKeyViolated,
    1586: errors.Duplicate,
    1792: errors.WritesRefused,  # transaction_read_only
    1836: errors.WritesRefused,  # read_only
    1927: errors.Unavailable,  # connection killed
    1969: errors.LockTimeout,  # max_statement_time
    2002: errors.Unavailable,
    2003: errors.Unavailable,
    2006: errors.Unavailable,
    2013: errors.Unavailable,
    2014: errors.Unavailable,
    2055: errors.Unavailable,
    3024: errors.LockTimeout,  # max_execution_time
    3140: errors.InvalidValue,  # invalid JSON text
    3157: errors.InvalidValue,  # JSON nested too deep
    3572: errors.LockTimeout,  # NOWAIT
    3819: errors.CheckViolated,  # MySQL
    4025: errors.CheckViolated,  # MariaDB
    4031: errors.Unavailable,  # disconnected for inactivity
}


def classify(error: BaseException) -> errors.DatabaseError | None:
    """This package's error for a driver's, or None for a mistake in the program."""
    if isinstance(error, OSError | TimeoutError):
        return errors.Unavailable()
    if isinstance(error, UnicodeEncodeError):
        return errors.InvalidValue()  # half of a surrogate pair
    if not type(error).__module__.startswith("pymysql") or not error.args:
        return None
    kind = BY_NUMBER.get(error.args[0])
    if error.args[0] == OPTION_PREVENTS and "read" not in str(error.args[-1]):
        return None  # another option than read_only
    return kind(constraint=violated(str(error.args[-1]))) if kind else None


def violated(message: str) -> str | None:
    """The constraint that the message names, for display."""
    named = NAME.search(message)
    return next(filter(None, named.groups()), None) if named else None
