# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Compares primary keys, which Alembic does not do."""

from typing import NamedTuple

from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.plugins import Plugin
from alembic.util import PriorityDispatchResult
from sqlalchemy import Table

from .describe import Description
from .sql_text import final_name

PLUGIN = "core.primary_keys"


class Key(NamedTuple):
    """A primary key.

    Attributes:
        name: the constraint's name.
        columns: the names of its columns.
        generated: whether the database counts its values.
    """

    name: str
    columns: tuple[str, ...]
    generated: bool

    def __str__(self) -> str:
        return ", ".join(self.columns)


class ReplaceKey(ops.MigrateOperation):
    """A primary key that consists of other columns than before."""

    def __init__(self, table: str, old: Key, new: Key) -> None:
        self.table_name = table
        self.old = old
        self.new = new

    def reverse(self) -> "ReplaceKey":
        return ReplaceKey(self.table_name, self.new, self.old)

    @property
    def description(self) -> Description:
        line = f"Replace primary key of {self.table_name}: {self.old} by {self.new}"
        return Description("~", line, f"replace key of {self.table_name}")


def compare(
    context: AutogenContext,
    found: ops.ModifyTableOps,
    schema: str | None,
    name: str,
    existing: Table | None,
    model: Table | None,
) -> PriorityDispatchResult:
    """Find a primary key that consists of other columns."""
    if existing is None or model is None or context.connection is None:
        return PriorityDispatchResult.CONTINUE
    final = final_name(model.primary_key, context.connection.dialect) or "PRIMARY"
    reflected = existing.primary_key.columns
    counted = any(column.autoincrement is True for column in reflected)
    old = Key(str(existing.primary_key.name or final), tuple(reflected.keys()), counted)
    columns = tuple(column.name for column in model.primary_key.columns)
    new = Key(final, columns, model.autoincrement_column is not None)
    if set(old.columns) != set(new.columns):
        found.ops.append(ReplaceKey(name, old, new))
    return PriorityDispatchResult.CONTINUE


Plugin(PLUGIN).add_autogenerate_comparator(compare, "table", "primary_keys")
