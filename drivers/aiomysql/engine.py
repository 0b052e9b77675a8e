# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How to connect to MySQL and MariaDB."""

import asyncio
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from importlib import import_module
from typing import Any, Literal, cast

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine
from sqlalchemy.pool import ConnectionPoolEntry, NullPool

from ....settings import settings
from ...database_tls import take_tls
from ...settings import CoreSettings
from ..errors import Conflict, Unavailable
from ..greenlets import wait_for

# A read-only unit of work is a transaction too: its statements see the same rows.
READ_ONLY: dict[str, Any] = {}

ACCEPTS_WRITES = "SELECT @@global.read_only = 0"

NO_SUCH_SAVEPOINT = 1305

add_comment: Callable[[str], str] = str  # to prepared statements; `core/sql_comments.py` sets it

# An upsert as MySQL has it; MariaDB's has no "AS".
UPSERT = re.compile(r"(INSERT .+? VALUES )(\(%s(?:, %s)*\))( AS .+)", re.DOTALL)


def connect_args(url: URL, settings: CoreSettings) -> tuple[URL, dict[str, Any]]:
    """The URL without TLS, and arguments of aiomysql. Session variables are sent on connecting.

    The limit for one statement has another name and unit on each server; each server executes only
    its own comment: https://mariadb.com/docs/server/reference/sql-statements/comment-syntax
    """
    seconds = settings.db_statement_timeout
    url, tls = take_tls(url)
    return url, {
        "ssl": None if tls is None or tls.mode == "disable" else tls.context,
        "autocommit": True,
        "charset": "utf8mb4",
        "connect_timeout": settings.db_connect_timeout,
        "init_command": (
            "SET time_zone = '+00:00'"
            ", sql_mode = 'STRICT_ALL_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION'"
            f", innodb_lock_wait_timeout = {max(1, round(seconds))}"
            f" /*M!100101 , max_statement_time = {seconds} */"
            f" /*!80000 , max_execution_time = {round(seconds * 1000)} */"
        ),
    }


def bare_engine(url: URL) -> AsyncEngine:
    """An engine without this project's hooks, for statements about the server."""
    address, arguments = connect_args(url, settings)
    engine = create_async_engine(address, connect_args=arguments, poolclass=NullPool)
    event.listen(engine.sync_engine, "close", close_wholly)
    return engine


def prepare(engine: Engine) -> None:
    """Begin transactions explicitly, and limit the wait for an answer.

    With autocommit off every statement would begin a transaction that has to be ended, and which
    the server does not report after a select. aiomysql itself sets no limit.
    """
    event.listen(engine, "connect", refuse_plain_text)
    event.listen(engine, "close", close_wholly)
    event.listen(engine, "begin", begin)
    event.listen(engine, "before_cursor_execute", refuse_during_stream)
    event.listen(engine, "before_cursor_execute", expect_answer)
    event.listen(engine, "do_executemany", join_rows)
    event.listen(engine, "commit", refuse_during_stream)
    event.listen(engine, "commit", expect_answer)
    event.listen(engine, "rollback", end_stream)
    event.listen(engine, "rollback", expect_answer)
    event.listen(engine, "after_cursor_execute", note_answer)
    event.listen(engine, "checkin", end)
    event.listen(engine, "handle_error", report_lost_savepoint)
    if settings.db_sqlcommenter:
        import_module("...sql_comments", __package__).install(engine)


def refuse_plain_text(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    """Keep aiomysql from connecting without TLS to a server that does not offer it."""
    driver: Any = record.driver_connection
    if driver._ssl_context and driver._writer.get_extra_info("ssl_object") is None:
        driver.close()
        raise Unavailable("The database does not offer TLS, which its URL requires.")


def close_wholly(connection: DBAPIConnection, record: ConnectionPoolEntry) -> None:
    """Wait until TLS has ended: aiomysql leaves that to an event loop that may have ended before."""
    driver: Any = record.driver_connection
    if driver._ssl_context and not driver.closed:
        with suppress(MissingGreenlet, OSError, TimeoutError):  # dropped, or lost
            wait_for(end_tls(driver, driver._writer))


async def end_tls(driver: Any, writer: asyncio.StreamWriter) -> None:
    async with asyncio.timeout(1):
        await driver.ensure_closed()
        await writer.wait_closed()


def begin(connection: Connection) -> None:
    if connection.get_execution_options().get("isolation_level") != "AUTOCOMMIT":
        connection.exec_driver_sql("BEGIN")


def expect_answer(connection: Connection, *statement: object) -> None:
    """Close the connection if no answer comes within the limit for a statement."""
    if connection.invalidated:
        return  # already lost: its rollback is not sent
    note_answer(connection)
    driver_connection: Any = connection.connection.driver_connection
    connection.info["hang up"] = asyncio.get_running_loop().call_later(
        settings.db_statement_timeout + 1, driver_connection.close
    )


def refuse_during_stream(connection: Connection, *statement: object) -> None:
    """Keep a statement from ending an open stream: aiomysql would drop the rest of its rows."""
    if open_stream(connection) is not None:
        raise RuntimeError(
            "a stream is open on this session's connection, and MySQL has one result at a time: "
            "read it to its end, or close it by `async with aclosing(…)`, before other statements"
        )


def join_rows(
    cursor: Any, statement: str, rows: Sequence[Any], context: object
) -> Literal[True] | None:
    """Upsert many rows by statements of up to a megabyte.

    aiomysql does so for an insert, but does not recognise MySQL's syntax of an upsert.
    """
    upsert = UPSERT.fullmatch(statement)
    if upsert is None:
        return None
    before, values, after = upsert.groups()
    driver = cursor._cursor
    limit = driver.max_stmt_length  # far below any server's max_allowed_packet
    wait_for(driver._do_execute_many(before % (), values, after % (), rows, limit, "utf8"))
    return True


def end_stream(connection: Connection) -> None:
    """Read an open stream to its end, which the protocol wants before a ROLLBACK."""
    stream = open_stream(connection)
    if stream is not None:
        wait_for(stream._finish_unbuffered_query())


def open_stream(connection: Connection) -> Any:
    """Return aiomysql's result that is not read to its end, or None."""
    if connection.invalidated:
        return None
    result = cast("Any", connection.connection.driver_connection)._result
    return result if result is not None and result.unbuffered_active else None


def note_answer(connection: Connection, *statement: object) -> None:
    forget(connection.info)


def end(connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    """Stop the timer, and turn autocommit on, which an isolation level has turned off."""
    forget(record.info)
    driver: Any = record.driver_connection
    if connection is None:
        return
    try:
        if driver.closed:  # by aiomysql, when it was cancelled
            record.invalidate()
        elif not driver.get_autocommit():
            connection.autocommit(True)
    except Exception as error:
        record.invalidate(error)


def undo(connection: DBAPIConnection, driver: Any) -> None:
    """Roll back an open transaction: the server reports one that was begun explicitly."""
    if driver.get_transaction_status():
        connection.rollback()


def report_lost_savepoint(context: ExceptionContext) -> None:
    """Raise Conflict for a missing savepoint: a deadlock has rolled back the whole transaction."""
    number = next(iter(context.original_exception.args), None)
    if number == NO_SUCH_SAVEPOINT and str(context.statement).startswith("ROLLBACK TO SAVEPOINT"):
        raise Conflict from context.original_exception


def forget(info: dict[Any, Any]) -> None:
    timer: asyncio.TimerHandle | None = info.pop("hang up", None)
    if timer is not None:
        timer.cancel()
