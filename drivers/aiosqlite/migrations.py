# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Runs revisions on SQLite."""

import re
import time
import warnings
from collections import Counter
from collections.abc import AsyncGenerator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from itertools import pairwise
from typing import Any

import click
from alembic.ddl.sqlite import SQLiteImpl
from sqlalchemy import (
    INTEGER,
    SMALLINT,
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Date,
    DateTime,
    Engine,
    Float,
    Index,
    Inspector,
    Integer,
    Numeric,
    SmallInteger,
    String,
    Table,
    TextClause,
    cast,
    event,
    func,
    literal_column,
    text,
)
from sqlalchemy.ext.asyncio import AsyncConnection
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlalchemy.types import TypeDecorator, TypeEngine

from ..errors import DatabaseError, ForeignKeyViolated
from .reflection import QUOTES, TOKEN, bare, collations, expressions, tokens
from .types import CHECK, ExactDecimal

HOUR = 3600.0  # seconds that a migration waits for the write lock
DEFINITIONS = "SELECT type, name, sql FROM sqlite_master WHERE tbl_name = ? COLLATE NOCASE"
INDEXES = "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
COUNT = (
    "INSERT INTO sqlite_sequence SELECT ?, seq FROM sqlite_sequence WHERE name = ? COLLATE NOCASE"
)
PARTLY_REFLECTED = re.compile(
    r"\b(?:COLLATE \w+|DESC|ON CONFLICT \w+|(?<!NOT )DEFERRABLE|"
    r"ON (?:DELETE|UPDATE) (?:CASCADE|RESTRICT|SET NULL|SET DEFAULT))\b"
)
RANGED: dict[type[Any], type[Integer]] = {INTEGER: Integer, SMALLINT: SmallInteger}
PARAMETER = re.compile(r"(?<![:\w\\]):(?=\w)")  # as SQLAlchemy takes a colon in a text


class Operations(SQLiteImpl):
    """Alembic's operations, except for how a batch operation copies a table.

    Alembic casts values of a column that changes its type, and SQLite's CAST turns every text that is
    not a number into 0 or a year. A batch operation has no option for this copy, and revisions of
    earlier releases rely on it. Alembic also loses what is not reflected, and fails if a view exists.
    """

    __dialect__ = "sqlite"
    # The temporary name of a copy, and the triggers and indexes to create on it.
    copied: tuple[str, list[str | Index]] = ("", [])

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

    def autogen_column_reflect(
        self, inspector: Inspector, table: Table, column_info: dict[str, Any]
    ) -> None:
        """Reflect a text's collation, which SQLAlchemy leaves out."""
        super().autogen_column_reflect(inspector, table, column_info)
        if isinstance(column_info["type"], String):
            bind: Any = inspector.bind
            for kind, _, sql in bind.exec_driver_sql(DEFINITIONS, (table.name,)).all():
                if kind == "table":
                    column_info["type"].collation = collations(sql).get(column_info["name"])

    def correct_for_autogen_constraints(
        self,
        conn_unique_constraints: Any,
        conn_indexes: Any,
        metadata_unique_constraints: Any,
        metadata_indexes: Any,
    ) -> None:
        """Compare indexes by their SQL: SQLAlchemy reads no expressions, and neither DESC nor COLLATE.

        Alembic skips an expression that differs, because it cannot drop its index, and warns.
        """
        connection: Any = self.connection
        stored: dict[Any, str] = dict(connection.exec_driver_sql(INDEXES).all())
        found: set[Index] = metadata_indexes
        for index in list(found):
            sql = str(CreateIndex(index).compile(dialect=self.dialect))
            is_plain = all(isinstance(each, Column) for each in index.expressions)
            if not is_plain and spelled(sql) == spelled(stored.get(index.name, "")):
                found.discard(index)
                conn_indexes -= {each for each in conn_indexes if each.name == index.name}
        existing = {index for index in found if index.name in stored}
        new = found - existing
        alembics: Any = super()
        alembics.correct_for_autogen_constraints(
            conn_unique_constraints, conn_indexes, metadata_unique_constraints, existing
        )
        found.intersection_update(existing | new)

    def prep_table_for_batch(self, batch_impl: Any, table: Table) -> None:
        """Leave computed columns out of the copy: SQLite accepts no values for them.

        Note what SQLAlchemy does not reflect, or Alembic does not copy: triggers, indexes as they are
        written, and AUTOINCREMENT.
        """
        for column in table.columns:
            if column.computed is not None and column.name in batch_impl.column_transfers:
                batch_impl.column_transfers[column.name].pop("expr", None)
        connection: Any = self.connection
        if connection is None:
            return  # SQL is printed
        copy: Table = batch_impl.new_table
        known = {index.name for index in table.indexes}
        renames = {old: new.name for old, new in batch_impl.columns.items() if old != new.name}
        dropped = {column.name for column in table.columns} - batch_impl.columns.keys()
        lacking: list[str | Index] = []
        for kind, name, sql in connection.exec_driver_sql(DEFINITIONS, (table.name,)).all():
            if kind == "table":
                if batch_impl.reflected:
                    keep_expressions(batch_impl, table, sql)
                    keep_colons(batch_impl, table)
                    described = CreateTable(table).compile(dialect=self.dialect)
                    refuse_loss(table.name, sql, str(described))
                    keep_ranges(copy, sql, self.dialect.identifier_preparer.quote)
                counted = "PRIMARY KEY AUTOINCREMENT" in sql.upper() and len(copy.primary_key) == 1
                if counted and "sqlite_autoincrement" not in batch_impl.table_kwargs:
                    copy.dialect_options["sqlite"]["autoincrement"] = True
                    connection.exec_driver_sql(COUNT, (copy.name, table.name))
            elif kind == "trigger":
                lost = used(kind, sql, {*renames, *dropped})
                if lost is not None:
                    raise DatabaseError(
                        f"the {kind} {name} uses {table.name}.{lost}, which is dropped or gets another name: "
                        f"drop the {kind} in the revision before, and create it again without {lost}"
                    )
                lacking.append(sql)
            elif sql is not None and (name in batch_impl.indexes or name not in known):
                batch_impl.indexes.pop(name, None)
                if used(kind, sql, dropped) is None:  # or it is dropped with its column
                    lacking.append(self.renamed(sql, renames))
        for name, index in list(batch_impl.new_indexes.items()):
            if not renames.keys() & index.columns.keys():  # otherwise Alembic finds the new names
                lacking.append(batch_impl.new_indexes.pop(name))
        self.copied = (batch_impl.temp_table_name, lacking)

    def renamed(self, index: str, renames: Mapping[str, str]) -> str:
        """Return the SQL of an index whose columns get other names."""
        start, bracket, rest = index.partition("(")
        quote = self.dialect.identifier_preparer.quote

        def new(token: re.Match[str]) -> str:
            name = renames.get(bare(token[0])) if token[0][0] != "'" else None
            return quote(name) if name else token[0]

        return start + bracket + TOKEN.sub(new, rest)

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
        for item in lacking:
            if isinstance(item, Index):
                self.create_index(item)
            else:
                connection.exec_driver_sql(item)


def keep_expressions(batch_impl: Any, table: Table, sql: str) -> None:
    """Copy the whole expression of a computed column that stays as it is."""
    for name, expression in expressions(sql).items():
        old, new = (
            getattr(columns.get(name), "computed", None)
            for columns in (table.columns, batch_impl.columns)
        )
        if old is not None and new is not None and str(old.sqltext) == str(new.sqltext):
            new.sqltext = text(expression)


def keep_colons(batch_impl: Any, table: Table) -> None:
    """Copy a colon in SQL of the table as it is: SQLAlchemy reads a parameter, and writes NULL."""
    for check in batch_impl.new_table.constraints:
        former = batch_impl.named_constraints.get(check.name)
        if isinstance(check, CheckConstraint) and former in table.constraints:
            check.sqltext = literal_column(getattr(check.sqltext, "text", ""))
    for column in batch_impl.columns.values():
        for part in ("arg", "sqltext"):  # of a default, of a computed column
            sql = getattr(column.server_default, part, None)
            if isinstance(sql, TextClause):
                sql.text = PARAMETER.sub(r"\\:", sql.text)


def keep_ranges(copy: Table, sql: str, quote: Callable[[str], str]) -> None:
    """Keep the CHECK of integer columns, which SQLAlchemy reflects without it."""
    for column in copy.columns:
        kind = RANGED.get(type(column.type))
        if kind is not None and f"{quote(column.key)} {column.type} {CHECK}" in sql:
            column.type = kind()


def refuse_loss(table: str, sql: str, reflected: str) -> None:
    """Refuse to copy a table whose definition SQLAlchemy does not reflect in whole."""
    lost = clauses(sql) - clauses(reflected)
    if lost:
        raise DatabaseError(
            f"the table {table} has to be copied, and the copy would lose {', '.join(lost)}: describe "
            "the table in the revision, as a Table given to batch_alter_table as copy_from="
        )


def clauses(sql: str) -> Counter[str]:
    """Count the clauses of a CREATE TABLE that may not be reflected."""
    words = (
        bare(word) if word[0] not in QUOTES or before.upper() == "COLLATE" else "name"
        for before, word in pairwise(tokens(sql))
    )
    return Counter(PARTLY_REFLECTED.findall(" ".join(words).upper()))


def spelled(sql: str) -> list[str]:
    """Return SQL in one spelling: its tokens, names without quotes, in capitals."""
    found = (token for token in TOKEN.findall(sql) if not token.startswith(("--", "/*")))
    return [token if token[0] == "'" else bare(token).upper() for token in found]


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
    await set_pragmas(connection, foreign_keys="OFF", busy_timeout=400)
    await connection.execution_options(is_patient=patience())
    event.listen(connection.sync_connection, "commit", check_foreign_keys)
    try:
        yield
    finally:
        event.remove(connection.sync_connection, "commit", check_foreign_keys)
        await set_pragmas(connection, foreign_keys="ON", busy_timeout=5_000)


def patience() -> Callable[[], bool]:
    """Return what is asked while the database is locked: say so after 2 seconds, wait for an hour."""
    began, until = time.monotonic(), time.localtime(time.time() + HOUR)
    said = list[str]()

    def is_patient() -> bool:
        waited = time.monotonic() - began
        if waited > 2 and not said:
            said.append(f"Waiting until {time.strftime('%H:%M', until)} for another process")
            click.echo(f"{said[0]}, which writes to this database.", err=True)
        return waited < HOUR

    return is_patient


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
