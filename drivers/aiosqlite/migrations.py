# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How revisions are run on SQLite."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.ext.asyncio import AsyncConnection

from ..errors import ForeignKeyViolated

HOUR = 3_600_000


def migration_options() -> dict[str, Any]:
    """What Alembic's context is configured with.

    A table that cannot be altered is made anew ("batch"), and all pending revisions are one
    transaction: it holds SQLite's write lock, so that one process migrates at a time.
    """
    return {"render_as_batch": True, "transactional_ddl": True}


@asynccontextmanager
async def migration_guard(connection: AsyncConnection) -> AsyncGenerator[None]:
    """Wait for other processes that migrate, and keep foreign keys off meanwhile.

    While they are on, dropping the old copy of a table deletes every row that refers to it by ON
    DELETE CASCADE. They cannot be switched inside a transaction, so this stands around it; rows
    that refer to none are looked for before the commit.

    Raises:
        ForeignKeyViolated: a row refers to none after the revisions; they are rolled back.
    """
    await set_pragmas(connection, foreign_keys="OFF", busy_timeout=HOUR)
    event.listen(connection.sync_connection, "commit", check_foreign_keys)
    try:
        yield
    finally:
        event.remove(connection.sync_connection, "commit", check_foreign_keys)
        await set_pragmas(connection, foreign_keys="ON", busy_timeout=5_000)


async def set_pragmas(connection: AsyncConnection, **values: str | int) -> None:
    """Set PRAGMAs on the driver's connection: SQLAlchemy's would begin a transaction first."""
    await connection.rollback()
    proxied = await connection.get_raw_connection()
    driver_connection: Any = proxied.driver_connection
    for name, value in values.items():
        await driver_connection.execute(f"PRAGMA {name} = {value}")


def check_foreign_keys(connection: Connection) -> None:
    row = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if row is not None:
        raise ForeignKeyViolated(
            f"Row {row[1]} of {row[0]} refers to a row of {row[2]} that does not exist any more."
        )
