# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Operations that Alembic does not detect by itself, and how a revision writes them."""

from collections.abc import Mapping
from typing import Any

from alembic.autogenerate import renderers
from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.engine.interfaces import ReflectedForeignKeyConstraint
from sqlalchemy.schema import conv

from ...management.computed import ReplaceComputed
from ...management.describe import Description, describe_one
from ...management.primary_keys import ReplaceKey


class RenameTable(ops.RenameTableOp):
    """A renamed table, which keeps its rows."""

    def reverse(self) -> "RenameTable":
        return RenameTable(self.new_table_name, self.table_name)

    @property
    def description(self) -> Description:
        old, new = self.table_name, self.new_table_name
        return Description(">", f"Rename table {old} to {new}", f"rename {old} to {new}")


class RenameColumn(ops.AlterColumnOp):
    """A renamed column, which keeps its values.

    It is written as SQL that every database understands. On some databases, Alembic's operation
    repeats the column's definition, or loses a part of it.
    """

    def __init__(self, table: str, old: str, new: str, *, sql: str, back: str) -> None:
        super().__init__(table, old, modify_name=new)
        self.old = old
        self.new = new
        self.sql = sql
        self.back = back

    def reverse(self) -> "RenameColumn":
        return RenameColumn(self.table_name, self.new, self.old, sql=self.back, back=self.sql)

    @property
    def description(self) -> Description:
        line = f"Rename column {self.table_name}.{self.old} to {self.new}"
        return Description(">", line, f"rename {self.old} to {self.new} in {self.table_name}")


class Rename(ops.ExecuteSQLOp):
    """A renamed constraint, index or sequence."""

    def __init__(self, sql: str, back: str) -> None:
        super().__init__(sql)
        self.sql = sql
        self.back = back

    def reverse(self) -> "Rename":
        return Rename(self.back, self.sql)

    @property
    def description(self) -> Description:
        return Description(">", self.sql, "")


class Fill(ops.ExecuteSQLOp):
    """An UPDATE that gives existing rows a value, or converts the value that they have."""

    def __init__(self, table: str, column: str, sql: str) -> None:
        super().__init__(sql)
        self.sql = sql
        self.table = table
        self.column = column

    @property
    def description(self) -> Description:
        line = f"Fill column {self.table}.{self.column}"
        return Description("~", line, f"fill {self.column} of {self.table}")


class Convert(ops.MigrateOperation):
    """An altered type, with options that say how to convert existing values."""

    def __init__(self, alter: ops.AlterColumnOp, options: Mapping[str, str]) -> None:
        self.alter = alter
        self.options = options

    @property
    def description(self) -> Description:
        return describe_one(self.alter)


def foreign_key(table: str, key: ReflectedForeignKeyConstraint, name: str) -> ForeignKeyConstraint:
    """Return a reflected foreign key as a constraint with this name."""
    return ops.CreateForeignKeyOp(
        conv(name),
        table,
        key["referred_table"],
        key["constrained_columns"],
        key["referred_columns"],
        **key.get("options", {}),
    ).to_constraint()


@renderers.dispatch_for(RenameTable)
def render_rename_table(context: AutogenContext, operation: RenameTable) -> str:
    return f"op.rename_table({operation.table_name!r}, {operation.new_table_name!r})"


@renderers.dispatch_for(RenameColumn)
@renderers.dispatch_for(Rename)
@renderers.dispatch_for(Fill)
def render_sql(context: AutogenContext, operation: RenameColumn | Rename | Fill) -> str:
    return f"op.execute({operation.sql!r})"


@renderers.dispatch_for(Convert)
def render_convert(context: AutogenContext, operation: Convert) -> str:
    render: Any = renderers.dispatch(operation.alter)
    text = str(render(context, operation.alter))
    options = "".join(f", {key}={value!r}" for key, value in operation.options.items())
    return f"{text.removesuffix(')')}{options})"


@renderers.dispatch_for(ReplaceKey)
def render_replace_key(context: AutogenContext, operation: ReplaceKey) -> list[str]:
    old, new = operation.old, operation.new
    return [
        f"batch_op.drop_constraint(batch_op.f({old.name!r}), type_='primary')",
        f"batch_op.create_primary_key(batch_op.f({new.name!r}), {list(new.columns)!r})",
    ]


@renderers.dispatch_for(ReplaceComputed)
def render_replace_computed(context: AutogenContext, operation: ReplaceComputed) -> list[str]:
    table, old, new = operation.table_name, operation.old, operation.new
    drop, add = ops.DropColumnOp(table, old.name), ops.AddColumnOp(table, new)
    lines: list[str] = []
    for part in (drop, add):
        render: Any = renderers.dispatch(part)
        found = render(context, part)
        lines += [found] if isinstance(found, str) else found
    return lines
