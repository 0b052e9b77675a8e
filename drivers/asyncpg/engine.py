# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How to connect to PostgreSQL."""

import re
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any

from sqlalchemy import URL, Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExecutionContext

from ....settings import settings
from ...database_tls import take_tls
from ...settings import CoreSettings
from ..greenlets import wait_for

# A read-only unit of work needs no BEGIN and COMMIT, which saves two round trips: each statement
# sees committed rows either way (READ COMMITTED). A pooler may run the two parts of a statement,
# Parse and Execute, on different connections unless they are in a transaction.
READ_ONLY: dict[str, Any] = {} if settings.db_pooler else {"isolation_level": "AUTOCOMMIT"}

add_comment: Callable[[str], str] = str  # to prepared statements; `core/sql_comments.py` sets it

# Arguments that the server may take for less than 64 bits: those in tuples have no type. Quoted text
# and names, which may have a dollar too, match without a group.
NARROW = re.compile(
    r"""'[^']*'|"[^"]*"|\$(?<![\w$]\$)(\d+)(?:::(SMALLINT|INTEGER)\b(?!\[)|(?!\d|::))"""
)

ACCEPTS_WRITES = "SELECT current_setting('transaction_read_only') = 'off'"  # "on" in a standby


def connect_args(url: URL, settings: CoreSettings) -> tuple[URL, dict[str, Any]]:
    """The URL without TLS, and arguments of asyncpg: its limits in seconds, the server's in milliseconds.

    A pooler would refuse the server's limits, which each transaction sets instead, and does not keep
    prepared statements: those without a name last as long as a transaction.
    """
    server = {"application_name": __name__.partition(".")[0], "timezone": "UTC"}
    arguments: dict[str, Any] = {
        "timeout": settings.db_connect_timeout,
        "command_timeout": settings.db_statement_timeout + 1,  # only if the server does not answer
        "server_settings": server,
    }
    url, tls = take_tls(url)
    if tls is not None:
        context: Any = tls.context
        arguments["ssl"] = {"disable": False, "prefer": "prefer"}.get(tls.mode, context)
    if settings.db_pooler:
        arguments |= {"statement_cache_size": 0, "prepared_statement_cache_size": 0}
        arguments["prepared_statement_name_func"] = str
    else:
        server |= limits()
    return url, arguments


def limits() -> dict[str, str]:
    """The server's limits, in milliseconds."""
    milliseconds = str(int(settings.db_statement_timeout * 1000))
    names = ("statement_timeout", "idle_in_transaction_session_timeout")
    return dict.fromkeys(names, milliseconds)


def prepare(engine: Engine) -> None:
    """Begin a transaction for a cursor in a read-only unit, as the server requires one."""
    event.listen(engine, "before_cursor_execute", begin_for_a_cursor)
    event.listen(engine, "before_cursor_execute", widen, retval=True)
    if settings.db_pooler:
        event.listen(engine, "begin", set_limits)
    if settings.db_sqlcommenter:
        import_module("...sql_comments", __package__).install(engine)


def set_limits(connection: Connection) -> None:
    """Set the limits for one transaction."""
    calls = ", ".join(f"set_config('{name}', '{value}', true)" for name, value in limits().items())
    connection.exec_driver_sql(f"SELECT {calls}")


def begin_for_a_cursor(
    connection: Connection,
    cursor: object,
    statement: str,
    parameters: object,
    context: ExecutionContext,
    many: bool,
) -> None:
    isolation = connection.get_execution_options().get("isolation_level")
    if isolation == "AUTOCOMMIT" and context.execution_options.get("stream_results"):
        driver: Any = connection.connection.driver_connection
        if not driver.is_in_transaction():
            wait_for(driver.execute("BEGIN READ ONLY"))


def widen(
    connection: Connection,
    cursor: object,
    statement: str,
    values: Any,
    context: ExecutionContext,
    many: bool,
) -> tuple[str, Any]:
    return statement if many else widened(statement, values), values


def widened(sql: str, values: Sequence[Any]) -> str:
    """The statement, with numbers that are too large for their column as BIGINT.

    A comparison with one then finds no row, as on other databases; asyncpg would refuse it.
    """
    numbers = [value for value in values if isinstance(value, int)]
    if not numbers or -(2**15) <= min(numbers) <= max(numbers) < 2**15:
        return sql

    def widest(argument: re.Match[str]) -> str:
        place, kind = argument.groups()
        value, end = place and values[int(place) - 1], 2**15 if kind == "SMALLINT" else 2**31
        fits = not isinstance(value, int) or -end <= value < end
        return argument[0] if fits else f"${place}::BIGINT"

    return NARROW.sub(widest, sql)


def undo(connection: DBAPIConnection, driver: Any) -> None:
    """Roll back an open transaction, including a cursor's, which SQLAlchemy does not know of."""
    if driver.is_in_transaction():
        connection.rollback()
        if driver.is_in_transaction():
            wait_for(driver.execute("ROLLBACK"))
