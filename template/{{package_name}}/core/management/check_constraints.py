# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Compares CHECK constraints by their conditions, which Alembic does not do."""

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Enum,
    Inspector,
    MetaData,
    String,
    Table,
    inspect,
)
from sqlalchemy.schema import SchemaItem, conv
from sqlalchemy.types import TypeEngine

from .sql_text import as_text, escaped, final_name

SCRATCH = "constraints_to_compare"


def compare(
    context: AutogenContext,
    connection: Connection,
    found: ops.ModifyTableOps,
    existing: Table,
    model: Table,
) -> None:
    """Find the constraints to drop, to create, and to replace."""
    for operation in found.ops:
        without_check(operation)
    name = found.table_name
    checks = [each for each in model.constraints if isinstance(each, CheckConstraint)]
    named = ((final_name(each, connection.dialect), each) for each in checks)
    wanted = {key: each for key, each in named if key is not None}
    there = {
        str(check["name"]): check["sqltext"]
        for check in context.inspector.get_check_constraints(name, schema=found.schema)
        if check["name"]
    }
    pinned = context.opts.get("pinned_checks", ())
    changed = {key for key in wanted if (name, key) in pinned}
    changed |= set(differing(connection, existing, model, wanted, there))
    for key in sorted((there.keys() - wanted.keys()) | changed):
        check = CheckConstraint(there[key], name=conv(key), table=existing)
        found.ops.append(ops.DropConstraintOp.from_constraint(check))
    for key in sorted((wanted.keys() - there.keys()) | changed):
        found.ops.append(ops.AddConstraintOp.from_constraint(wanted[key]))


def without_check(operation: ops.MigrateOperation) -> None:
    """Remove an enum's CHECK from an operation: a separate one creates it, which can be reverted."""
    if isinstance(operation, ops.AddColumnOp):
        column = operation.column
        if isinstance(column.type, Enum) and not column.type.native_enum:
            operation.column = Column(
                column.name,
                plain(column),
                default=value_of(column.default),
                server_default=column.server_default,
                nullable=column.nullable,
                comment=column.comment,
            )
    elif isinstance(operation, ops.AlterColumnOp) and isinstance(operation.modify_type, Enum):
        operation.modify_type = String(operation.modify_type.length)


def value_of(default: Any) -> Any:
    """A model's default for an enum's column, as the column stores it."""
    value = default.arg if default is not None and default.is_scalar else None
    return getattr(value, "value", value)


def differing(
    connection: Connection,
    existing: Table,
    model: Table,
    wanted: Mapping[str, CheckConstraint],
    there: Mapping[str, str],
) -> Iterator[str]:
    """The names of the constraints whose conditions differ.

    A constraint that a downgrade created from the database's own text may read back differently.
    Both sides are normalized once more, after which the text is stable.
    """
    conditions = {name: check.sqltext for name, check in wanted.items() if name in there}
    texts = normalized(connection, model, conditions)
    doubtful = {name for name in texts if texts[name] != there[name]}
    again = normalized(connection, model, {name: texts[name] for name in doubtful})
    there = normalized(connection, existing, {name: there[name] for name in doubtful})
    return (name for name in doubtful if again[name] != there[name])


def normalized(
    connection: Connection, table: Table, checks: Mapping[str, ColumnElement[Any] | str]
) -> dict[str, str]:
    """The conditions as the database stores them.

    The database adds parentheses and casts, and rewrites IN and BETWEEN.
    """
    if not checks:
        return {}
    dialect = connection.dialect
    numbered = {f"check_{number}": name for number, name in enumerate(checks)}
    columns = (Column(column.name, plain(column)) for column in table.columns)
    constraints = (
        CheckConstraint(escaped(as_text(checks[name], dialect)), name=conv(number))
        for number, name in numbered.items()
    )
    with scratch(connection, *columns, *constraints) as inspector:
        read = inspector.get_check_constraints(SCRATCH)
    return {numbered[str(check["name"])]: check["sqltext"] for check in read}


@contextmanager
def scratch(connection: Connection, *items: SchemaItem) -> Generator[Inspector]:
    """Create the temporary table `SCRATCH` for the block, and inspect what the database stores."""
    table = Table(SCRATCH, MetaData(), *items, prefixes=["TEMPORARY"])
    table.create(connection)
    try:
        yield inspect(connection)
    finally:
        table.drop(connection)


def plain(column: Column[Any]) -> TypeEngine[Any]:
    """The column's type, without the CHECK of an enum."""
    return String(column.type.length) if isinstance(column.type, Enum) else column.type
