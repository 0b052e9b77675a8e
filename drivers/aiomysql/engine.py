# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How MySQL and MariaDB are connected to."""

from typing import Any

from sqlalchemy import Engine

from ...settings import CoreSettings

# A unit of work that only reads is an ordinary transaction: AUTOCOMMIT would cost a round trip
# to switch on and another to switch off.
READ_ONLY: dict[str, Any] = {}


def connect_args(settings: CoreSettings) -> dict[str, Any]:
    """What aiomysql gets besides the URL. The session variables are sent with the first packet.

    The limit for one statement has another name and unit on each server, so each reads its own
    comment: https://mariadb.com/docs/server/reference/sql-statements/comment-syntax
    """
    seconds = settings.db_statement_timeout
    return {
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


def prepare(engine: Engine) -> None:
    """Nothing more has to be done on a new connection."""
