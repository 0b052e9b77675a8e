# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What every engine does besides: errors of our own, a look at idle connections, slow statements."""

import logging
import math
import time
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, event, exc
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from ...settings import settings
from .driver.errors import classify
from .errors import DatabaseError, InvalidValue, Unavailable

IDLE = 5.0  # seconds after which a pooled connection is tried before it is used

logger = logging.getLogger(__name__)


def install(engine: Engine) -> None:
    """Put the hooks on an engine, before its first connection."""
    event.listen(engine, "do_connect", connect)
    event.listen(engine, "handle_error", translate)
    event.listen(engine, "before_cursor_execute", start_clock)
    event.listen(engine, "after_cursor_execute", log_if_slow)
    event.listen(engine, "checkin", note_time)

    @event.listens_for(engine, "checkout")
    def try_idle_connection(
        connection: DBAPIConnection, record: ConnectionPoolEntry, proxy: object
    ) -> None:
        """Ask a connection that sat idle whether it works, else have the pool make new ones.

        A question at every checkout (`pool_pre_ping`) would cost each request a round trip; a
        connection that worked a moment ago most likely still does.
        """
        if time.monotonic() - record.info.get("idle since", math.inf) > IDLE:
            try:
                engine.dialect.do_ping(connection)
            except Exception as error:
                raise exc.InvalidatePoolError from error


def note_time(connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    record.info["idle since"] = time.monotonic()


def connect(
    dialect: Dialect, record: ConnectionPoolEntry, args: list[Any], kwargs: dict[str, Any]
) -> DBAPIConnection:
    """Connect, with a socket's errors told as the database being away."""
    try:
        return dialect.connect(*args, **kwargs)
    except OSError as error:
        raise Unavailable from error


def translate(context: ExceptionContext) -> DatabaseError | None:
    """Put one of this package's errors in the place of the driver's."""
    error = context.original_exception
    if isinstance(error, DatabaseError):
        return None
    if context.is_disconnect:
        return Unavailable()
    if isinstance(error, ValueError) and context.execution_context is None:
        return InvalidValue()  # the column's type refused to store it
    return classify(error)


def start_clock(connection: Connection, *statement: object) -> None:
    connection.info["started"] = time.perf_counter()


def log_if_slow(connection: Connection, cursor: object, statement: str, *rest: object) -> None:
    seconds = time.perf_counter() - connection.info["started"]
    if seconds >= settings.db_slow_query:
        logger.warning("slow statement, %.3f s: %s", seconds, statement)
