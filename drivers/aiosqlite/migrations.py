# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How revisions are run on SQLite."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from alembic.ddl.sqlite import SQLiteImpl
from alembic.operations.ops import ModifyTableOps
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Engine,
    Inspector,
    event,
    func,
    literal_column,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator, TypeEngine

from ..errors import ForeignKeyViolated

HOUR = 3_600_000

# What a schema may hold besides tables and views.
OTHER_OBJECTS = (
    "SELECT 'trigger ' || name || ' on ' || tbl_name FROM sqlite_master WHERE type = 'trigger'"
)

# A CHECK goes on to speak of a column that was renamed.
CHECKS_FOLLOW_RENAMES = True


class Operations(SQLiteImpl):
    """Alembic's operations, but for how values are copied into a column of another type."""

    __dialect__ = "sqlite"

    def cast_for_batch_migrate(
        self, existing: Column[Any], existing_transfer: dict[str, Any], new_type: TypeEngine[Any]
    ) -> None:
        """Keep dates and times: they are texts, and a CAST would make a number of the year."""
        new = new_type.impl_instance if isinstance(new_type, TypeDecorator) else new_type
        old, value = existing.type, existing_transfer["expr"]
        if isinstance(old, Date) and isinstance(new, DateTime):
            midnight: ColumnElement[str] = literal_column("' 00:00:00.000000'")
            existing_transfer["expr"] = value.op("||")(midnight)
        elif isinstance(old, DateTime) and isinstance(new, Date):
            existing_transfer["expr"] = func.substr(value, 1, 10)
        elif not isinstance(old, Date | DateTime) and not isinstance(new, Date | DateTime):
            parent: Any = super()
            parent.cast_for_batch_migrate(existing, existing_transfer, new_type)


def migration_options() -> dict[str, Any]:
    """What Alembic's context is configured with.

    A table that cannot be altered is made anew ("batch"), and all pending revisions are one
    transaction: it holds SQLite's write lock, so that one process migrates at a time.
    """
    return {"render_as_batch": True, "transactional_ddl": True}


def lift_limits(engine: Engine) -> None:
    """Let statements take as long as they need: they have no limit here."""


async def sql_url(url: str) -> str:
    """The URL whose dialect SQL is printed in: the same."""
    return url


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


def rename_sql(kind: str, table: str, old: str, new: str) -> str | None:
    """The statement that renames what belongs to a table: there is none, it is made anew."""
    return None


def conversion(column: str, kind: str) -> dict[str, str]:
    """Options of `op.alter_column` that turn a column's values into those of another type: none."""
    return {}


def bytes_literal(value: bytes) -> str:
    """Bytes as SQL."""
    return f"X'{value.hex()}'"


def complete(group: ModifyTableOps, inspector: Inspector) -> None:
    """Add what the database wants besides to the operations on a table: nothing."""


def batch_update(table: str, values: str, where: str, size: int) -> str:
    """The statement that updates so many rows of those that are left.

    Args:
        table: whose rows they are.
        values: as they stand behind SET.
        where: which rows are left.
        size: how many rows.
    """
    rows = " ".join(("SELECT rowid FROM", table, "WHERE", where, f"LIMIT {size}"))
    return " ".join(("UPDATE", table, "SET", values, f"WHERE rowid IN ({rows})"))
