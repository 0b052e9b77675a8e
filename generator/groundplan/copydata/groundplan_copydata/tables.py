"""The models' tables in the order in which they are written, and the statements that copy each."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import (
    Column,
    Connection,
    ForeignKeyConstraint,
    MetaData,
    Select,
    Table,
    TableClause,
    Update,
    bindparam,
    column,
    inspect,
    or_,
    select,
    table,
    true,
)
from sqlalchemy.types import TypeEngine

from .columns import Convert, Value, source_type, target_type
from .errors import CopyError
from .service import Types

OF_MIGRATIONS = {"alembic_version", "migration_lease"}

Row = Sequence[Value]


class TargetTable(NamedTuple):
    """A table as it is written.

    Attributes:
        table: the model's.
        columns: those that store a value; computed columns are left out.
        deferred: columns of foreign keys that may refer to rows inserted later. They are written once
            all rows are.
        copy: the table without the model's defaults, which would change copied values.
    """

    table: Table
    columns: list[Column[Any]]
    deferred: list[Column[Any]]
    copy: TableClause

    @property
    def name(self) -> str:
        return self.table.fullname

    def read_back(self) -> Select[Any]:
        """Select all rows."""
        return select(*self.copy.columns)

    def insert(self, row: Row) -> dict[str, Value]:
        """Return the parameters that insert a row, with NULL in its deferred columns."""
        deferred = {column.name for column in self.deferred}
        pairs = zip(self.columns, row, strict=True)
        return {key.name: None if key.name in deferred else value for key, value in pairs}

    def deferred_keys(self, row: Row) -> dict[str, Value] | None:
        """Return the parameters of `update_deferred` for a row, or None if all its keys are NULL."""
        values = {key.name: value for key, value in zip(self.columns, row, strict=True)}
        if all(values[column.name] is None for column in self.deferred):
            return None
        keys = {f"key_{column.name}": values[column.name] for column in self.table.primary_key}
        return keys | {f"to_{column.name}": values[column.name] for column in self.deferred}

    def update_deferred(self) -> Update:
        """Return the statement that writes a row's deferred columns."""
        updated = self.copy.update().values(
            {column.name: bindparam(f"to_{column.name}") for column in self.deferred}
        )
        for key in self.table.primary_key:
            updated = updated.where(self.copy.c[key.name] == bindparam(f"key_{key.name}"))
        return updated


class SourceTable(NamedTuple):
    """A table as it is read from a database that may store its values in another form."""

    select: Select[Any]
    select_deferred: Select[Any]  # only rows with a deferred key
    converts: list[Convert]

    def rows(self, rows: Sequence[Row]) -> Iterator[Row]:
        """Convert selected rows to the model's values."""
        for row in rows:
            yield [
                None if value is None else convert(value)
                for convert, value in zip(self.converts, row, strict=True)
            ]


def in_writing_order(metadata: MetaData, types: Types) -> list[TargetTable]:
    """Sort the tables so that rows are inserted after the rows that they refer to.

    Raises:
        CopyError: a foreign key in a circle of tables is NOT NULL, so no table can come first.
    """
    waiting = sorted(metadata.tables.values(), key=lambda table: table.fullname)
    written: set[Table] = set()
    ordered: list[TargetTable] = []
    while waiting:
        found = next((each for each in waiting if not early(each, {*written, each})), None)
        if found is None:
            found = next((each for each in waiting if is_deferrable(each, written)), waiting[0])
        waiting.remove(found)
        ordered.append(target_table(found, early(found, written), types))
        written.add(found)
    return ordered


def early(found: Table, written: set[Table]) -> list[ForeignKeyConstraint]:
    """Return a table's foreign keys to tables that are not written before it."""
    return [
        constraint
        for constraint in found.foreign_key_constraints
        if constraint.referred_table not in written
    ]


def is_deferrable(found: Table, written: set[Table]) -> bool:
    """Return whether each of the table's early foreign keys has a nullable column."""
    return all(map(nullable, early(found, written)))


def nullable(constraint: ForeignKeyConstraint) -> list[Column[Any]]:
    """Return the columns of a foreign key that may be NULL; with one of them NULL it refers to no row."""
    return [column for column in constraint.columns if column.nullable]


def target_table(found: Table, early: list[ForeignKeyConstraint], types: Types) -> TargetTable:
    """Return a table whose foreign keys `early` are written at the end.

    Raises:
        CopyError: all columns of one of them are NOT NULL.
    """
    columns = [column for column in found.columns if column.computed is None]
    names = {column.name: column for constraint in early for column in nullable(constraint)}
    for constraint in early:
        if not nullable(constraint):
            raise CopyError(
                f"{found.fullname}.{constraint.column_keys[0]} is NOT NULL and refers to rows that "
                "may be inserted after its own",
                "Make it nullable by a revision on both databases, copy, and revert that revision.",
            )
    copy = table(
        found.name,
        *(column(key.name, target_type(key.type, types)) for key in columns),
        **({"schema": found.schema} if found.schema else {}),
    )
    return TargetTable(found, columns, list(names.values()), copy)


def read_from(connection: Connection, target: TargetTable, types: Types) -> SourceTable:
    """Return how to read a table, from what its database reports about its columns.

    Raises:
        CopyError: the database lacks a column.
    """
    stored: Mapping[str, TypeEngine[Any]] = {
        found["name"]: found["type"]
        for found in inspect(connection).get_columns(target.table.name, target.table.schema)
    }
    missing = [column.name for column in target.columns if column.name not in stored]
    if missing:
        raise CopyError(
            f"--from has no column {target.name}.{missing[0]}, which the model has",
            "Bring models and revisions together: `manage.py makemigrations --check`.",
        )
    ways = [
        source_type(target_type(key.type, types), stored[key.name], types) for key in target.columns
    ]
    copy = table(
        target.table.name,
        *(column(key.name, way[0]) for key, way in zip(target.columns, ways, strict=True)),
    )
    copy.schema = target.table.schema
    rows = select(*copy.columns)
    holds = [copy.c[key.name].is_not(None) for key in target.deferred]
    return SourceTable(rows, rows.where(or_(*holds) if holds else true()), [way[1] for way in ways])


def unknown_names(connection: Connection, targets: Sequence[TargetTable]) -> list[str]:
    """Return the tables and columns of a database that no model describes, sorted."""
    known = {target.table.name for target in targets} | OF_MIGRATIONS
    inspector = inspect(connection)
    tables = set(inspector.get_table_names()) - known
    columns = {
        f"{target.name}.{found['name']}"
        for target in targets
        for found in inspector.get_columns(target.table.name, target.table.schema)
        if found["name"] not in {column.name for column in target.table.columns}
    }
    return sorted(tables | columns)
