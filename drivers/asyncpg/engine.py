# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How PostgreSQL is connected to."""

from typing import Any

from sqlalchemy import Connection, Engine, event
from sqlalchemy.engine.interfaces import DBAPIConnection, ExecutionContext
from sqlalchemy.util import await_only

from ...settings import CoreSettings

# A unit of work that only reads needs no BEGIN and COMMIT: each statement sees committed rows
# either way (READ COMMITTED), and two round trips are saved.
READ_ONLY: dict[str, Any] = {"isolation_level": "AUTOCOMMIT"}


def connect_args(settings: CoreSettings) -> dict[str, Any]:
    """What asyncpg gets besides the URL: bounds in seconds, and the server's own in milliseconds."""
    milliseconds = str(int(settings.db_statement_timeout * 1000))
    return {
        "timeout": settings.db_connect_timeout,
        "command_timeout": settings.db_statement_timeout + 1,  # a last resort: the server is gone
        "server_settings": {
            "application_name": __name__.partition(".")[0],
            "statement_timeout": milliseconds,
            "idle_in_transaction_session_timeout": milliseconds,
            "timezone": "UTC",
        },
    }


def prepare(engine: Engine) -> None:
    """Give cursors the transaction that the server wants around them, where a unit only reads."""
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
            await_only(driver.execute("BEGIN READ ONLY"))


def undo(connection: DBAPIConnection, driver: Any) -> None:
    """Roll back what was begun, for a cursor too, of which SQLAlchemy does not know."""
    if driver.is_in_transaction():
        connection.rollback()
        if driver.is_in_transaction():
            await_only(driver.execute("ROLLBACK"))
