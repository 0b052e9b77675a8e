# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Creates foreign keys after their tables, and drops them while their columns change the type."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import Any

from alembic.operations import ops
from sqlalchemy import ForeignKeyConstraint, Inspector, MetaData
from sqlalchemy.engine.interfaces import ReflectedForeignKeyConstraint
from sqlalchemy.schema import conv

from ...management.sql_text import final_name
from .keys import remaining_keys, tables
from .renames import Renames

CHANGES_OF_KEYS = (ops.AddConstraintOp, ops.DropConstraintOp)
DROPS = (ops.DropConstraintOp, ops.DropIndexOp, ops.DropColumnOp)


def cyclic_keys(
    operations: Iterable[ops.MigrateOperation], inspector: Inspector
) -> Iterator[ops.ModifyTableOps]:
    """Drop the foreign keys of dropped tables that refer to each other."""
    drops = [operation for operation in operations if isinstance(operation, ops.DropTableOp)]
    schemas = list({operation.schema for operation in drops})
    *_, (_, keys) = inspector.sort_tables_on_foreign_key_dependency(schemas)
    for operation in drops:
        for key in operation.to_table().foreign_key_constraints:
            if ((operation.schema, operation.table_name), key.name) in keys:
                drop = ops.DropConstraintOp.from_constraint(key)
                yield ops.ModifyTableOps(operation.table_name, [drop], schema=operation.schema)


def tables_in_order(operations: Iterable[ops.MigrateOperation]) -> list[ops.MigrateOperation]:
    """Order tables: a foreign key is dropped before, and created after, the key that it refers to."""
    result = list(operations)
    groups = {(group.schema, group.table_name): group for group in tables(result)}
    order = TopologicalSorter[Any](dict.fromkeys(groups, ()))
    for place, group in groups.items():
        for change in group.ops:
            key = change.to_constraint() if isinstance(change, CHANGES_OF_KEYS) else None
            if not isinstance(key, ForeignKeyConstraint) or key.referred_table is key.table:
                continue
            other = (key.referred_table.schema, key.referred_table.name)
            drops = (
                [isinstance(item, DROPS) for item in groups[other].ops] if other in groups else []
            )
            if isinstance(change, ops.DropConstraintOp) and any(drops):
                order.add(other, place)
            elif isinstance(change, ops.AddConstraintOp) and not all(drops):
                order.add(place, other)
    with suppress(CycleError):
        ordered = iter([groups[place] for place in order.static_order()])
        return [next(ordered) if isinstance(item, ops.ModifyTableOps) else item for item in result]
    return result


def keys_last(operations: Iterable[ops.MigrateOperation]) -> list[ops.MigrateOperation]:
    """Move foreign keys to tables that are created later to the end, where they need their tables."""
    result = list(operations)
    waiting = {
        (made.schema, made.table_name) for made in result if isinstance(made, ops.CreateTableOp)
    }
    for made in [made for made in result if isinstance(made, ops.CreateTableOp)]:
        waiting.discard((made.schema, made.table_name))
        later = [
            key
            for key in made.columns
            if isinstance(key, ForeignKeyConstraint)
            and (key.use_alter or (key.referred_table.schema, key.referred_table.name) in waiting)
        ]
        if later:
            kept = [item for item in made.columns if all(item is not key for key in later)]
            made.columns = kept  # compared by identity, since == of columns makes SQL
            added = [ops.AddConstraintOp.from_constraint(key) for key in later]
            result.append(ops.ModifyTableOps(made.table_name, added, schema=made.schema))
    return result


def released(
    operations: Iterable[ops.MigrateOperation],
    inspector: Inspector,
    models: MetaData,
    renames: Renames,
    needs_release: Callable[[Any, Any], bool],
) -> tuple[list[ops.ModifyTableOps], list[ops.ModifyTableOps]]:
    """Return operations that drop foreign keys of columns that change the type, and create them.

    `needs_release` says whether the database refuses the new type while a foreign key exists.
    """
    operations = list(operations)
    changed = {
        (change.table_name, change.column_name)
        for group in tables(operations)
        for change in group.ops
        if isinstance(change, ops.AlterColumnOp)
        and change.existing_type is not None
        and change.modify_type is not None
        and needs_release(change.existing_type, change.modify_type)
    }
    names = {
        (table.name, *key.column_keys): final_name(key, inspector.dialect)
        for table in (models.tables.values() if renames else ())
        for key in table.foreign_key_constraints
    }
    first: list[ops.ModifyTableOps] = []
    last: list[ops.ModifyTableOps] = []
    for table, key in remaining_keys(operations, inspector) if changed else ():
        columns = {(table, name) for name in key["constrained_columns"]}
        columns |= {(key["referred_table"], name) for name in key["referred_columns"]}
        if changed & columns:
            name = names.get((table, *key["constrained_columns"])) or str(key["name"])
            constraint = foreign_key(table, key, name)
            drop = ops.DropConstraintOp.from_constraint(constraint)
            create = ops.AddConstraintOp.from_constraint(constraint)
            first.append(ops.ModifyTableOps(table, [drop]))
            last.append(ops.ModifyTableOps(table, [create]))
    return first, last


def foreign_key(table: str, key: ReflectedForeignKeyConstraint, name: str) -> ForeignKeyConstraint:
    """Return a reflected foreign key as a constraint with this name."""
    return ops.CreateForeignKeyOp(
        conv(name),
        table,
        key["referred_table"],
        key["constrained_columns"],
        key["referred_columns"],
        **key.get("options", {}),
    ).to_constraint()
