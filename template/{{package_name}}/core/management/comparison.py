# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Compares the models with the database more closely than Alembic does by itself.

Only commands that compare import it: `makemigrations`, `check`, and `migrate --fake`.
"""

from collections.abc import Collection
from graphlib import CycleError, TopologicalSorter
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.plugins import Plugin
from alembic.util import DispatchPriority, PriorityDispatchResult
from sqlalchemy import Column, Enum, Table, TextClause

from ..db.driver.migrations import OWN_TABLES
from . import check_constraints, computed, indexes, primary_keys, server_defaults
from .inspection import whole
from .sql_text import escaped

TABLES = "core.tables"
PLUGINS = (TABLES, server_defaults.PLUGIN)


def separate(
    context: AutogenContext, found: ops.UpgradeOps, schemas: set[str | None]
) -> PriorityDispatchResult:
    """Have foreign keys of tables that refer to each other created after the tables."""
    mark_cycles(context.table_key_to_table.values())
    return PriorityDispatchResult.CONTINUE


def complete(
    context: AutogenContext, found: ops.UpgradeOps, schemas: set[str | None]
) -> PriorityDispatchResult:
    """Have a comparison see what SQLAlchemy does not read."""
    context.inspector = whole(context.inspector)
    return PriorityDispatchResult.CONTINUE


def keep_own_tables(
    context: AutogenContext, found: ops.UpgradeOps, schemas: set[str | None]
) -> PriorityDispatchResult:
    """Keep the tables of `migrate` itself, which no model describes."""
    found.ops[:] = [
        operation
        for operation in found.ops
        if not (isinstance(operation, ops.DropTableOp) and operation.table_name in OWN_TABLES)
    ]
    return PriorityDispatchResult.CONTINUE


def mark_cycles(tables: Collection[Table]) -> None:
    """Set `use_alter` for the foreign keys of tables that refer to each other.

    Otherwise, SQLAlchemy warns when it sorts the tables.
    """
    while True:
        keys = [key for table in tables for key in table.foreign_key_constraints]
        graph: dict[Table, set[Table]] = {table: set() for table in tables}
        for key in keys:
            if not key.use_alter and key.referred_table is not key.table:
                graph[key.table].add(key.referred_table)
        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            cycle: list[Table] = error.args[1]
            for key in keys:
                key.use_alter |= key.table in cycle and key.referred_table in cycle
        else:
            return


def compare(
    context: AutogenContext,
    found: ops.ModifyTableOps,
    schema: str | None,
    name: str,
    existing: Table | None,
    model: Table | None,
) -> PriorityDispatchResult:
    """Compare a table that exists in the database and in the models."""
    connection = context.connection
    if existing is not None and model is not None and connection is not None:
        check_constraints.compare(context, connection, found, existing, model)
        computed.compare(connection, found, existing, model)
        indexes.compare(context.inspector, connection, found, existing, model)
        primary_keys.compare(connection.dialect, found, existing, model)
    return PriorityDispatchResult.CONTINUE


def leave_native_enum(
    context: AutogenContext,
    found: ops.AlterColumnOp,
    schema: str | None,
    table: str,
    name: str,
    existing: Column[Any],
    model: Column[Any],
) -> PriorityDispatchResult:
    """Find a native enum that becomes text: Alembic compares nothing but the values."""
    old, new = existing.type, model.type
    if isinstance(old, Enum) and isinstance(new, Enum) and not new.native_enum:
        found.modify_type = new
    return PriorityDispatchResult.CONTINUE


def escape_colons(
    context: AutogenContext,
    found: ops.ModifyTableOps,
    schema: str | None,
    name: str,
    existing: Table | None,
    model: Table | None,
) -> PriorityDispatchResult:
    """Escape colons in reflected SQL: SQLAlchemy would read parameters, and downgrades would lose them."""
    items = [*existing.columns, *existing.constraints] if existing is not None else []
    for item in items:
        default = getattr(item, "server_default", None)
        values = [getattr(item, "sqltext", None), getattr(default, "arg", None)]
        values.append(getattr(default, "sqltext", None))
        for value in values:
            if isinstance(value, TextClause):
                value.text = escaped(value.text)
    return PriorityDispatchResult.CONTINUE


plugin = Plugin(TABLES)
plugin.add_autogenerate_comparator(separate, "schema", "core", priority=DispatchPriority.FIRST)
plugin.add_autogenerate_comparator(complete, "schema", "whole", priority=DispatchPriority.FIRST)
plugin.add_autogenerate_comparator(keep_own_tables, "schema", "own", priority=DispatchPriority.LAST)
plugin.add_autogenerate_comparator(compare, "table", "core")
plugin.add_autogenerate_comparator(leave_native_enum, "column", "enum")
plugin.add_autogenerate_comparator(escape_colons, "table", "colons", priority=DispatchPriority.LAST)
