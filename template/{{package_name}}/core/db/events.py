# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What every engine does besides: errors of our own, a look at idle connections, slow statements."""

import logging
import math
import time
from asyncio import CancelledError, Task, create_task, wait, wait_for
from functools import partial
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event, exc
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry, PoolResetState
from sqlalchemy.util import await_only, greenlet_spawn

from ...settings import settings
from .driver.engine import undo
from .driver.errors import classify
from .errors import DatabaseError, InvalidValue, Unavailable, UnitFailed

IDLE = 5.0  # seconds after which a pooled connection is tried before it is used

logger = logging.getLogger(__name__)
_lost_at = -math.inf


def install(engine: Engine) -> None:
    """Put the hooks on an engine, before its first connection."""
    event.listen(engine, "do_connect", connect)
    event.listen(engine, "connect", note_time)
    event.listen(engine, "reset", roll_back)
    event.listen(engine, "checkin", note_time)
    event.listen(engine, "handle_error", note_failure)
    event.listen(engine, "handle_error", translate)
    for part in ("begin", "rollback", "rollback_savepoint"):
        event.listen(engine, part, forget_failure)
    event.listen(engine, "before_cursor_execute", start_clock)
    event.listen(engine, "after_cursor_execute", stop_clock)
    pool = type(engine.pool)
    logging.getLogger(f"{pool.__module__}.{pool.__qualname__}").addFilter(is_news)

    @event.listens_for(engine, "checkout")
    def try_doubtful_connection(
        connection: DBAPIConnection, record: ConnectionPoolEntry, proxy: object
    ) -> None:
        """Ask a connection that sat idle, or saw another one break, whether it works.

        A question at every checkout (`pool_pre_ping`) would cost each request a round trip; a
        connection that worked a moment ago most likely still does.
        """
        if is_doubtful(record.info):
            try:
                answer = greenlet_spawn(engine.dialect.do_ping, connection)
                await_only(wait_for(answer, settings.db_connect_timeout))
            except Exception as error:
                raise exc.InvalidatePoolError from error


def connect(
    dialect: Dialect, record: ConnectionPoolEntry, args: list[Any], kwargs: dict[str, Any]
) -> DBAPIConnection:
    """Connect, with a socket's errors told as the database being away.

    It is done to the end even for a request that is cancelled meanwhile: a driver that is
    interrupted here may leave an error that nobody retrieves, and asyncio logs that.
    """
    record.info["opened"] = time.time()
    connecting = create_task(greenlet_spawn(dialect.connect, *args, **kwargs))
    try:
        await_only(wait({connecting}, timeout=settings.db_connect_timeout + 1))
        if not connecting.done():
            connecting.cancel()
            raise TimeoutError  # there is a socket, and nobody behind it
        return connecting.result()
    except OSError as error:
        raise Unavailable from error
    except CancelledError:
        connecting.add_done_callback(partial(let_go, dialect))
        raise


def let_go(dialect: Dialect, connecting: Task[DBAPIConnection]) -> None:
    if not connecting.cancelled() and connecting.exception() is None:
        dialect.do_terminate(connecting.result())


def is_news(record: logging.LogRecord) -> bool:
    """Whether the pool tells of more than a connection that it gives up.

    It does so when a request is cancelled, or the database goes away: that is no error of its own.
    """
    if record.levelno < logging.WARNING:
        return False
    error = record.exc_info[1] if record.exc_info else None
    if error is None:
        return True
    return not isinstance(error, CancelledError) and not isinstance(classify(error), Unavailable)


def note_time(connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    note_use(record.info)


def note_use(info: dict[Any, Any]) -> None:
    """Note that a connection works."""
    info["in use until"] = time.monotonic()


def roll_back(
    connection: DBAPIConnection, record: ConnectionPoolEntry, state: PoolResetState
) -> None:
    """Undo what was left open. SQLAlchemy's own reset would ask for a ROLLBACK each time."""
    if state.asyncio_safe and not state.terminate_only:
        undo(connection, record.driver_connection)


def is_doubtful(info: dict[Any, Any]) -> bool:
    """Whether a connection sat idle, or saw another one break."""
    since: float = info["in use until"]
    return since < _lost_at or time.monotonic() - since > IDLE


def note_failure(context: ExceptionContext) -> None:
    connection = context.connection
    if connection is not None and connection.in_transaction() and not connection.invalidated:
        connection.info["failed"] = True


def forget_failure(connection: Connection, *savepoint: object) -> None:
    if not connection.invalidated:
        connection.info["failed"] = False


def refuse_after_failure(connection: Connection) -> None:
    """Keep a unit of work from being committed in part, or not at all, after an error.

    What a database makes of the COMMIT after a failure is its own: one rolls back and says that all
    is well, another has begun a new transaction meanwhile, a third goes on as it was.
    """
    if connection.invalidated or connection.get_execution_options().get("read_only"):
        return
    if connection.info.get("failed"):
        raise UnitFailed


def translate(context: ExceptionContext) -> BaseException | None:
    """Put one of this package's errors in the place of the driver's."""
    error = context.original_exception
    if not isinstance(error, Exception):
        return None  # cancelled
    if isinstance(error, ValueError) and context.execution_context is None:
        return InvalidValue()  # the column's type refused to store it
    return known_error(error, lost=context.is_disconnect)


def known_error(error: BaseException, *, lost: bool) -> DatabaseError | None:
    """This package's error for the driver's, if there is one.

    Args:
        error: the driver's, or SQLAlchemy's adaption of it.
        lost: the connection broke; the others of the pool are tried before they are used again.
    """
    global _lost_at
    if isinstance(error, DatabaseError):
        return error
    if lost:
        _lost_at = time.monotonic()
        return Unavailable()
    return classify(error)


def start_clock(connection: Connection, *statement: object) -> None:
    connection.info["started"] = time.perf_counter()


def stop_clock(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
    log_if_slow(statement, connection.info["started"])


def log_if_slow(statement: str, started: float) -> None:
    """Log a statement that took long.

    Args:
        statement: its SQL, without values.
        started: when, by `time.perf_counter()`.
    """
    seconds = time.perf_counter() - started
    if seconds >= settings.db_slow_query:
        logger.warning("slow statement, %.3f s: %s", seconds, statement)
