# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Primary keys that are replaced, and foreign keys that get another name."""

from collections.abc import Iterable, Iterator
from copy import copy

from alembic.operations import ops
from sqlalchemy import ForeignKeyConstraint, Inspector, MetaData
from sqlalchemy.engine.interfaces import ReflectedForeignKeyConstraint
from sqlalchemy.schema import conv

from ...management.errors import CommandError
from ...management.primary_keys import ReplaceKey
from ...management.sql_text import final_name

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


def renamed_keys(
    models: MetaData, inspector: Inspector
) -> Iterator[tuple[ForeignKeyConstraint, str, str]]:
    """Yield the foreign keys that differ only in the name, with the old name and the new one."""
    existing = set(inspector.get_table_names())
    for table in [
        each for each in models.sorted_tables if not each.schema and each.name in existing
    ]:
        wanted = {tuple(key.column_keys): key for key in table.foreign_key_constraints}
        for reflected in inspector.get_foreign_keys(table.name):
            key = wanted.get(tuple(reflected["constrained_columns"]))
            if key is not None and key.referred_table.name == reflected["referred_table"]:
                old, new = reflected["name"], final_name(key, inspector.dialect)
                if old is not None and new is not None and old != new:
                    yield key, old, new


def remake(key: ForeignKeyConstraint, old: str, found: ops.UpgradeOps) -> None:
    """Drop a foreign key and create it under its new name, unless the comparison does."""
    if is_dropped(old, found):
        return
    create = ops.CreateForeignKeyOp.from_constraint(key)
    before = copy(create)
    before.constraint_name = conv(old)
    drop = ops.DropConstraintOp.from_constraint(before.to_constraint())
    for group in tables(found.ops):
        if group.table_name == key.table.name:
            group.ops.extend([drop, create])
            return
    found.ops.append(ops.ModifyTableOps(key.table.name, [drop, create]))


def is_dropped(name: str, found: ops.UpgradeOps) -> bool:
    """Whether the comparison itself drops a constraint."""
    return any(
        isinstance(operation, ops.DropConstraintOp) and operation.constraint_name == name
        for group in tables(found.ops)
        for operation in group.ops
    )
