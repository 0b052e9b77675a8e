# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""PostgreSQL's errors by SQLSTATE: https://www.postgresql.org/docs/current/errcodes-appendix.html"""

from sqlalchemy.exc import EmulatedDBAPIException

from .. import errors

BY_STATE: dict[str, type[errors.DatabaseError]] = {
    "23502": errors.Required,
    "23503": errors.ForeignKeyViolated,
    "23505": errors.Duplicate,
    "23514": errors.CheckViolated,
    "23P01": errors.Duplicate,  # an exclusion constraint
    "25006": errors.WritesRefused,  # a standby
    "3D000": errors.Unavailable,  # no such database
    "40001": errors.Conflict,
    "40P01": errors.Conflict,
    "55P03": errors.LockTimeout,
    "57014": errors.LockTimeout,  # statement_timeout
}
BY_CLASS: dict[str, type[errors.DatabaseError]] = {
    "08": errors.Unavailable,
    "22": errors.InvalidValue,
    "28": errors.Unavailable,  # wrong password
    "53": errors.Unavailable,  # a full disk, no memory, too many connections
    "54": errors.InvalidValue,  # too large for an index, or too deeply nested
    "57": errors.Unavailable,  # starting up or shutting down
    "58": errors.Unavailable,  # an error of the disk
}


def classify(error: BaseException) -> errors.DatabaseError | None:
    """This package's error for a driver's, or None for a mistake in the program."""
    cause = error.driver_exception if isinstance(error, EmulatedDBAPIException) else error
    name = type(cause).__name__
    if name == "TargetServerAttributeNotMatched":
        return errors.WritesRefused()
    if name == "InvalidCachedStatementError":
        return errors.Conflict()  # a table changed: the next attempt prepares the statement again
    state: str | None = getattr(cause, "sqlstate", None)
    if state == "XX000" and "cache lookup failed" in str(cause):  # a text that is not translated
        return errors.Conflict()  # a type was dropped and created again: the same
    if state is not None:
        kind = BY_STATE.get(state) or BY_CLASS.get(state[:2])
        return kind(constraint=getattr(cause, "constraint_name", None)) if kind else None
    if isinstance(cause, ValueError | OverflowError):
        return errors.InvalidValue()  # asyncpg could not encode an argument
    return errors.Unavailable() if isinstance(cause, OSError) else None
