# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Runs revisions on SQLite."""

import re
import warnings
from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from alembic.ddl.sqlite import SQLiteImpl
from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Engine,
    Float,
    Integer,
    Numeric,
    Table,
    cast,
    event,
    func,
    literal_column,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.types import TypeDecorator, TypeEngine

from ..errors import DatabaseError, ForeignKeyViolated
from .types import ExactDecimal

HOUR = 3_600_000
DEFINITIONS = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? COLLATE NOCASE"
COUNT = (
    "INSERT INTO sqlite_sequence SELECT ?, seq FROM sqlite_sequence WHERE name = ? COLLATE NOCASE"
)


class Operations(SQLiteImpl):
    """Alembic's operations, except for how a batch operation copies a table.

    Alembic casts values of a column that changes its type, and SQLite's CAST turns every text that is
    not a number into 0 or a year. A batch operation has no option for this copy, and revisions of
    earlier releases rely on it. Alembic also loses what is not reflected, and fails if a view exists.
    """

    __dialect__ = "sqlite"
    copied: tuple[str, list[str]] = ("", [])  # a copy's temporary name, and what it still lacks

    def cast_for_batch_migrate(
        self, existing: Column[Any], existing_transfer: dict[str, Any], new_type: TypeEngine[Any]
    ) -> None:
        """Copy values unchanged; extend dates, and cut times and fractions off."""
        old, new, value = existing.type, storage(new_type), existing_transfer["expr"]
        if isinstance(old, Date) and isinstance(new, DateTime):
            midnight: ColumnElement[str] = literal_column("' 00:00:00.000000'")
            existing_transfer["expr"] = value.op("||")(midnight)
        elif isinstance(old, DateTime) and isinstance(new, Date):
            existing_transfer["expr"] = func.substr(value, 1, 10)
        elif isinstance(new_type, ExactDecimal):
            pass  # `conversion` scales the values afterwards
        elif isinstance(old, Float | Numeric) and isinstance(new, Integer):
            existing_transfer["expr"] = cast(value, new_type)

    def prep_table_for_batch(self, batch_impl: Any, table: Table) -> None:
        """Leave computed columns out of the copy: SQLite accepts no values for them.

        Note what SQLAlchemy does not reflect: triggers, indexes of expressions, and AUTOINCREMENT.
        """
        for column in table.columns:
            if column.computed is not None and column.name in batch_impl.column_transfers:
                batch_impl.column_transfers[column.name].pop("expr", None)
        connection: Any = self.connection
        if connection is None:
            return  # SQL is printed
        copy: Table = batch_impl.new_table
        known = {index.name for index in table.indexes}
        gone = {column.name for column in table.columns} - {column.name for column in copy.columns}
        lacking: list[str] = []
        for kind, name, sql in connection.exec_driver_sql(DEFINITIONS, (table.name,)).all():
            if kind == "table":
                counted = "PRIMARY KEY AUTOINCREMENT" in sql.upper() and len(copy.primary_key) == 1
                if counted and "sqlite_autoincrement" not in batch_impl.table_kwargs:
                    copy.dialect_options["sqlite"]["autoincrement"] = True
                    connection.exec_driver_sql(COUNT, (copy.name, table.name))
            elif sql is not None and name not in known:
                lost = used(kind, sql, gone)
                if lost is not None and (kind == "trigger" or lost in batch_impl.columns):
                    raise DatabaseError(
                        f"the {kind} {name} uses {table.name}.{lost}, which is dropped or gets another name: "
                        f"drop the {kind} in the revision before, and create it again without {lost}"
                    )
                if lost is None:  # otherwise the index is dropped with its column
                    lacking.append(sql)
        self.copied = (batch_impl.temp_table_name, lacking)

    def rename_table(
        self, old_table_name: str, new_table_name: str, schema: str | None = None
    ) -> None:
        """Rename a table. A copy then gets what it lacks."""
        copy, lacking = self.copied
        if old_table_name != copy:
            super().rename_table(old_table_name, new_table_name, schema)
            return
        connection: Any = self.connection
        # SQLite would refuse: views and other triggers name the original, which is dropped.
        connection.exec_driver_sql("PRAGMA legacy_alter_table = ON")
        try:
            super().rename_table(old_table_name, new_table_name, schema)
        finally:
            connection.exec_driver_sql("PRAGMA legacy_alter_table = OFF")
        for sql in lacking:
            connection.exec_driver_sql(sql)


def used(kind: str, sql: str, columns: Iterable[str]) -> str | None:
    """Return the first of the columns that an index, or a trigger as new.x or old.x, uses."""
    before = r"\(.*" if kind == "index" else r"\b(?:new|old)\s*\.\s*[\"`\[]?"
    rest = re.sub(r"'[^']*'", "", sql)
    found = (
        name
        for name in sorted(columns)
        if re.search(rf"{before}\b{re.escape(name)}\b", rest, re.IGNORECASE | re.DOTALL)
    )
    return next(found, None)


def storage(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return the type of SQLAlchemy's that stores a type's values."""
    return storage(kind.impl_instance) if isinstance(kind, TypeDecorator) else kind


# Indexes keep their conditions as they are written, and only foreign keys can be deferrable.
REWRITES_CONDITIONS = False
COMPUTED_FIX_TYPES = False
DEFERRABLE: str | None = None
OWN_TABLES: tuple[str, ...] = ()


def migration_options() -> dict[str, Any]:
    """Return options for Alembic's context.

    A table that SQLite cannot alter is copied ("batch"). All pending revisions are one transaction,
    which holds SQLite's write lock, so one process migrates at a time. SQLAlchemy warns of each index
    of an expression, which a copy keeps.
    """
    warnings.filterwarnings("ignore", "Skipped unsupported reflection of expression-based index")
    return {"render_as_batch": True, "transactional_ddl": True}


def lift_limits(engine: Engine) -> None:
    """Remove the time limit of statements: SQLite has none."""


async def sql_url(url: str) -> str:
    """Return the URL whose dialect `migrate --sql` prints: the same URL."""
    return url


@asynccontextmanager
async def migration_guard(connection: AsyncConnection) -> AsyncGenerator[None]:
    """Wait for other processes that migrate, and turn foreign keys off.

    With foreign keys on, dropping the old copy of a table deletes every row that refers to it with
    ON DELETE CASCADE. SQLite ignores the switch inside a transaction, so it happens outside.
    References are checked before the commit, so that a missing row rolls the revisions back.
    """
    await set_pragmas(connection, foreign_keys="OFF", busy_timeout=HOUR)
    event.listen(connection.sync_connection, "commit", check_foreign_keys)
    try:
        yield
    finally:
        event.remove(connection.sync_connection, "commit", check_foreign_keys)
        await set_pragmas(connection, foreign_keys="ON", busy_timeout=5_000)


async def set_pragmas(connection: AsyncConnection, **values: str | int) -> None:
    """Set PRAGMAs on the driver's connection: SQLAlchemy would begin a transaction first."""
    await connection.rollback()
    proxied = await connection.get_raw_connection()
    driver_connection: Any = proxied.driver_connection
    for name, value in values.items():
        await driver_connection.execute(f"PRAGMA {name} = {value}")


def check_foreign_keys(connection: Connection) -> None:
    row = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if row is not None:
        raise ForeignKeyViolated(f"Row {row[1]} of {row[0]} refers to a missing row of {row[2]}.")


def batch_update(table: str, values: str, where: str, size: int) -> str:
    """Return the statement that updates a batch of the rows that match `where`."""
    rows = " ".join(("SELECT rowid FROM", table, "WHERE", where, f"LIMIT {size}"))
    return " ".join(("UPDATE", table, "SET", values, f"WHERE rowid IN ({rows})"))
