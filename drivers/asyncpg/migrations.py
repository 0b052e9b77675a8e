# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How revisions are run on PostgreSQL."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection

# Any number will do, as long as every replica asks for the same one.
LOCK = 7_310_597_162


def migration_options() -> dict[str, Any]:
    """What Alembic's context is configured with: all pending revisions are one transaction."""
    return {"transactional_ddl": True}


@asynccontextmanager
async def migration_guard(connection: AsyncConnection) -> AsyncGenerator[None]:
    """Let one process migrate at a time; the others wait, then find nothing left to do."""
    await connection.execute(text("SET statement_timeout = 0"))
    await connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
    await connection.commit()
    try:
        yield
    finally:
        await connection.rollback()
        await connection.execute(text(f"SELECT pg_advisory_unlock({LOCK})"))
        await connection.commit()
