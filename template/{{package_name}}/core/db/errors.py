# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What can go wrong in a database, told apart by what a caller can do about it.

The engine raises these in place of SQLAlchemy's own wherever a statement runs (see `engine.py`),
so nothing needs to be caught and translated by hand. The original error is the `__cause__`.
"""


class UnitFailed(RuntimeError):
    """A unit of work went on after an error, without what it had written: a mistake in the program."""

    def __init__(self) -> None:
        super().__init__(
            "a statement of this unit of work failed, and the unit with it: let the error go on, "
            "or do what may fail in `async with savepoint(session)`"
        )


class DatabaseError(Exception):
    """The database, or its driver, refused.

    Attributes:
        detail: one sentence that may be shown to a client; it never holds SQL or values.
        constraint: the violated constraint's name, where the database tells it.
    """

    detail = "The database refused the request."

    def __init__(self, detail: str | None = None, *, constraint: str | None = None) -> None:
        if detail is not None:
            self.detail = detail
        self.constraint = constraint
        super().__init__(f"{self.detail} [{constraint}]" if constraint else self.detail)


class NotFound(DatabaseError):
    """There is no such row."""

    detail = "There is no such row."


class Duplicate(DatabaseError):
    """A unique constraint or primary key has this value already."""

    detail = "A row with the same unique value exists already."


class ForeignKeyViolated(DatabaseError):
    """A referenced row does not exist, or a row is still referred to."""

    detail = "A referenced row does not exist, or this row is still referred to."


class Required(DatabaseError):
    """A NOT NULL column got no value."""

    detail = "A required value is missing."


class InvalidValue(DatabaseError):
    """A value that its column cannot hold: too long, too large, or malformed."""

    detail = "A value is too long, too large or malformed for its column."


class CheckViolated(InvalidValue):
    """A CHECK constraint is not met."""

    detail = "A value is outside of what its column allows."


class InvalidCursor(InvalidValue):
    """A cursor that this list did not give out."""

    detail = "The cursor is not one of this list's: take `next_cursor` as it was given."


class StaleData(DatabaseError):
    """The row was changed or deleted since it was read."""

    detail = "The row was changed or deleted since it was read: read it again."


class Conflict(DatabaseError):
    """A deadlock or a serialization failure: the whole unit of work may be tried again."""

    detail = "Another transaction was in the way: try again."


class LockTimeout(DatabaseError):
    """A lock was not to be had in time, or not at once with `nowait`."""

    detail = "The row is locked by another transaction: try again."


class Unavailable(DatabaseError):
    """The database cannot be reached, the connection was lost, or none was free in time."""

    detail = "The database is not available: try again."
