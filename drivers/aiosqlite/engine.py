# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How SQLite is opened: in WAL mode, with foreign keys on and transactions that are real."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection

from ...settings import CoreSettings

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
)


def connect_args(settings: CoreSettings) -> dict[str, Any]:
    """What sqlite3 gets besides the URL: seconds to wait for a lock."""
    return {"timeout": settings.db_connect_timeout}


def prepare(engine: Engine) -> None:
    """Take the transactions out of the sqlite3 module's hands.

    Left to itself it commits before DDL and keeps a released savepoint through a rollback:
    https://docs.sqlalchemy.org/en/21/dialects/sqlite.html#pysqlite-serializable
    """
    event.listen(engine, "connect", set_up)
    event.listen(engine, "begin", begin)


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
        connection.exec_driver_sql(f"BEGIN {options.get('begin', WRITING)}")
