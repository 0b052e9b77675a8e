# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Runs revisions on MySQL and MariaDB."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import click
from sqlalchemy import Engine, Table, event, make_url, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.ext.asyncio import AsyncConnection

from .engine import bare_engine, expect_answer

# Names of locks are global to the server, so this one includes the database. At most 64 characters
# are allowed, hence the hash.
LOCK = "LEFT(SHA2(CONCAT('migrate ', DATABASE()), 256), 40)"

UNREACHABLE = (OSError, SQLAlchemyError)
AGAIN = "/* to be run again */"  # marks a statement that may run twice

# A lock holds on one node only, so the lease of `core/db/lease.py` replaces it where several accept
# writes: on Galera, and in group replication without a single primary.
SEVERAL_PRIMARIES = """
SHOW VARIABLES WHERE Variable_name = 'wsrep_on' AND Value = 'ON'
OR Variable_name = 'group_replication_single_primary_mode' AND Value = 'OFF'
"""
NOW = "UNIX_TIMESTAMP()"
OWN_TABLES: tuple[str, ...] = ("migration_lease", "migration_progress")

LOCK_TIMEOUT = 10  # seconds; while a statement waits for a table, later statements wait behind it
FOREVER = 10 * 365 * 24 * 3600
NO_TIME_LIMIT = "SET /*M!100101 max_statement_time = 0 */ /*!80000 max_execution_time = 0 */"

# Indexes have no conditions, and no constraint is deferrable.
REWRITES_CONDITIONS = False
COMPUTED_FIX_TYPES = False
DEFERRABLE: str | None = None


@event.listens_for(Table, "before_create")
def speak_to_mariadb(table: Table, connection: object, **options: object) -> None:
    """Copy a table's options to MariaDB's prefix, which is the only one that its dialect reads."""
    for key in ("charset", "collate"):
        if f"mysql_{key}" in table.dialect_kwargs:
            table.dialect_kwargs.setdefault(f"mariadb_{key}", table.dialect_kwargs[f"mysql_{key}"])


def migration_options() -> dict[str, Any]:
    """Return options for Alembic's context: each DDL statement commits at once."""
    return {"render_as_batch": True, "transactional_ddl": False}


def lift_limits(engine: Engine) -> None:
    """Remove the client's time limit of statements; `migration_guard` removes the server's."""
    for part in ("before_cursor_execute", "commit", "rollback"):
        event.remove(engine, part, expect_answer)


async def sql_url(url: str) -> str:
    """Return the URL whose dialect `migrate --sql` prints: only MariaDB has a type for UUIDs.

    The server decides. If it does not answer, `mariadb+aiomysql://` means MariaDB.
    """
    engine = bare_engine(make_url(url))
    try:
        async with engine.connect() as connection:
            native = connection.dialect.supports_native_uuid
    except UNREACHABLE:
        return url
    finally:
        await engine.dispose()
    scheme = "mariadb+aiomysql" if native else "mysql+aiomysql"
    return make_url(url).set(drivername=scheme).render_as_string(hide_password=False)


@asynccontextmanager
async def migration_guard(connection: AsyncConnection) -> AsyncGenerator[None]:
    """Let one process migrate at a time; the others wait, then have nothing to do."""
    await connection.execute(text(NO_TIME_LIMIT))
    lock = locked(connection)
    if (await connection.execute(text(SEVERAL_PRIMARIES))).first() is not None:
        from ..lease import leased

        lock = leased(connection, NOW)
    async with lock:
        await connection.execute(text(f"SET lock_wait_timeout = {LOCK_TIMEOUT}"))
        await connection.commit()
        try:
            yield
        finally:
            await connection.rollback()


@asynccontextmanager
async def locked(connection: AsyncConnection) -> AsyncGenerator[None]:
    """Hold an advisory lock, which ends with the connection."""
    if not await connection.scalar(text(f"SELECT GET_LOCK({LOCK}, 0)")):
        holder = await connection.scalar(text(f"SELECT IS_USED_LOCK({LOCK})"))
        click.echo(f"Waiting for connection {holder}, which migrates this database.", err=True)
        await connection.execute(text(f"SELECT GET_LOCK({LOCK}, {FOREVER})"))
    try:
        yield
    finally:
        if not connection.invalidated:  # otherwise the lock has ended with the connection
            await connection.execute(text(f"SELECT RELEASE_LOCK({LOCK})"))
            await connection.commit()


def batch_update(table: str, values: str, where: str, size: int) -> str:
    """Return the statement that updates a batch of the rows that match `where`."""
    return " ".join((AGAIN, "UPDATE", table, "SET", values, "WHERE", where, f"LIMIT {size}"))
