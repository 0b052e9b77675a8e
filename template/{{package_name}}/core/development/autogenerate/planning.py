# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Plans a revision: its operations, up and down, with every question answered."""

from collections.abc import Container, Iterable, Iterator, Mapping
from typing import NamedTuple

from alembic.operations import ops
from sqlalchemy import (
    CheckConstraint,
    Connection,
    ForeignKeyConstraint,
    Inspector,
    MetaData,
    Table,
    inspect,
)
from sqlalchemy.schema import conv

from ...management.computed import ReplaceComputed
from ...management.migrations import Migrations
from ...management.primary_keys import ReplaceKey
from ...management.sql_text import unformatted
from . import filling, keys
from .answers import Answers
from .conversions import converted
from .dialect import CHECKS_FOLLOW_RENAMES, KEYS_NEED_TABLES, complete, type_changes
from .names import follow
from .operations import RenameTable, rename_column
from .questions import find_renames
from .renames import PLUGIN, Renames, in_order, renamed


class RevisionOperations(NamedTuple):
    """The operations of a revision."""

    upgrade: ops.UpgradeOps
    downgrade: ops.DowngradeOps


def plan(
    migrations: Migrations, connection: Connection, models: MetaData, answers: Answers
) -> RevisionOperations:
    """Return the operations that make the database equal the models."""

    def compare(renames: Renames, pinned: Container[tuple[str, str]] = ()) -> ops.UpgradeOps:
        return migrations.drift(plugins=[PLUGIN], renames=renames, pinned_checks=pinned)

    renames = find_renames(compare, answers, inspect(connection), models)
    pinned = pinned_checks(connection, renames)
    found = compare(renames, pinned)
    inspector = renamed(inspect(connection), renames)
    before = raw(found, models, connection, renames, pinned) if renames else []
    names = keys.final_names(models, inspector) if renames else {}
    keys.require_replaceable(found.ops, inspector)
    operations = [*before, *keys.released(found.ops, inspector, names)]
    operations = keys_last(drops_last(operations, inspect(connection)))
    first, last = type_changes(operations, inspector)
    operations = [*first, *operations, *last]
    existing = set(inspector.get_table_names()) - dropped(operations)
    back = keys_last(operation.reverse() for operation in reversed(operations))
    operations = [*cyclic_keys(operations, inspect(connection)), *operations]
    dialect = unformatted(connection.dialect)
    operations, back = needed(operations), needed(back)
    for operation in [*operations, *back]:
        if not isinstance(operation, ops.ModifyTableOps) or operation.table_name in existing:
            complete(operation, inspector)
        if isinstance(operation, ops.ModifyTableOps):
            operation.ops.sort(key=turn)
    up = filling.filled(operations, filling.from_answers(answers, models, dialect), dialect)
    up = converted(up, answers, dialect)
    answers.require_used()
    answers.require_all()
    down = filling.filled(back, filling.neutral(models, dialect), dialect)
    down = converted(down, None, dialect)
    return RevisionOperations(ops.UpgradeOps(up), ops.DowngradeOps(down))


def dropped(operations: Iterable[ops.MigrateOperation]) -> set[str]:
    """Return the names of dropped tables."""
    return {
        operation.table_name for operation in operations if isinstance(operation, ops.DropTableOp)
    }


def drops_last(
    operations: Iterable[ops.MigrateOperation], inspector: Inspector
) -> list[ops.MigrateOperation]:
    """Move dropped tables to the end, each before the tables that it refers to."""
    operations = list(operations)
    drops = [operation for operation in operations if isinstance(operation, ops.DropTableOp)]
    others = [operation for operation in operations if not isinstance(operation, ops.DropTableOp)]
    tables = [
        (schema, name)
        for schema in {operation.schema for operation in drops}
        for name, _ in inspector.get_sorted_table_and_fkc_names(schema)
    ]
    drops.sort(key=lambda drop: tables.index((drop.schema, drop.table_name)), reverse=True)
    return [*others, *drops]


def cyclic_keys(
    operations: Iterable[ops.MigrateOperation], inspector: Inspector
) -> Iterator[ops.ModifyTableOps]:
    """Drop the foreign keys of dropped tables that refer to each other."""
    *_, (_, keys) = inspector.get_sorted_table_and_fkc_names()
    for operation in operations if KEYS_NEED_TABLES else ():
        if isinstance(operation, ops.DropTableOp):
            for key in operation.to_table().foreign_key_constraints:
                if (operation.table_name, key.name) in keys:
                    drop = ops.DropConstraintOp.from_constraint(key)
                    yield ops.ModifyTableOps(operation.table_name, [drop])


def keys_last(operations: Iterable[ops.MigrateOperation]) -> list[ops.MigrateOperation]:
    """Move foreign keys to tables that are created later to the end, where they need their tables."""
    result = list(operations)
    if not KEYS_NEED_TABLES:
        return result
    waiting = {made.table_name for made in result if isinstance(made, ops.CreateTableOp)}
    for made in [made for made in result if isinstance(made, ops.CreateTableOp)]:
        waiting.discard(made.table_name)
        later = [
            key
            for key in made.columns
            if isinstance(key, ForeignKeyConstraint)
            and (key.use_alter or key.referred_table.name in waiting)
        ]
        if later:
            kept = [item for item in made.columns if all(item is not key for key in later)]
            made.columns = kept  # compared by identity, since == of columns makes SQL
            added = [ops.AddConstraintOp.from_constraint(key) for key in later]
            result.append(ops.ModifyTableOps(made.table_name, added))
    return result


def needed(operations: Iterable[ops.MigrateOperation]) -> list[ops.MigrateOperation]:
    """Remove operations on tables that are dropped anyway."""
    operations = list(operations)
    gone = dropped(operations)
    result: list[ops.MigrateOperation] = []
    for operation in operations:
        if isinstance(operation, ops.ModifyTableOps) and operation.table_name in gone:
            # A foreign key prevents the drop of the table that it refers to.
            foreign = [item for item in operation.ops if turn(item) == 0]
            if foreign:
                result.append(ops.ModifyTableOps(operation.table_name, foreign))
        else:
            result.append(operation)
    return result


def turn(operation: ops.MigrateOperation) -> int:
    """Return the sort key of an operation: foreign keys are dropped first and created last.

    Computed columns are added after those that they read, and dropped before them.
    """
    match operation:
        case ops.DropConstraintOp(constraint_type="foreignkey"):
            return 0
        case ReplaceComputed(added=False):
            return 0
        case ops.AddColumnOp(column=column) if column.computed is None:
            return 1
        case ReplaceKey() | ReplaceComputed():
            return 3
        case ops.DropColumnOp() if operation.to_column().computed is not None:
            return 3
        case ops.DropColumnOp() | ops.AlterColumnOp(modify_nullable=True):
            return 4  # a column of the old key
        case ops.CreateForeignKeyOp():
            return 5
        case _:
            return 2


def raw(
    found: ops.UpgradeOps,
    models: MetaData,
    connection: Connection,
    renames: Renames,
    pinned: Mapping[tuple[str, str], str],
) -> list[ops.MigrateOperation]:
    """Return the operations that rename, in order. They are removed from `found`."""
    names = follow(found, models, renamed(inspect(connection), renames), renames)
    quote = unformatted(connection.dialect).identifier_preparer.quote
    columns = [
        rename_column(table, old, new, quote)
        for table, pairs in renames.columns.items()
        for _, old, new in in_order(pairs)
    ]
    tables = [RenameTable(old, new) for _, old, new in in_order(renames.tables)]
    return [*tables, *unpinned(found, pinned), *columns, *names]


def pinned_checks(connection: Connection, renames: Renames) -> dict[tuple[str, str], str]:
    """Return the CHECKs, by table and name, that prevent the rename of a column they use."""
    if CHECKS_FOLLOW_RENAMES or not renames.columns:
        return {}
    inspector = inspect(connection)
    return {
        (table, str(check["name"])): check["sqltext"]
        for table in renames.columns
        for check in inspector.get_check_constraints(renames.old_table(table))
        if renames.new_text(table, check["sqltext"]) != check["sqltext"]
    }


def unpinned(
    found: ops.UpgradeOps, pinned: Mapping[tuple[str, str], str]
) -> Iterator[ops.ModifyTableOps]:
    """Move the drops of these CHECKs before the renames."""
    for group in found.ops:
        if not isinstance(group, ops.ModifyTableOps):
            continue
        table = group.table_name
        drops: list[ops.MigrateOperation] = []
        for operation in list(group.ops):
            if isinstance(operation, ops.DropConstraintOp):
                name = str(operation.constraint_name)
                if (table, name) in pinned:
                    group.ops.remove(operation)
                    words = pinned[table, name]
                    check = CheckConstraint(words, name=conv(name), table=Table(table, MetaData()))
                    drops.append(ops.DropConstraintOp.from_constraint(check))
        if drops:
            yield ops.ModifyTableOps(table, drops)
