# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Compares primary keys, which Alembic does not do."""

from typing import NamedTuple

from alembic.operations import ops
from sqlalchemy import Dialect, Table

from .describe import Description, place
from .sql_text import final_name


class Key(NamedTuple):
    """A primary key, whose values the database may count (`generated`)."""

    name: str
    columns: tuple[str, ...]
    generated: bool

    def __str__(self) -> str:
        return ", ".join(self.columns)


class ReplaceKey(ops.MigrateOperation):
    """A primary key that consists of other columns than before."""

    def __init__(self, table: str, old: Key, new: Key, schema: str | None) -> None:
        self.schema = schema
        self.table_name = table
        self.old = old
        self.new = new

    def reverse(self) -> "ReplaceKey":
        return ReplaceKey(self.table_name, self.new, self.old, self.schema)

    @property
    def description(self) -> Description:
        line = f"Replace primary key of {place(self)}: {self.old} by {self.new}"
        return Description("~", line, f"replace key of {place(self)}")


def compare(dialect: Dialect, found: ops.ModifyTableOps, existing: Table, model: Table) -> None:
    """Find a primary key that consists of other columns."""
    final = final_name(model.primary_key, dialect) or "PRIMARY"
    reflected = existing.primary_key.columns
    counted = any(column.autoincrement is True for column in reflected)
    old = Key(str(existing.primary_key.name or final), tuple(reflected.keys()), counted)
    columns = tuple(column.name for column in model.primary_key.columns)
    new = Key(final, columns, model.autoincrement_column is not None)
    if set(old.columns) != set(new.columns):
        found.ops.append(ReplaceKey(found.table_name, old, new, found.schema))
