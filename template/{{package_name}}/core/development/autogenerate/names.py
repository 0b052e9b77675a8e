# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Renames constraints and indexes, which are named after their tables and columns."""

from collections.abc import Iterator
from copy import copy
from typing import NamedTuple

from alembic.operations import ops
from sqlalchemy import (
    ClauseElement,
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

from ...management.describe import flat
from ...management.primary_keys import ReplaceKey
from ...management.sql_text import final_name
from .dialect import UNIQUES_ARE_INDEXES, rename_sql
from .operations import Statement
from .renames import Renames, in_order


def follow(
    found: ops.UpgradeOps, models: MetaData, inspector: Inspector, renames: Renames
) -> list[ops.MigrateOperation]:
    """Rename the constraints, indexes and sequences of renamed tables and columns.

    What the database can rename is removed from `found`, which would drop and create it; foreign
    keys that cannot be renamed are added. Returned are the operations that rename.
    """
    dialect = inspector.dialect
    result: list[Name] = []
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
            result.extend(counters(old, models.tables[new]))
    taken = {item.old for item in result}
    steps = [named(item, dialect) for item in result if item.new not in taken]
    names = {item.old: item for item in result if item.new in taken}
    steps += [
        named(names[old]._replace(old=before, new=after), dialect)
        for old, before, after in in_order({item.old: item.new for item in names.values()})
    ]
    return [step for step in steps if step is not None]


class Name(NamedTuple):
    """A constraint, an index or a sequence that gets another name."""

    table: str
    kind: str
    old: str
    new: str


def take_pairs(group: ops.ModifyTableOps, dialect: Dialect) -> Iterator[Name]:
    """Replace pairs of a drop and a creation that differ only in the name."""
    drops = keys_of(group, (ops.DropIndexOp, ops.DropConstraintOp))
    dropped = {shape(key): (operation, key) for operation, key in drops}
    pairs: dict[Name, tuple[ops.MigrateOperation, ops.MigrateOperation]] = {}
    for made, key in keys_of(group, (ops.CreateIndexOp, ops.CreateUniqueConstraintOp)):
        gone, old = dropped.get(shape(key), (made, key))
        kind = "index" if isinstance(key, Index) else "unique"
        before, after = (str(final_name(item, dialect)) for item in (old, key))
        rename = Name(group.table_name, kind, before, after)
        if rename.old != rename.new and named(rename, dialect) is not None:
            pairs[rename] = (gone, made)
    names = {str(final_name(key, dialect)) for _, key in drops}
    while taken := [
        rename for rename in pairs if rename.new in names - {pair.old for pair in pairs}
    ]:
        del pairs[taken[0]]  # dropped later than the renames
    for rename, operations in pairs.items():
        for operation in operations:
            group.ops.remove(operation)
        yield rename


def keys_of(
    group: ops.ModifyTableOps, kinds: tuple[type[ops.MigrateOperation], ...]
) -> list[tuple[ops.MigrateOperation, Index | UniqueConstraint]]:
    """Return the operations of some kinds on indexes and unique constraints, and each of these."""
    found: list[tuple[ops.MigrateOperation, Index | Constraint]] = []
    for operation in group.ops:
        if isinstance(operation, kinds):
            if isinstance(operation, ops.CreateIndexOp | ops.DropIndexOp):
                found.append((operation, operation.to_index()))
            elif isinstance(operation, ops.AddConstraintOp | ops.DropConstraintOp):
                found.append((operation, operation.to_constraint()))
    return [(made, key) for made, key in found if isinstance(key, Index | UniqueConstraint)]


def shape(key: Index | UniqueConstraint) -> tuple[object, ...]:
    """Return what identifies an index or a unique constraint, except its name."""
    if isinstance(key, UniqueConstraint):
        return ("unique", tuple(column.name for column in key.columns), ())
    expressions = tuple(str(getattr(part, "name", part)) for part in key.expressions)
    kind = "unique" if key.unique and UNIQUES_ARE_INDEXES else f"index {bool(key.unique)}"
    return (kind, expressions, tuple(options_of(key)))


def options_of(index: Index) -> Iterator[tuple[str, str]]:
    """Yield an index's options, conditions and names as text."""
    for key, value in sorted(index.dialect_kwargs.items()):
        if isinstance(value, ClauseElement) or value:
            yield key, str(value)


def named(name: Name, dialect: Dialect) -> Statement | None:
    """Return the operation that renames; None if the database cannot rename it."""
    quote = dialect.identifier_preparer.quote
    table, old, new = quote(name.table), quote(name.old), quote(name.new)
    sql = rename_sql(name.kind, table, old, new)
    back = rename_sql(name.kind, table, new, old)
    return Statement(sql, back) if sql is not None and back is not None else None


def primary_key(table: Table, found: ops.UpgradeOps, inspector: Inspector) -> Iterator[Name]:
    """Rename a primary key that is named after the old table."""
    if any(
        isinstance(operation, ReplaceKey) and operation.table_name == table.name
        for operation in flat(found)
    ):
        return
    reflected = inspector.get_pk_constraint(table.name)
    old, new = reflected["name"], final_name(table.primary_key, inspector.dialect)
    if old is None or new is None or old == new:
        return
    yield Name(table.name, "primary", old, new)


def foreign_keys(table: Table, found: ops.UpgradeOps, inspector: Inspector) -> Iterator[Name]:
    """Rename foreign keys that differ only in the name, or add their replacement to `found`."""
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
        rename = Name(table.name, "foreignkey", old, new)
        if named(rename, inspector.dialect) is None or any(
            is_remade(new, group) for group in found.ops
        ):
            remake(key, old, table, found)
        else:
            yield rename


def remake(key: ForeignKeyConstraint, old: str, table: Table, found: ops.UpgradeOps) -> None:
    """Drop a foreign key and create it under its new name."""
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


def counters(old: str, table: Table) -> Iterator[Name]:
    """Rename the sequence of an auto-incremented key."""
    column = table.autoincrement_column
    if column is not None:
        names = (f"{name}_{column.name}_seq" for name in (old, table.name))
        yield Name(table.name, "sequence", *names)
