# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Errors of the data layer, one class for each thing that a caller can do about them.

The engine raises them in place of SQLAlchemy's own, whose error is the `__cause__` (see
`events.py`). A `RuntimeError` is a mistake in the program.
"""


class ReadOnly(RuntimeError):
    """A read-only unit of work was asked to write."""

    def __init__(self) -> None:
        super().__init__(
            "this unit of work is read-only, as in a GET: write in a POST, PUT, PATCH or DELETE, "
            "or in `async with transaction()`"
        )


class UnitFailed(RuntimeError):
    """A unit of work was to be committed after one of its statements had failed."""

    def __init__(self) -> None:
        super().__init__(
            "a statement of this unit of work failed, so it cannot be committed: do not catch the "
            "error, or run what may fail in `async with savepoint(session)`"
        )


class OtherTask(RuntimeError):
    """A task used the unit of work that another task has open."""

    def __init__(self) -> None:
        super().__init__(
            "another task has this unit of work open: open a `transaction()` in this task, or pass "
            "it the session; for a time limit use `asyncio.timeout`, not `wait_for`"
        )


class NestedWrite(RuntimeError):
    """A task began a second transaction that writes, on a database that allows one at a time."""

    def __init__(self) -> None:
        super().__init__(
            "this task has a transaction open that writes, and the database allows one at a time: "
            "use its session, with `savepoint(session)` for a part that may fail"
        )


class CommitSent(Exception):
    """A statement failed after its COMMIT was sent; the driver's error is the cause."""


class DatabaseError(Exception):
    """The database, or its driver, refused a request.

    Attributes:
        detail: one sentence that may be shown to a client, without SQL or values.
        constraint: name of the violated constraint, if the database reports it.
    """

    detail = "The database refused the request."

    def __init__(self, detail: str | None = None, *, constraint: str | None = None) -> None:
        if detail is not None:
            self.detail = detail
        self.constraint = constraint
        super().__init__(f"{self.detail} [{constraint}]" if constraint else self.detail)


class NotFound(DatabaseError):
    detail = "No such row."


class Duplicate(DatabaseError):
    detail = "A row with the same unique value already exists."


class ForeignKeyViolated(DatabaseError):
    detail = "A referenced row does not exist, or this row is still referenced."


class Required(DatabaseError):
    detail = "A required value is missing."


class InvalidValue(DatabaseError):
    detail = "A value is too long, too large or malformed for its column."


class CheckViolated(InvalidValue):
    detail = "A value is outside the range that its column allows."


class InvalidCursor(InvalidValue):
    detail = "The cursor does not belong to this list: pass `next_cursor` unchanged."


class StaleData(DatabaseError):
    detail = "The row was changed or deleted since it was read: read it again."


class Conflict(DatabaseError):
    """A deadlock or serialization failure: the whole unit of work may be retried."""

    detail = "Another transaction interfered: try again."


class LockTimeout(DatabaseError):
    """A lock was not available in time, or not at once with `nowait`."""

    detail = "The row is locked by another transaction: try again."


class Unavailable(DatabaseError):
    """The database cannot be reached, the connection was lost, or none was free in time.

    Nothing of the unit of work was written, unless it is `OutcomeUnknown`.
    """

    detail = "The database is not available: try again."


class WritesRefused(Unavailable):
    """The server accepts no writes, as a standby does. Its connections are replaced."""

    detail = "The database does not accept writes: try again."


class OutcomeUnknown(Unavailable):
    """The connection was lost after COMMIT was sent: the changes may or may not be saved."""

    detail = (
        "The connection was lost during the commit: the changes may or may not be saved. "
        "Check before you try again."
    )
