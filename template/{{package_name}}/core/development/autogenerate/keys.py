# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Primary keys that are replaced, and foreign keys of columns that change their type."""

from collections.abc import Iterable, Iterator, Mapping

from alembic.operations import ops
from sqlalchemy import ForeignKeyConstraint, Inspector, MetaData
from sqlalchemy.engine.interfaces import ReflectedForeignKeyConstraint

from ...management.errors import CommandError
from ...management.primary_keys import ReplaceKey
from ...management.sql_text import final_name
from .conversions import family
from .dialect import KEYS_FIX_TYPES
from .operations import foreign_key

BY_HAND = "`manage.py makemigrations --empty`"


def require_replaceable(operations: Iterable[ops.MigrateOperation], inspector: Inspector) -> None:
    """Refuse to replace a primary key that the database generates, or that others refer to."""
    operations = list(operations)
    for operation in (item for group in tables(operations) for item in group.ops):
        if not isinstance(operation, ReplaceKey):
            continue
        table, old, new = operation.table_name, operation.old, operation.new
        problem = f"the primary key of {table} changes from {old} to {new}"
        for key in (old, new):
            if key.generated:
                raise CommandError(
                    f"{problem}, and the database generates the values of {key}",
                    f"Write the revision by hand ({BY_HAND}): add and fill the columns of the new key, drop the "
                    "old constraint, create the new one, then drop the old columns. If the service assigns the "
                    f"values of {new}, use autoincrement=False.",
                )
        for name, reflected in remaining_keys(operations, inspector):
            referred = reflected["referred_table"] == table
            if referred and set(reflected["referred_columns"]) & set(old.columns):
                columns = ", ".join(reflected["constrained_columns"])
                raise CommandError(
                    f"{problem}, and {name}.{columns} refers to {old}",
                    f"Add a column that refers to {new}, fill it and drop {name}.{columns} in an earlier revision; "
                    f"or write the revision by hand ({BY_HAND}).",
                )


def tables(operations: Iterable[ops.MigrateOperation]) -> Iterator[ops.ModifyTableOps]:
    """Yield the groups of operations on one table."""
    return (group for group in operations if isinstance(group, ops.ModifyTableOps))


def remaining_keys(
    operations: Iterable[ops.MigrateOperation], inspector: Inspector
) -> Iterator[tuple[str, ReflectedForeignKeyConstraint]]:
    """Yield the existing foreign keys that no operation drops, each with its table's name."""
    operations = list(operations)
    gone = {
        (operation.table_name, str(operation.constraint_name))
        for group in tables(operations)
        for operation in group.ops
        if isinstance(operation, ops.DropConstraintOp)
    }
    dropped = {made.table_name for made in operations if isinstance(made, ops.DropTableOp)}
    for table in inspector.get_table_names():
        for key in inspector.get_foreign_keys(table):
            if table not in dropped and (table, str(key["name"])) not in gone:
                yield table, key


def released(
    operations: Iterable[ops.MigrateOperation],
    inspector: Inspector,
    names: Mapping[tuple[str, tuple[str, ...]], str],
) -> list[ops.MigrateOperation]:
    """Return operations, with foreign keys dropped while their columns change the type."""
    operations = list(operations)
    changed = {
        (operation.table_name, operation.column_name)
        for group in tables(operations)
        for operation in group.ops
        if isinstance(operation, ops.AlterColumnOp) and needs_release(operation)
    }
    first: list[ops.MigrateOperation] = []
    last: list[ops.MigrateOperation] = []
    for table, key in remaining_keys(operations, inspector) if changed else ():
        columns = {(table, name) for name in key["constrained_columns"]}
        columns |= {(key["referred_table"], name) for name in key["referred_columns"]}
        if changed & columns:
            name = names.get((table, tuple(key["constrained_columns"])), str(key["name"]))
            constraint = foreign_key(table, key, name)
            first.append(
                ops.ModifyTableOps(table, [ops.DropConstraintOp.from_constraint(constraint)])
            )
            last.append(
                ops.ModifyTableOps(table, [ops.AddConstraintOp.from_constraint(constraint)])
            )
    return [*first, *operations, *last]


def needs_release(operation: ops.AlterColumnOp) -> bool:
    """Whether the database refuses the new type while a foreign key uses the column."""
    before, after = operation.existing_type, operation.modify_type
    if before is None or after is None or KEYS_FIX_TYPES is None:
        return False
    return KEYS_FIX_TYPES or family(before) != family(after)


def final_names(models: MetaData, inspector: Inspector) -> dict[tuple[str, tuple[str, ...]], str]:
    """Return the names of the models' foreign keys, by table and columns."""
    found = {
        (table.name, tuple(key.column_keys)): final_name(key, inspector.dialect)
        for table in models.tables.values()
        for key in table.constraints
        if isinstance(key, ForeignKeyConstraint)
    }
    return {place: name for place, name in found.items() if name is not None}
