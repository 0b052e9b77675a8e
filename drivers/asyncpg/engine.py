# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How PostgreSQL is connected to."""

from typing import Any

from sqlalchemy import Engine

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
    """Nothing has to be done on a new connection: asyncpg's settings are sent with the first packet."""
