# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Operations that Alembic does not detect by itself, and how a revision writes them."""

from collections.abc import Callable

from alembic.autogenerate import render_op_text, renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops

from ...management.computed import ReplaceComputed
from ...management.describe import Description
from ...management.primary_keys import ReplaceKey
from ...management.sql_text import escaped


class RenameTable(ops.RenameTableOp):
    """A renamed table, which keeps its rows."""

    def reverse(self) -> "RenameTable":
        return RenameTable(self.new_table_name, self.table_name)

    @property
    def description(self) -> Description:
        old, new = self.table_name, self.new_table_name
        return Description(">", f"Rename table {old} to {new}", f"rename {old} to {new}")


class Statement(ops.ExecuteSQLOp):
    """A statement for which Alembic has no operation. `back` is the SQL that reverts it, or empty."""

    def __init__(self, sql: str, back: str, description: Description | None = None) -> None:
        super().__init__(escaped(sql))
        self.sql = sql
        self.back = back
        self.described = description

    def reverse(self) -> "Statement":
        return Statement(self.back, self.sql, self.described)

    @property
    def description(self) -> Description:
        return self.described or Description(">", self.sql, "")


def rename_column(table: str, old: str, new: str, quote: Callable[[str], str]) -> Statement:
    """Return the statement that renames a column, which keeps its values.

    Every database understands it. On some databases, Alembic's operation repeats the column's
    definition, or loses a part of it.
    """
    start, one, other = f"ALTER TABLE {quote(table)} RENAME COLUMN", quote(old), quote(new)
    line = f"Rename column {table}.{old} to {new}"
    description = Description(">", line, f"rename {old} to {new} in {table}")
    return Statement(f"{start} {one} TO {other}", f"{start} {other} TO {one}", description)


def fill(table: str, column: str, sql: str) -> Statement:
    """Return an UPDATE that gives existing rows a value, or converts the value that they have."""
    line = f"Fill column {table}.{column}"
    return Statement(sql, "", Description("~", line, f"fill {column} of {table}"))


@renderers.dispatch_for(RenameTable)
def render_rename_table(context: AutogenContext, operation: RenameTable) -> str:
    return f"op.rename_table({operation.table_name!r}, {operation.new_table_name!r})"


@renderers.dispatch_for(ReplaceKey)
def render_replace_key(context: AutogenContext, operation: ReplaceKey) -> list[str]:
    old, new = operation.old, operation.new
    return [
        f"batch_op.drop_constraint(batch_op.f({old.name!r}), type_='primary')",
        f"batch_op.create_primary_key(batch_op.f({new.name!r}), {list(new.columns)!r})",
    ]


@renderers.dispatch_for(ReplaceComputed)
def render_replace_computed(context: AutogenContext, operation: ReplaceComputed) -> list[str]:
    return [render_op_text(context, part) for part in operation.parts]
