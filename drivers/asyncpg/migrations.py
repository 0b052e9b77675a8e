# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Runs revisions on PostgreSQL."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from alembic.operations.ops import ModifyTableOps
from sqlalchemy import Dialect, Engine, Inspector, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import ConnectionPoolEntry
from sqlalchemy.types import TypeEngine

from .. import events

LOCK_TIMEOUT = "10s"  # while a statement waits for a table, later statements wait behind it

# Any number, as long as every replica uses the same one.
LOCK = 7_310_597_162

# Everything else in a schema that is not a table or a view.
OTHER_OBJECTS = """
SELECT 'trigger ' || tgname || ' on ' || tgrelid::regclass FROM pg_trigger WHERE NOT tgisinternal
UNION ALL SELECT 'function ' || proname FROM pg_proc WHERE pronamespace = current_schema()::regnamespace
UNION ALL SELECT 'sequence ' || relname FROM pg_class
    WHERE relkind = 'S' AND relnamespace = current_schema()::regnamespace
UNION ALL SELECT 'type ' || typname FROM pg_type
    WHERE typtype IN ('e', 'd') AND typnamespace = current_schema()::regnamespace
UNION ALL SELECT 'extension ' || extname FROM pg_extension
"""

# A foreign key cannot refer to a table that does not exist yet.
KEYS_NEED_TABLES = True

# A CHECK follows a renamed column.
CHECKS_FOLLOW_RENAMES = True

# The option of `op.alter_column` that takes a conversion.
USING: str | None = "postgresql_using"
# Column types that several types of `core.db.types` share, each with a hint for a conversion.
AMBIGUOUS: dict[type[Any], str] = {}


def migration_options() -> dict[str, Any]:
    """Return options for Alembic's context: each revision is a transaction."""
    return {"render_as_batch": True, "transactional_ddl": True, "transaction_per_migration": True}


def lift_limits(engine: Engine) -> None:
    """Remove the time limit of statements: a replica may wait while another one migrates."""
    event.remove(engine, "do_connect", events.connect)
    event.listen(engine, "do_connect", connect)


def connect(
    dialect: Dialect, record: ConnectionPoolEntry, args: list[Any], kwargs: dict[str, Any]
) -> DBAPIConnection:
    """Connect as usual, but without asyncpg's time limit of a statement."""
    return events.connect(dialect, record, args, {**kwargs, "command_timeout": None})


async def sql_url(url: str) -> str:
    """Return the URL whose dialect `migrate --sql` prints: the same URL."""
    return url


@asynccontextmanager
async def migration_guard(connection: AsyncConnection) -> AsyncGenerator[None]:
    """Let one process migrate at a time; the others wait, then have nothing to do.

    If this process is killed, the server soon cancels its statement and releases the lock.
    """
    await connection.execute(text("SET statement_timeout = 0"))
    await connection.execute(text("SET idle_in_transaction_session_timeout = 0"))
    if (connection.dialect.server_version_info or ()) >= (14,):
        await connection.execute(text("SET client_connection_check_interval = '2s'"))
    await connection.execute(text(f"SELECT pg_advisory_lock({LOCK})"))
    await connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
    await connection.commit()
    try:
        yield
    finally:
        await connection.rollback()
        await connection.execute(text(f"SELECT pg_advisory_unlock({LOCK})"))
        await connection.commit()


def rename_sql(kind: str, table: str, old: str, new: str) -> str | None:
    """Return the statement that renames a part of a table; None if the database has none.

    Args:
        kind: "index", "unique", "primary", "foreignkey" or "sequence".
        table: the table, quoted as needed like the other names.
        old: the old name.
        new: the new name.
    """
    if kind == "index":
        return f"ALTER INDEX {old} RENAME TO {new}"
    if kind == "sequence":
        return f"ALTER SEQUENCE IF EXISTS {old} RENAME TO {new}"
    return f"ALTER TABLE {table} RENAME CONSTRAINT {old} TO {new}"


def conversion(
    column: str, kind: str, before: TypeEngine[Any], after: TypeEngine[Any]
) -> str | None:
    """Return the SQL that converts a column's values to another type.

    Args:
        column: the quoted name.
        kind: the new type, as SQL.
        before: the old type.
        after: the new type.
    """
    return f"{column}::{kind}"


def bytes_literal(value: bytes) -> str:
    """Return bytes as an SQL literal."""
    return f"'\\x{value.hex()}'"


def complete(group: ModifyTableOps, inspector: Inspector) -> None:
    """Add further operations that the database needs for a table: none."""


def batch_update(table: str, values: str, where: str, size: int) -> str:
    """Return the statement that updates a batch of the remaining rows.

    Args:
        table: the table.
        values: the assignments after SET.
        where: the condition that selects the remaining rows.
        size: the number of rows in a batch.
    """
    rows = " ".join(("SELECT ctid FROM", table, "WHERE", where, f"LIMIT {size}"))
    return " ".join(("UPDATE", table, "SET", values, f"WHERE ctid = ANY(ARRAY({rows}))"))
