# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Compares the expressions of computed columns. A changed column is dropped and added again."""

from typing import Any

from alembic.operations import ops
from sqlalchemy import Column, Computed, Connection, Index, Table, UniqueConstraint

from .check_constraints import SCRATCH, plain, scratch
from .describe import Description
from .sql_text import as_text, escaped


class ReplaceComputed(ops.MigrateOperation):
    """A computed column with another expression."""

    def __init__(self, table: str, old: Column[Any], new: Column[Any]) -> None:
        self.table_name = table
        self.old = old
        self.new = new

    def reverse(self) -> "ReplaceComputed":
        return ReplaceComputed(self.table_name, self.new, self.old)

    @property
    def description(self) -> Description:
        line = f"Replace computed column {self.table_name}.{self.new.name}"
        return Description("~", line, f"replace {self.new.name} of {self.table_name}")


def compare(
    connection: Connection, found: ops.ModifyTableOps, existing: Table, model: Table
) -> None:
    """Find the computed columns to replace."""
    both = [
        column.name
        for column in model.columns
        if column.computed is not None
        and column.name in existing.columns
        and existing.columns[column.name].computed is not None
    ]
    wanted = stored(connection, model) if both else {}
    for column in both:
        old, new = existing.columns[column], model.columns[column]
        if old.computed is not None and text_of(old.computed) != wanted[column]:
            keys = keys_of(existing, column, found).values()
            found.ops += [drop(key) for key in keys]
            found.ops.append(ReplaceComputed(found.table_name, old, new))
            found.ops += [drop(key).reverse() for key in keys]


def stored(connection: Connection, model: Table) -> dict[str, tuple[str, bool | None]]:
    """Return the expressions of a model's computed columns as the database stores them."""
    dialect = connection.dialect
    columns: list[Column[Any]] = []
    for column in model.columns:
        computed = column.computed
        rule = (
            []
            if computed is None
            else [Computed(escaped(as_text(computed.sqltext, dialect)), computed.persisted)]
        )
        columns.append(Column(column.name, plain(column), *rule))
    with scratch(connection, *columns) as inspector:
        read = inspector.get_columns(SCRATCH)
    found = {column["name"]: column["computed"] for column in read if "computed" in column}
    return {name: (item["sqltext"], item.get("persisted")) for name, item in found.items()}


def text_of(computed: Computed) -> tuple[str, bool | None]:
    return str(computed.sqltext), computed.persisted


def keys_of(
    existing: Table, column: str, found: ops.ModifyTableOps
) -> dict[str, Index | UniqueConstraint]:
    """Return the indexes and unique constraints of a column that stay otherwise, by name."""
    gone = {
        str(getattr(item, "index_name", None) or getattr(item, "constraint_name", None))
        for item in found.ops
    }
    return {
        str(key.name): key
        for key in (*existing.indexes, *existing.constraints)
        if isinstance(key, Index | UniqueConstraint)
        and column in key.columns
        and str(key.name) not in gone
    }


def drop(key: Index | UniqueConstraint) -> ops.DropIndexOp | ops.DropConstraintOp:
    if isinstance(key, Index):
        return ops.DropIndexOp.from_index(key)
    return ops.DropConstraintOp.from_constraint(key)
