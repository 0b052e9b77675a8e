# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Constraints and indexes are named after their tables and columns: they follow a rename."""

from collections.abc import Iterator
from copy import copy

from alembic.operations import ops
from sqlalchemy import (
    Constraint,
    Dialect,
    ForeignKeyConstraint,
    Index,
    Inspector,
    MetaData,
    Table,
    UniqueConstraint,
)
from sqlalchemy.schema import conv

from ...db.driver.migrations import rename_sql
from ...management.sql_text import final_name
from .operations import Rename
from .renames import Renames

Key = tuple[object, ...]


def follow(
    found: ops.UpgradeOps, models: MetaData, inspector: Inspector, renames: Renames
) -> list[ops.MigrateOperation]:
    """Give what belongs to a renamed thing its new name.

    What the database can rename is taken out of `found`, where it would be dropped and made anew.

    Args:
        found: what else has changed; foreign keys that have to be made anew are added to it.
        models: the tables as they should be.
        inspector: of the database, under the new names.
        renames: what goes by another name.

    Returns:
        What renames.
    """
    dialect = inspector.dialect
    result: list[ops.MigrateOperation] = []
    for group in found.ops:
        if isinstance(group, ops.ModifyTableOps):
            result.extend(take_pairs(group, dialect))
    existing = set(inspector.get_table_names())
    for table in models.sorted_tables:
        if table.name in existing:
            result.extend(primary_key(table, found, inspector))
            result.extend(foreign_keys(table, found, inspector))
    for old, new in renames.tables.items():
        if new in models.tables:
            result.extend(counters(old, models.tables[new], dialect))
    return result


def take_pairs(group: ops.ModifyTableOps, dialect: Dialect) -> Iterator[Rename]:
    """Take out the drops and creations that differ in nothing but the name."""
    dropped = {shape(operation): operation for operation in group.ops if is_drop(operation)}
    for made in [operation for operation in group.ops if is_creation(operation)]:
        gone = dropped.get(shape(made))
        if gone is None:
            continue
        rename = named(group.table_name, kind(made), name(gone), name(made), dialect)
        if rename is not None:
            group.ops.remove(gone)
            group.ops.remove(made)
            yield rename


def is_drop(operation: ops.MigrateOperation) -> bool:
    return isinstance(operation, ops.DropIndexOp) or (
        isinstance(operation, ops.DropConstraintOp)
        and isinstance(operation.to_constraint(), UniqueConstraint)
    )


def is_creation(operation: ops.MigrateOperation) -> bool:
    return isinstance(operation, ops.CreateIndexOp | ops.CreateUniqueConstraintOp)


def item(operation: ops.MigrateOperation) -> Index | Constraint:
    """The index or constraint that an operation makes or drops."""
    if isinstance(operation, ops.CreateIndexOp | ops.DropIndexOp):
        return operation.to_index()
    if isinstance(operation, ops.AddConstraintOp | ops.DropConstraintOp):
        return operation.to_constraint()
    raise TypeError(f"{operation!r} is about no index and no constraint")


def name(operation: ops.MigrateOperation) -> str:
    return str(item(operation).name)


def kind(operation: ops.MigrateOperation) -> str:
    return "index" if isinstance(item(operation), Index) else "unique"


def shape(operation: ops.MigrateOperation) -> Key:
    """What an index or unique constraint is, but for its name."""
    found = item(operation)
    if isinstance(found, Index):
        expressions = tuple(str(getattr(part, "name", part)) for part in found.expressions)
        return ("index", bool(found.unique), expressions)
    if isinstance(found, UniqueConstraint):
        return ("unique", tuple(column.name for column in found.columns))
    return ("other", id(found))


def named(table: str, kind: str, old: str, new: str, dialect: Dialect) -> Rename | None:
    """The operation that renames, on a database that can."""
    quote = dialect.identifier_preparer.quote
    sql = rename_sql(kind, quote(table), quote(old), quote(new))
    back = rename_sql(kind, quote(table), quote(new), quote(old))
    return Rename(sql, back) if sql is not None and back is not None else None


def primary_key(
    table: Table, found: ops.UpgradeOps, inspector: Inspector
) -> Iterator[ops.MigrateOperation]:
    """A primary key whose name is no longer that of its table."""
    reflected = inspector.get_pk_constraint(table.name)
    old, new = reflected["name"], final_name(table.primary_key, inspector.dialect)
    if old is None or new is None or old == new:
        return
    rename = named(table.name, "primary", old, new, inspector.dialect)
    if rename is not None:
        yield rename


def foreign_keys(
    table: Table, found: ops.UpgradeOps, inspector: Inspector
) -> Iterator[ops.MigrateOperation]:
    """Foreign keys that differ in nothing but the name."""
    wanted = {
        tuple(key.column_keys): key
        for key in table.constraints
        if isinstance(key, ForeignKeyConstraint)
    }
    for reflected in inspector.get_foreign_keys(table.name):
        key = wanted.get(tuple(reflected["constrained_columns"]))
        old = reflected["name"]
        new = None if key is None else final_name(key, inspector.dialect)
        if key is None or old is None or new is None or old == new:
            continue
        if key.elements[0].column.table.name != reflected["referred_table"]:
            continue
        rename = named(table.name, "foreignkey", old, new, inspector.dialect)
        if rename is not None:
            yield rename
        else:
            remake(key, old, table, found)


def remake(key: ForeignKeyConstraint, old: str, table: Table, found: ops.UpgradeOps) -> None:
    """Drop a foreign key and make it under its new name."""
    if any(is_remade(old, group) for group in found.ops):
        return
    create = ops.CreateForeignKeyOp.from_constraint(key)
    before = copy(create)
    before.constraint_name = conv(old)
    drop = ops.DropConstraintOp.from_constraint(before.to_constraint())
    for group in found.ops:
        if isinstance(group, ops.ModifyTableOps) and group.table_name == table.name:
            group.ops.extend([drop, create])
            return
    found.ops.append(ops.ModifyTableOps(table.name, [drop, create]))


def is_remade(name: str, group: ops.MigrateOperation) -> bool:
    """Whether the comparison itself drops a foreign key."""
    return isinstance(group, ops.ModifyTableOps) and any(
        isinstance(operation, ops.DropConstraintOp) and operation.constraint_name == name
        for operation in group.ops
    )


def counters(old: str, table: Table, dialect: Dialect) -> Iterator[Rename]:
    """The sequence behind a counted key, where it has a name."""
    column = table.autoincrement_column
    if column is not None:
        rename = named(
            table.name,
            "sequence",
            f"{old}_{column.name}_seq",
            f"{table.name}_{column.name}_seq",
            dialect,
        )
        if rename is not None:
            yield rename
