# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Compares the expressions of computed columns. A changed column is dropped and added again."""

from collections.abc import Sequence
from re import escape, search
from typing import Any

from alembic.operations import ops
from sqlalchemy import Column, Computed, Connection, Index, Table, UniqueConstraint

from ..db.driver.migrations import COMPUTED_FIX_TYPES
from .check_constraints import SCRATCH, plain, scratch
from .describe import Description
from .sql_text import as_text, escaped

Keys = Sequence[Index | UniqueConstraint]


class ReplaceComputed(ops.MigrateOperation):
    """Half of replacing a computed column, with its indexes: it is dropped, or added again."""

    def __init__(self, table: str, column: Column[Any], keys: Keys, *, added: bool) -> None:
        self.table_name = table
        self.column = column
        self.keys = keys
        self.added = added

    def reverse(self) -> "ReplaceComputed":
        return ReplaceComputed(self.table_name, self.column, self.keys, added=not self.added)

    @property
    def parts(self) -> list[ops.MigrateOperation]:
        gone = [drop(key) for key in self.keys]
        if self.added:
            column = ops.AddColumnOp(self.table_name, self.column)
            return [column, *(key.reverse() for key in gone)]
        return [*gone, ops.DropColumnOp(self.table_name, self.column.name)]

    @property
    def description(self) -> Description:
        table, name = self.column.table.fullname, self.column.name
        if self.added:
            return Description("+", f"Add computed column {table}.{name} again", "")
        words = f"replace {name} of {table}"
        return Description("-", f"Drop computed column {table}.{name}", words)


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
    inline = connection.dialect.inline_comments  # a comment is changed with the whole definition
    retyped = [
        str(item.column_name)
        for item in found.ops
        if isinstance(item, ops.AlterColumnOp)
        and (item.modify_type is not None or (inline and item.modify_comment is not False))
    ]
    for column in both:
        old, new = existing.columns[column], model.columns[column]
        if old.computed is not None:
            text, _ = rule = text_of(old.computed)
            reads = any(search(rf"\b{escape(name)}\b", text) for name in retyped)
            if (reads and COMPUTED_FIX_TYPES) or column in retyped or rule != wanted[column]:
                keys = keys_of(existing, column, found)
                altered = [item for item in found.ops if getattr(item, "column_name", "") == column]
                found.ops[:] = [item for item in found.ops if item not in altered]
                found.ops.append(ReplaceComputed(found.table_name, old, keys, added=False))
                found.ops.append(ReplaceComputed(found.table_name, new, keys, added=True))


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


def keys_of(existing: Table, column: str, found: ops.ModifyTableOps) -> Keys:
    """Return the indexes and unique constraints of a column that stay otherwise."""
    gone = {
        str(getattr(item, "index_name", None) or getattr(item, "constraint_name", None))
        for item in found.ops
    }
    named = {  # the reflected table may have an index twice
        str(key.name): key
        for key in (*existing.indexes, *existing.constraints)
        if isinstance(key, Index | UniqueConstraint) and column in key.columns
    }
    return [key for name, key in named.items() if name not in gone]


def drop(key: Index | UniqueConstraint) -> ops.DropIndexOp | ops.DropConstraintOp:
    if isinstance(key, Index):
        return ops.DropIndexOp.from_index(key)
    return ops.DropConstraintOp.from_constraint(key)
