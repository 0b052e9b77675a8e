# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Plans a revision: its operations, up and down, with every question answered."""

from collections.abc import Container, Iterable
from typing import NamedTuple

from alembic.operations import ops
from sqlalchemy import Connection, Inspector, MetaData, inspect

from ...management.computed import ReplaceComputed
from ...management.migrations import Migrations
from ...management.primary_keys import ReplaceKey
from ...management.sql_text import unformatted
from . import filling
from .answers import Answers
from .conversions import converted
from .dialect import compare_renamed, complete, cyclic_keys, follow, keys_last, type_changes
from .keys import require_replaceable
from .operations import RenameTable, rename_column
from .questions import find_renames
from .renames import PLUGIN, Renames, in_order, renamed


class RevisionOperations(NamedTuple):
    upgrade: ops.UpgradeOps
    downgrade: ops.DowngradeOps


def plan(
    migrations: Migrations, connection: Connection, models: MetaData, answers: Answers
) -> RevisionOperations:
    """Return the operations that make the database equal the models."""

    def compare(renames: Renames, pinned: Container[tuple[str, str]] = ()) -> ops.UpgradeOps:
        return migrations.drift(plugins=[PLUGIN], renames=renames, pinned_checks=pinned)

    renames = find_renames(compare, answers, inspect(connection), models)
    found, checks = compare_renamed(compare, inspect(connection), renames)
    inspector = renamed(inspect(connection), renames)
    before = renaming(found, models, inspector, renames, checks) if renames else []
    require_replaceable(found.ops, inspector)
    first, last = type_changes(found.ops, inspector, models, renames)
    operations = keys_last(drops_last([*before, *first, *found.ops], inspect(connection)))
    operations = [*operations, *last]
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


def renaming(
    found: ops.UpgradeOps,
    models: MetaData,
    inspector: Inspector,
    renames: Renames,
    checks: Iterable[ops.MigrateOperation],
) -> list[ops.MigrateOperation]:
    """Return the operations that rename, in order. What they replace is removed from `found`.

    `checks` drop what prevents the rename of a column.
    """
    names = follow(found, models, inspector, renames)
    quote = unformatted(inspector.dialect).identifier_preparer.quote
    columns = [
        rename_column(table, old, new, quote)
        for table, pairs in renames.columns.items()
        for _, old, new in in_order(pairs)
    ]
    tables = [RenameTable(old, new) for _, old, new in in_order(renames.tables)]
    return [*tables, *checks, *columns, *names]
