# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Runs revisions on PostgreSQL."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import click
from sqlalchemy import Dialect, Engine, event, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.pool import ConnectionPoolEntry

from .. import events

LOCK_TIMEOUT = "10s"  # while a statement waits for a table, later statements wait behind it

# Any number, as long as every replica uses the same one.
LOCK = 7_310_597_162
HOLDER = """
SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = (
    SELECT oid FROM pg_database WHERE datname = current_database()
) AND (classid::bigint << 32) + objid::bigint = :lock
"""
PAUSE = 0.5  # seconds between two attempts to get it

# Locks do not exist there, or hold on one node only; the lease of `core/db/lease.py` replaces them.
WITHOUT_LOCKS = "SELECT version() ~ 'CockroachDB|-YB-'"  # YugabyteDB: "PostgreSQL 15.2-YB-2025.1"
NOW = "CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS BIGINT)"
OWN_TABLES: tuple[str, ...] = ("migration_lease",)

# The database rewrites the condition of an index, and a computed column fixes the types that it reads.
REWRITES_CONDITIONS = True
COMPUTED_FIX_TYPES = True

# SQL: the names of a table's deferrable unique constraints, and when they are checked.
DEFERRABLE: str | None = """
SELECT conname AS name, CASE WHEN condeferred THEN 'DEFERRED' ELSE 'IMMEDIATE' END AS initially
FROM pg_constraint WHERE contype = 'u' AND condeferrable
AND conrelid = to_regclass(concat_ws('.', quote_ident(:schema), quote_ident(:table)))
"""


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
        # A firewall may forget the connection during a long statement, whose locks would remain.
        await connection.execute(text("SET tcp_keepalives_idle = 30"))
        await connection.execute(text("SET tcp_user_timeout = '60s'"))
    lock = locked(connection)
    if await connection.scalar(text(WITHOUT_LOCKS)):
        from ..lease import leased

        lock = leased(connection, NOW)
    async with lock:
        await connection.execute(text(f"SET lock_timeout = '{LOCK_TIMEOUT}'"))
        await connection.commit()
        try:
            yield
        finally:
            await connection.rollback()


@asynccontextmanager
async def locked(connection: AsyncConnection) -> AsyncGenerator[None]:
    """Hold an advisory lock, which ends with the connection.

    A statement that waits for the lock would keep a snapshot, and CREATE INDEX CONCURRENTLY waits until
    no older snapshot exists: a deadlock of the two processes. So each statement asks only once.
    """
    seen: int | None = None
    while not await connection.scalar(text(f"SELECT pg_try_advisory_lock({LOCK})")):
        holder = await connection.scalar(text(HOLDER), {"lock": LOCK})
        if holder not in (None, seen):
            click.echo(f"Waiting for backend {holder}, which migrates this database.", err=True)
            seen = holder
        await connection.commit()
        await asyncio.sleep(PAUSE)
    try:
        yield
    finally:
        if not connection.invalidated:  # otherwise the lock has ended with the connection
            await connection.execute(text(f"SELECT pg_advisory_unlock({LOCK})"))
            await connection.commit()


def batch_update(table: str, values: str, where: str, size: int) -> str:
    """Return the statement that updates a batch of the rows that match `where`."""
    rows = " ".join(("SELECT ctid FROM", table, "WHERE", where, f"LIMIT {size}"))
    return " ".join(("UPDATE", table, "SET", values, f"WHERE ctid = ANY(ARRAY({rows}))"))
