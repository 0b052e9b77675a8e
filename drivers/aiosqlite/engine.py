# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How SQLite is opened: in WAL mode, with foreign keys on and transactions that are real."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any
from weakref import WeakKeyDictionary, WeakSet

from sqlalchemy import URL, Connection, Dialect, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.util import await_only

from ....settings import settings
from ...settings import CoreSettings
from ..errors import LockTimeout

# A unit of work that only reads takes no lock; any other takes the one write lock at its start.
# Taken later, by the first write, it fails at once when somebody else wrote in between
# (SQLITE_BUSY_SNAPSHOT), and no timeout helps: https://www.sqlite.org/isolation.html
READ_ONLY: dict[str, Any] = {"begin": "DEFERRED"}
WRITING = "IMMEDIATE"

PRAGMAS = (
    "foreign_keys = ON",
    "journal_mode = WAL",
    "synchronous = NORMAL",
    "case_sensitive_like = ON",  # lower() and upper(), set below, know every letter; LIKE only ASCII's
    # Milliseconds for which it waits for a lock, in a thread that hears of no cancellation. Who
    # writes tries again, for `db_statement_timeout` seconds.
    "busy_timeout = 500",
)

Queues = dict[str | None, asyncio.Lock]
_queues: WeakKeyDictionary[asyncio.AbstractEventLoop, Queues] = WeakKeyDictionary()


def connect_args(settings: CoreSettings) -> dict[str, Any]:
    """What sqlite3 gets besides the URL: seconds to wait for a lock."""
    return {"timeout": settings.db_statement_timeout, "factory": ClosedAtOnce}


class ClosedAtOnce(sqlite3.Connection):
    """A connection whose locks end when it is closed, as after a request that was cancelled.

    sqlite3's own keeps its transaction until Python forgets the last cursor that was not read to
    its end, and the traceback of the cancellation remembers it: https://www.sqlite.org/c3ref/close.html
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._cursors: WeakSet[sqlite3.Cursor] = WeakSet()

    def cursor(self, factory: Any = sqlite3.Cursor) -> Any:
        cursor = super().cursor(factory)
        self._cursors.add(cursor)
        return cursor

    def close(self) -> None:
        with suppress(sqlite3.Error):  # it is closed already, or out of order
            for cursor in self._cursors:
                cursor.close()
            self.rollback()
        super().close()


def prepare(engine: Engine) -> None:
    """Take the transactions out of the sqlite3 module's hands.

    Left to itself it commits before DDL and keeps a released savepoint through a rollback:
    https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#pysqlite-serializable
    """
    event.listen(engine, "do_connect", probe)
    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", begin)
    event.listen(engine, "checkin", leave_queue)


def probe(dialect: Dialect, record: object, args: list[Any], kwargs: dict[str, Any]) -> None:
    """Open the file here first: aiosqlite leaves a thread behind when it cannot."""
    sqlite3.connect(*args, **kwargs).close()


def set_up(connection: DBAPIConnection, record: object) -> None:
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in PRAGMAS:
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()
    for name, function in (("lower", str.lower), ("upper", str.upper)):
        connection.create_function(name, 1, of_text(function), deterministic=True)


def of_text(function: Callable[[str], str]) -> Callable[[Any], Any]:
    """The same for SQL, where a value may be NULL or a number."""
    return lambda value: function(value) if isinstance(value, str) else value


def begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    if options.get("isolation_level") != "AUTOCOMMIT":
        mode = options.get("begin", WRITING)
        if mode == WRITING and "turn" not in connection.info:
            connection.info["turn"] = await_only(enter_queue(connection.engine.url))
        end = time.monotonic() + settings.db_statement_timeout
        while True:
            try:
                connection.exec_driver_sql(f"BEGIN {mode}")
            except LockTimeout:
                if time.monotonic() >= end:
                    raise
            else:
                return


def undo(connection: DBAPIConnection, driver: Any) -> None:
    """Roll back what was begun."""
    if driver.in_transaction:
        connection.rollback()


def leave_queue(connection: DBAPIConnection | None, record: ConnectionPoolEntry) -> None:
    turn: asyncio.Lock | None = record.info.pop("turn", None)
    if turn is not None:
        turn.release()


async def enter_queue(url: URL) -> asyncio.Lock:
    """Wait for the turn to write in this process: who has waited longest is next.

    SQLite lets one connection write, and has the others try again after a while, whoever happens
    to come first: under load some would wait for seconds. It does so still between processes.

    Returns:
        The lock of the database, which the caller releases.

    Raises:
        LockTimeout: there was no turn within `db_statement_timeout` seconds.
    """
    queues = _queues.setdefault(asyncio.get_running_loop(), {})
    lock = queues.setdefault(url.database, asyncio.Lock())
    try:
        async with asyncio.timeout(settings.db_statement_timeout):
            await lock.acquire()
    except TimeoutError as error:
        raise LockTimeout from error
    return lock
