# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Hooks of every engine: typed errors, checks of idle connections, and `on_statement`."""

import logging
import math
import time
from asyncio import CancelledError, Task, create_task, timeout, wait
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

from sqlalchemy import Connection, Dialect, Engine, event, exc
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolProxiedConnection, PoolResetState

from ...settings import settings
from .driver.engine import undo
from .driver.errors import classify
from .errors import (
    CommitSent,
    DatabaseError,
    InvalidValue,
    OutcomeUnknown,
    ReadOnly,
    Unavailable,
    WritesRefused,
)
from .greenlets import call, wait_for

IDLE = 5.0  # seconds after which a pooled connection is tested before it is used

logger = logging.getLogger(__name__)
_lost_at = -math.inf
_refused_at = -math.inf  # seconds since the epoch


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement that has ended.

    Attributes:
        sql: its text, without values.
        started: seconds since the epoch.
        duration: seconds.
        rows: number of rows returned or changed; None if the driver does not report it.
        error: what it raised, or None.
    """

    sql: str
    started: float
    duration: float
    rows: int | None
    error: BaseException | None


_listeners: list[Callable[[Statement], object]] = []


def on_statement(listener: Callable[[Statement], object]) -> Callable[[], None]:
    """Call `listener` after each statement, prepared or not, in the task that ran it.

    An error of the listener is logged, and the statement succeeds. A stream that fails after its
    first answer is reported again, with the error.

    Returns:
        A function that removes the listener.
    """
    _listeners.append(listener)
    return partial(_listeners.remove, listener)


def install(engine: Engine) -> None:
    """Add the hooks to an engine, before its first connection."""
    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", note_time)
    event.listen(engine, "reset", roll_back)
    event.listen(engine, "checkin", note_time)
    event.listen(engine, "handle_error", note_failure)
    event.listen(engine, "handle_error", translate)
    event.listen(engine, "handle_error", report_failure)
    for part in ("begin", "rollback", "rollback_savepoint"):
        event.listen(engine, part, forget_failure)
    event.listen(engine, "commit", note_commit)
    event.listen(engine, "before_cursor_execute", start_clock)
    event.listen(engine, "after_cursor_execute", stop_clock)
    pool = type(engine.pool)
    logging.getLogger(f"{pool.__module__}.{pool.__qualname__}").addFilter(is_news)

    @event.listens_for(engine, "checkout")
    def test_doubtful_connection(
        connection: DBAPIConnection, record: ConnectionPoolEntry, proxy: object
    ) -> None:
        """Ping a connection that was idle for long, or when another one has broken.

        A ping at every checkout (`pool_pre_ping`) would cost each request a round trip. Connections
        that were opened before a server refused to write are replaced: it may be a standby by now.
        SQLAlchemy replaces a connection once, and fails the request if the new one is refused too.
        """
        is_new = record.info.pop("new", False)
        if record.info["opened"] <= _refused_at and not is_new:
            raise exc.InvalidatePoolError
        if is_doubtful(record.info):
            try:
                wait_for(ping(engine.dialect, connection))
            except Exception as error:
                raise exc.InvalidatePoolError from error


async def ping(dialect: Dialect, connection: DBAPIConnection) -> None:
    async with timeout(settings.db_connect_timeout):
        await call(dialect.do_ping, connection)


def connect(
    dialect: Dialect, record: ConnectionPoolEntry, args: list[Any], kwargs: dict[str, Any]
) -> DBAPIConnection:
    """Connect; an error of the socket is `Unavailable`.

    A cancelled request does not interrupt it: an interrupted driver may leave an exception that
    nobody retrieves, which asyncio logs.
    """
    record.info.update(opened=time.time(), new=True)
    connecting = create_task(call(dialect.connect, *args, **kwargs))
    try:
        wait_for(wait({connecting}, timeout=settings.db_connect_timeout + 1))
        if not connecting.done():
            connecting.cancel()
            raise TimeoutError  # the socket is open, but the server does not answer
        return connecting.result()
    except OSError as error:
        raise Unavailable from error
    except CancelledError:
        connecting.add_done_callback(partial(close_unused, dialect))
        raise


def close_unused(dialect: Dialect, connecting: Task[DBAPIConnection]) -> None:
    if not connecting.cancelled() and connecting.exception() is None:
        dialect.do_terminate(connecting.result())


def is_news(record: logging.LogRecord) -> bool:
    """Whether a record of the pool's log is news: neither a cancellation nor an outage."""
    error = record.exc_info[1] if record.exc_info else None
    known = classify(error) if error else None
    dropped = isinstance(error, CancelledError) or isinstance(known, Unavailable)
    return record.levelno >= logging.WARNING and not dropped


def note_time(connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    note_use(record.info)


def note_use(info: dict[Any, Any]) -> None:
    """Note that a connection works, and that no COMMIT of it is open."""
    info["in use until"] = time.monotonic()
    info["committing"] = False


def roll_back(
    connection: DBAPIConnection, record: ConnectionPoolEntry, state: PoolResetState
) -> None:
    """Roll back an open transaction. SQLAlchemy's own reset would send a ROLLBACK each time."""
    if state.asyncio_safe and not state.terminate_only:
        undo(connection, record.driver_connection)


def is_doubtful(info: dict[Any, Any]) -> bool:
    """Whether a connection was idle for long, or another one has failed since its last use."""
    since: float = info["in use until"]
    is_old = info["opened"] <= _refused_at
    return is_old or since < _lost_at or time.monotonic() - since > IDLE


def info_of(connection: Connection | None) -> dict[Any, Any]:
    """Return `connection.info`, or an empty dict: SQLAlchemy's own look at a new server has none."""
    with suppress(NotImplementedError):
        if connection is not None and not (connection.invalidated or connection.closed):
            return connection.info
    return {}


def note_failure(context: ExceptionContext) -> None:
    """Mark the unit of work as failed, unless the statement was never sent."""
    connection = context.connection
    never_sent = isinstance(context.original_exception, exc.MissingGreenlet)
    if connection is not None and connection.in_transaction() and not never_sent:
        info_of(connection)["failed"] = True


def forget_failure(connection: Connection, *savepoint: object) -> None:
    info_of(connection).update(failed=False, committing=False)


def note_commit(connection: Connection) -> None:
    read_only = connection.get_execution_options().get("read_only", False)
    info_of(connection)["committing"] = not read_only


def translate(context: ExceptionContext) -> BaseException | None:
    """Replace the driver's error by one of this package's."""
    error = context.original_exception
    if not isinstance(error, Exception):
        return None  # cancelled
    if isinstance(error, ValueError) and context.execution_context is None:
        return InvalidValue()  # refused by the column's type
    committing = info_of(context.connection).get("committing", False)
    known = known_error(error, lost=context.is_disconnect, committing=committing)
    if isinstance(known, WritesRefused) and context.connection is not None:
        if context.connection.get_execution_options().get("read_only"):
            return ReadOnly()
        note_refusal()
    return None if known is error and context.execution_context else known  # an event's error


def note_refusal() -> None:
    """Have all open connections replaced: a server refused to write."""
    global _refused_at
    _refused_at = time.time()


def known_error(
    error: BaseException, *, lost: bool, committing: bool = False
) -> DatabaseError | None:
    """This package's error for the driver's, or None."""
    global _lost_at
    if lost:  # the other connections of the pool are tested before their next use
        _lost_at = time.monotonic()
    if committing and (lost or isinstance(error, OSError)):  # the COMMIT was not answered
        return OutcomeUnknown()
    if isinstance(error, DatabaseError):
        return error
    return Unavailable() if lost else classify(error)


def error_from_driver(
    error: Exception, sql: str, connection: PoolProxiedConnection, dialect: Dialect
) -> Exception:
    """The error that a session raises in place of the driver's."""
    committing = isinstance(error, CommitSent)
    cause = cast("Exception", error.__cause__) if committing else error
    lost = dialect.is_disconnect(cast("Any", cause), connection.dbapi_connection, None)
    known = known_error(cause, lost=lost, committing=committing)
    if known is not None:
        if isinstance(known, WritesRefused) and not connection.info.get("replica"):
            note_refusal()
        return known
    adapter: Any = connection.dbapi_connection
    base: type[Exception] = cast("Any", dialect).loaded_dbapi.Error
    try:
        adapter._handle_exception(cause)
    except Exception as adapted:
        if isinstance(adapted, base):
            return exc.DBAPIError.instance(sql, None, adapted, base, dialect=dialect)
    return cause


def start_clock(connection: Connection, *statement: object) -> None:
    connection.info["started"] = time.perf_counter()


def stop_clock(connection: Connection, cursor: Any, statement: str, *rest: object) -> None:
    rows = cursor.rowcount if 0 <= cursor.rowcount < 2**63 else None  # unknown: -1, or all bits set
    report(statement, connection.info.pop("started", time.perf_counter()), rows)


def report_failure(context: ExceptionContext) -> None:
    info, execution, sql = info_of(context.connection), context.execution_context, context.statement
    started = info.pop("started", None)
    if info and started is None and execution is not None:  # a stream, which was reported as begun
        sql, started = execution.statement, time.perf_counter()
    if sql is not None and started is not None:
        raised = getattr(context, "chained_exception", None) or context.sqlalchemy_exception
        report(sql, started, error=raised or context.original_exception)


def report(
    sql: str, started: float, rows: int | None = None, error: BaseException | None = None
) -> None:
    """Log a slow statement, and call the listeners of `on_statement`."""
    seconds = time.perf_counter() - started
    if seconds >= settings.db_slow_query:
        logger.warning("slow statement, %.3f s: %.4000s", seconds, sql)
    if _listeners:
        ended = Statement(sql, time.time() - seconds, seconds, rows, error)
        for listener in tuple(_listeners):
            try:
                listener(ended)
            except Exception:
                logger.exception("a listener of on_statement failed")
