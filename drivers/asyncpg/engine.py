# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How to connect to PostgreSQL."""

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExecutionContext

from ...settings import CoreSettings
from ..greenlets import wait_for

# A read-only unit of work needs no BEGIN and COMMIT, which saves two round trips: each statement
# sees committed rows either way (READ COMMITTED).
READ_ONLY: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"}

ACCEPTS_WRITES = "SELECT current_setting('transaction_read_only') = 'off'"  # "on" in a standby


def connect_args(settings: CoreSettings) -> dict[str, Any]:
    """Arguments of asyncpg beyond the URL: its limits in seconds, the server's in milliseconds."""
    milliseconds = str(int(settings.db_statement_timeout * 1000))
    return {
        "timeout": settings.db_connect_timeout,
        "command_timeout": settings.db_statement_timeout + 1,  # only if the server does not answer
        "server_settings": {
            "application_name": __name__.partition(".")[0],
            "statement_timeout": milliseconds,
            "idle_in_transaction_session_timeout": milliseconds,
            "timezone": "UTC",
        },
    }


def prepare(engine: Engine) -> None:
    """Begin a transaction for a cursor in a read-only unit, as the server requires one."""
    event.listen(engine, "before_cursor_execute", begin_for_a_cursor)


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


def undo(connection: DBAPIConnection, driver: Any) -> None:
    """Roll back an open transaction, including a cursor's, which SQLAlchemy does not know of."""
    if driver.is_in_transaction():
        connection.rollback()
        if driver.is_in_transaction():
            wait_for(driver.execute("ROLLBACK"))
