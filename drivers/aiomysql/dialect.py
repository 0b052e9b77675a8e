# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What MySQL and MariaDB need in a revision."""

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from alembic.autogenerate import render_op_text, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from sqlalchemy import (
    BIGINT,
    CheckConstraint,
    Column,
    Enum,
    ForeignKeyConstraint,
    Index,
    Inspector,
    MetaData,
    Table,
    UniqueConstraint,
)
from sqlalchemy.schema import conv
from sqlalchemy.types import TypeEngine

from ...db.types import Duration, Json, ListOf
from ...management.describe import flat
from ...management.sql_text import escaped
from .key_order import foreign_key, released
from .keys import remake, renamed_keys
from .operations import Statement
from .part_names import renaming, take_pairs
from .renames import Compare, Renames

# Everything else in a schema that is not a table or a view.
OTHER_OBJECTS = """
SELECT CONCAT('trigger ', trigger_name) FROM information_schema.triggers
    WHERE trigger_schema = DATABASE()
UNION ALL SELECT CONCAT('routine ', routine_name) FROM information_schema.routines
    WHERE routine_schema = DATABASE()
"""

# Collations that tables and columns get in this project, one for each server.
COLLATIONS = {"utf8mb4_0900_bin", "utf8mb4_nopad_bin"}
SERVERS_OWN = ("_collate", "_charset")  # options of a table that are set when it is created

# The server converts values by itself, and takes no conversion.
USING: str | None = None

# Column types that several types of `core.db.types` share, each with a hint for a conversion.
AMBIGUOUS: dict[type[Any], str] = {BIGINT: "A Duration is stored in microseconds. "}

# Column types whose changes a comparison does not detect, with what changes.
UNDETECTED_TYPES: dict[type[Any], str] = {
    Duration: "the type of Duration",
    Enum: "the values of native enums",
    Json: "JSON to and from Text",
    ListOf: "JSON to and from Text",
}

# Statements that a revision begins with, by a part of its code that needs them.
NEEDED_FIRST: dict[str, str] = {}

# Values of a row with the number numbered.n, by the Python class.
NUMBERED: dict[type[Any], str] = {
    str: "CAST(numbered.n AS CHAR)",
    int: "numbered.n",
    float: "numbered.n",
    Decimal: "numbered.n",
    UUID: "LPAD(HEX(numbered.n), 32, '0')",
    date: "DATE '1970-01-01' + INTERVAL numbered.n DAY",
    datetime: "TIMESTAMP '1970-01-01 00:00:00' + INTERVAL numbered.n SECOND",
}
# Fills a column from the numbers of the rows.
NUMBERED_UPDATE = "UPDATE {table} JOIN {numbered} USING ({key}) SET {table}.{column} = {value}"


def compare_renamed(
    compare: Compare, inspector: Inspector, renames: Renames
) -> tuple[ops.UpgradeOps, list[ops.ModifyTableOps]]:
    """Compare once tables and columns are renamed; also return what to do before that.

    A column that a CHECK names cannot be renamed: the CHECK is dropped first, and created again.
    """
    checks = {
        (table, str(check["name"])): check["sqltext"]
        for table in renames.columns
        for check in inspector.get_check_constraints(renames.old_table(table))
        if renames.new_text(table, check["sqltext"]) != check["sqltext"]
    }
    found = compare(renames, checks)
    first: list[ops.ModifyTableOps] = []
    for group in found.ops:
        if isinstance(group, ops.ModifyTableOps):
            name = group.table_name
            drops = [item for item in group.ops if isinstance(item, ops.DropConstraintOp)]
            early = [item for item in drops if (name, str(item.constraint_name)) in checks]
            group.ops[:] = [item for item in group.ops if item not in early]
            table = Table(name, MetaData())
            before: list[ops.MigrateOperation] = []
            for key in [str(item.constraint_name) for item in early]:
                sql = escaped(checks[name, key])
                check = CheckConstraint(sql, name=conv(key), table=table)
                before.append(ops.DropConstraintOp.from_constraint(check))
            if before:
                first.append(ops.ModifyTableOps(name, before))
    return found, first


def follow(
    found: ops.UpgradeOps, models: MetaData, inspector: Inspector, renames: Renames
) -> list[ops.MigrateOperation]:
    """Rename what is named after renamed tables and columns, in place of a drop and a creation."""
    dialect = inspector.dialect
    names = [
        name for group in found.ops for name in take_pairs(group, dialect, uniques_are_indexes=True)
    ]
    for key, old, _ in renamed_keys(models, inspector):
        remake(key, old, found)
    return [*renaming(names, rename_sql, dialect)]


def rename_sql(kind: str, table: str, old: str, new: str) -> str:
    """Return the statement that renames an index."""
    return f"ALTER TABLE {table} RENAME INDEX {old} TO {new}"


def conversion(
    column: str, kind: str, before: TypeEngine[Any], after: TypeEngine[Any]
) -> str | None:
    """Return the SQL that converts a column's values to another type: the server does it itself."""
    return None


def with_conversion(
    operation: ops.AlterColumnOp, expression: str, quote: Callable[[str], str]
) -> tuple[ops.MigrateOperation, list[Statement]]:
    """Return an altered type: there is no conversion to add."""
    return operation, []


def bytes_literal(value: bytes) -> str:
    """Return bytes as an SQL literal."""
    return f"X'{value.hex()}'"


def type_changes(
    operations: Iterable[ops.MigrateOperation],
    inspector: Inspector,
    models: MetaData,
    renames: Renames,
) -> tuple[Sequence[ops.MigrateOperation], Sequence[ops.MigrateOperation]]:
    """Return operations that drop and create foreign keys, whose columns cannot change the type."""
    return released(operations, inspector, models, renames, lambda before, after: True)


def complete(operation: ops.MigrateOperation, inspector: Inspector) -> None:
    """Adjust an operation to the servers; add further ones to those on an existing table."""
    portable(operation)
    if isinstance(operation, ops.ModifyTableOps):
        index_keys(operation, inspector)


def portable(operation: ops.MigrateOperation) -> None:
    """Remove what only one of the two servers has from reflected types: a revision runs on both.

    Tables have a collation that compares by code point, and a column without one gets it.
    """
    for change in flat(ops.UpgradeOps([operation])):
        match change:
            case ops.AlterColumnOp():
                forget_collation(change.existing_type)
                forget_collation(change.modify_type)
            case ops.AddColumnOp():
                forget_collation(change.column.type)
            case ops.CreateTableOp():
                for key in [key for key in change.kw if key.endswith(SERVERS_OWN)]:
                    del change.kw[key]
                columns: list[Any] = [c for c in change.columns if isinstance(c, Column)]
                for column in columns:
                    forget_collation(column.type)
            case _:
                pass


def forget_collation(kind: Any) -> None:
    """Remove a collation that only one of the servers has."""
    if getattr(kind, "collation", None) in COLLATIONS:
        kind.collation = None


def index_keys(group: ops.ModifyTableOps, inspector: Inspector) -> None:
    """Add operations on the indexes of a table's foreign keys.

    A foreign key needs an index. The server creates one with the key's name if none exists, keeps
    it when the key is dropped, and refuses to drop an index that a key uses.
    """
    table = group.table_name
    gone, made = dropped_indexes(group), created_indexes(group)
    there = {str(index["name"]): index["column_names"] for index in inspector.get_indexes(table)}
    primary: list[str | None] = [*inspector.get_pk_constraint(table)["constrained_columns"]]
    before = [primary] + [
        columns for name, columns in {**there, **gone}.items() if name not in made
    ]
    after = [primary] + [columns for name, columns in there.items() if name not in {*gone, *made}]
    dropped = [key for key in map(dropped_key, group.ops) if key is not None]
    away = {op.column_name for op in group.ops if isinstance(op, ops.DropColumnOp)}
    for key in dropped:
        columns = key.column_keys
        others = [index for index in before if index is not there.get(str(key.name))]
        if not away.issuperset(columns) and not covers(others, columns):
            index = Index(conv(str(key.name)), *(key.table.c[column] for column in columns))
            group.ops.insert(0, DropKeyIndex.from_index(index))  # a new index would replace it
    names = {str(key.name) for key in dropped}
    names |= {str(i.constraint_name) for i in group.ops if isinstance(i, ops.CreateForeignKeyOp)}
    for reflected in inspector.get_foreign_keys(table):
        name, columns = str(reflected["name"]), reflected["constrained_columns"]
        rest = [index for index in after if index is not there.get(name)]
        if name not in names and covers(gone.values(), columns) and not covers(rest, columns):
            constraint = foreign_key(table, reflected, name)
            group.ops.append(ops.DropConstraintOp.from_constraint(constraint))
            group.ops.append(ops.AddConstraintOp.from_constraint(constraint))


class DropKeyIndex(ops.DropIndexOp):
    """The drop of an index that the server made for a foreign key, and other databases do not have."""


@renderers.dispatch_for(DropKeyIndex)
def render_drop_key_index(context: AutogenContext, operation: DropKeyIndex) -> list[str]:
    drop = render_op_text(context, ops.DropIndexOp.from_index(operation.to_index()))
    return ['if op.get_context().dialect.name in ("mysql", "mariadb"):', f"    {drop}"]


def dropped_key(operation: ops.MigrateOperation) -> ForeignKeyConstraint | None:
    """Return the foreign key that an operation drops."""
    if isinstance(operation, ops.DropConstraintOp) and operation.constraint_type == "foreignkey":
        return cast("ForeignKeyConstraint", operation.to_constraint())
    return None


def created_indexes(group: ops.ModifyTableOps) -> set[str]:
    """Return the names of the indexes that a group creates."""
    return {
        str(operation.index_name)
        for operation in group.ops
        if isinstance(operation, ops.CreateIndexOp)
    }


def dropped_indexes(group: ops.ModifyTableOps) -> dict[str, list[str | None]]:
    """Return the columns of the indexes that a group drops, by name."""
    found: dict[str, list[str | None]] = {}
    for operation in group.ops:
        if isinstance(operation, ops.DropIndexOp):
            found[str(operation.index_name)] = list(operation.to_index().columns.keys())
        elif isinstance(operation, ops.DropConstraintOp) and operation.constraint_type == "unique":
            columns = cast("UniqueConstraint", operation.to_constraint()).columns
            found[str(operation.constraint_name)] = list(columns.keys())
    return found


def covers(indexes: Iterable[list[str | None]], columns: Sequence[str]) -> bool:
    """Whether an index begins with these columns."""
    return any(index[: len(columns)] == [*columns] for index in indexes)
