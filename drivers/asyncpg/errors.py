# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""PostgreSQL's errors by SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html"""

from sqlalchemy.exc import EmulatedDBAPIException

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

BY_STATE: dict[str, type[DatabaseError]] = {
    "23502": Required,
    "23503": ForeignKeyViolated,
    "23505": Duplicate,
    "23514": CheckViolated,
    "23P01": Duplicate,  # an exclusion constraint
    "40001": Conflict,
    "40P01": Conflict,
    "55P03": LockTimeout,
    "57014": LockTimeout,  # statement_timeout
    "57P01": Unavailable,  # shutting down
    "57P02": Unavailable,
    "57P03": Unavailable,  # starting up
    "53300": Unavailable,  # too many connections
    "3D000": Unavailable,  # no such database
}
BY_CLASS: dict[str, type[DatabaseError]] = {
    "08": Unavailable,
    "22": InvalidValue,
    "28": Unavailable,  # wrong password
}


def classify(error: BaseException) -> DatabaseError | None:
    """This package's error for a driver's, or None for a mistake in the program.

    Args:
        error: the driver's exception, or SQLAlchemy's adaptation, whose cause it is.
    """
    cause = error.driver_exception if isinstance(error, EmulatedDBAPIException) else error
    if type(cause).__name__ == "InvalidCachedStatementError":
        return Conflict()  # a table changed: the next attempt prepares the statement again
    state: str | None = getattr(cause, "sqlstate", None)
    if state == "XX000" and "cache lookup failed" in str(cause):  # a text that is not translated
        return Conflict()  # a type was dropped and created again: the same
    if state is not None:
        kind = BY_STATE.get(state) or BY_CLASS.get(state[:2])
        return kind(constraint=getattr(cause, "constraint_name", None)) if kind else None
    if isinstance(cause, ValueError | OverflowError):
        return InvalidValue()  # asyncpg could not encode an argument
    return Unavailable() if isinstance(cause, OSError) else None
