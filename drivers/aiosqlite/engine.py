# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How SQLite is opened: in WAL mode, with foreign keys on and real transactions."""

import asyncio
import time
from collections.abc import Callable
from functools import partial
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry

from ....settings import settings
from ...settings import CoreSettings
from ..errors import LockTimeout, NestedWrite
from ..greenlets import wait_for
from .connection import connect, naming_users

# A read-only unit of work takes no lock; any other takes the one write lock at its start. Taken by
# the first write instead, it fails at once if another connection has written in between
# (SQLITE_BUSY_SNAPSHOT), and no timeout helps: https://www.sqlite.org/isolation.html
READ_ONLY: dict[str, Any] = {"begin": "DEFERRED"}
WRITING = "IMMEDIATE"

ACCEPTS_WRITES = "SELECT 1"  # a file has no standby

PRAGMAS = (
    "foreign_keys = ON",
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "case_sensitive_like = ON",  # lower() and upper(), set below, cover Unicode; LIKE only ASCII
    # Milliseconds of waiting for a lock, in a thread that cannot be cancelled. Writers try again
    # for `db_statement_timeout` seconds.
    "busy_timeout = 500",
)


class WriteLock(asyncio.Lock):
    """The turn to write to one database, and the task that has it."""

    owner: asyncio.Task[Any] | None = None


Queues = dict[str | None, WriteLock]
_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, Queues] = WeakKeyDictionary()


def connect_args(url: URL, settings: CoreSettings) -> tuple[URL, dict[str, Any]]:
    """The URL, and arguments beyond it; the timeout is seconds to wait for a lock.

    `async_creator_fn` connects in place of aiosqlite, as `create_async_engine(async_creator=)` does.
    """
    return url, {"timeout": settings.db_statement_timeout, "async_creator_fn": connect}


def prepare(engine: Engine) -> None:
    """Begin and end transactions here instead of in the sqlite3 module.

    The module commits before DDL, and a released savepoint survives its rollback:
    https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#pysqlite-serializable
    """
    event.listen(engine, "connect", partial(set_up, str(engine.url.database)))
    event.listen(engine, "begin", begin)
    event.listen(engine, "checkin", end)


def set_up(file: str, connection: DBAPIConnection, record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    with naming_users(file):
        for pragma in PRAGMAS:
            cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    for name, function in (("lower", str.lower), ("upper", str.upper)):
        connection.create_function(name, 1, of_text(function), deterministic=True)


def of_text(function: Callable[[str], str]) -> Callable[[Any], Any]:
    """The same for SQL, where a value may be NULL or a number."""
    return lambda value: function(value) if isinstance(value, str) else value


def begin(connection: Connection) -> None:
    manual(connection.connection.dbapi_connection)
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        mode = options.get("begin", WRITING)
        if mode == WRITING and "turn" not in connection.info:
            connection.info["turn"] = wait_for(enter_queue(connection.engine.url))
        end = time.monotonic() + settings.db_statement_timeout
        is_patient = options.get("is_patient", lambda: time.monotonic() < end)
        while True:
            try:
                connection.exec_driver_sql(f"BEGIN {mode}")
            except LockTimeout:
                if not is_patient():
                    raise
            else:
                return


def undo(connection: DBAPIConnection, driver: Any) -> None:
    """Roll back an open transaction."""
    if driver.in_transaction:
        connection.rollback()


def end(connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    """Pass on the turn to write, and reset the isolation level."""
    turn: WriteLock | None = record.info.pop("turn", None)
    if turn is not None:
        turn.release()
    manual(connection)


def manual(connection: DBAPIConnection | None) -> None:
    """Keep sqlite3 from beginning transactions, as it does after SQLAlchemy has set a level."""
    if connection is not None and connection.isolation_level is not None:
        connection.isolation_level = None


async def enter_queue(url: URL) -> WriteLock:
    """Wait for the turn to write in this process, in the order of arrival, and return its lock.

    SQLite lets one connection write and makes the others try again after a pause, in any order:
    under load some would wait for seconds. Between processes this remains so.
    """
    queues = _queues.setdefault(asyncio.get_running_loop(), {})
    lock, task = queues.setdefault(url.database, WriteLock()), asyncio.current_task()
    if lock.locked() and lock.owner is task:
        raise NestedWrite
    try:
        async with asyncio.timeout(settings.db_statement_timeout):
            await lock.acquire()
    except TimeoutError as error:
        raise LockTimeout from error
    lock.owner = task
    return lock
