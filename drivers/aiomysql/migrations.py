# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How revisions are run on MySQL and MariaDB."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# A lock's name is the whole server's: with the database's in it, two services do not wait for each
# other. It has at most 64 characters, hence the hash.
LOCK = "LEFT(SHA2(CONCAT('migrate ', DATABASE()), 256), 40)"
FOREVER = 10 * 365 * 24 * 3600
NO_TIME_LIMIT = "SET /*M!100101 max_statement_time = 0 */ /*!80000 max_execution_time = 0 */"


def migration_options() -> dict[str, Any]:
    """What Alembic's context is configured with: DDL commits at once here."""
    return {"transactional_ddl": False}


@asynccontextmanager
async def migration_guard(connection: AsyncConnection) -> AsyncGenerator[None]:
    """Let one process migrate at a time; the others wait, then find nothing left to do."""
    await connection.execute(text(NO_TIME_LIMIT))
    await connection.execute(text(f"SELECT GET_LOCK({LOCK}, {FOREVER})"))
    await connection.commit()
    try:
        yield
    finally:
        await connection.rollback()
        await connection.execute(text(f"SELECT RELEASE_LOCK({LOCK})"))
        await connection.commit()
