# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Checks for a deployment with PostgreSQL."""

from collections.abc import Iterator

from sqlalchemy import Connection, make_url, text

from ....settings import settings
from ...settings import CoreSettings
from ..workers import workers
from .registry import Message, check_database, check_settings, warning


@check_settings("security", deploy=True)
def database_password_is_secret(settings: CoreSettings) -> Iterator[Message]:
    url = make_url(settings.database_url)
    if url.password in (None, "", url.username):
        yield warning(
            "security.W006",
            "The password in DATABASE_URL is missing, or equal to the user name.",
            "Set a strong password in the database and in DATABASE_URL.",
        )


@check_database("database", deploy=True)
def pools_fit_the_server(connection: Connection) -> Iterator[Message]:
    allowed = int(connection.execute(text("SHOW max_connections")).scalar_one())
    pool = settings.db_pool_size + settings.db_max_overflow
    if pool * workers() > allowed:
        yield warning(
            "database.W001",
            f"{workers()} workers with {pool} connections each may need more than the {allowed} "
            "that the server allows.",
            "Lower DB_POOL_SIZE, DB_MAX_OVERFLOW or WEB_CONCURRENCY, or raise max_connections.",
        )
