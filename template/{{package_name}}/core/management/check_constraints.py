# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""CHECK constraints, compared by what they say: Alembic by itself looks at their names at most."""

from collections.abc import Iterator, Mapping
from typing import Any

from alembic.autogenerate.api import AutogenContext
from alembic.operations import ops
from alembic.runtime.plugins import Plugin
from alembic.util import PriorityDispatchResult
from sqlalchemy import (
    CheckConstraint,
    Column,
    ColumnElement,
    Connection,
    Enum,
    MetaData,
    String,
    Table,
    inspect,
)
from sqlalchemy.schema import conv
from sqlalchemy.types import TypeEngine

from .sql_text import as_text, escaped, final_name

PLUGIN = "core.check_constraints"
SCRATCH = "check_constraints_in_other_words"


def compare(
    context: AutogenContext,
    found: ops.ModifyTableOps,
    schema: str | None,
    name: str,
    existing: Table | None,
    model: Table | None,
) -> PriorityDispatchResult:
    """Find the constraints that are to be dropped, made, or made anew."""
    if existing is None or model is None or context.connection is None:
        return PriorityDispatchResult.CONTINUE
    for operation in found.ops:
        without_check(operation)
    wanted = named_checks(model, context)
    there = {
        str(check["name"]): check["sqltext"]
        for check in context.inspector.get_check_constraints(name, schema=schema)
        if check["name"]
    }
    pinned = context.opts.get("pinned_checks", ())
    changed = {key for key in wanted if (name, key) in pinned}
    changed |= set(differing(context.connection, existing, model, wanted, there))
    for key in sorted((there.keys() - wanted.keys()) | changed):
        check = CheckConstraint(there[key], name=conv(key), table=existing)
        found.ops.append(ops.DropConstraintOp.from_constraint(check))
    for key in sorted((wanted.keys() - there.keys()) | changed):
        found.ops.append(ops.AddConstraintOp.from_constraint(wanted[key]))
    return PriorityDispatchResult.CONTINUE


def named_checks(table: Table, context: AutogenContext) -> dict[str, CheckConstraint]:
    """A table's constraints by the names that they have in the database."""
    checks = [found for found in table.constraints if isinstance(found, CheckConstraint)]
    names = {check: final_name(check, context.dialect) for check in checks}
    return {name: check for check, name in names.items() if name is not None}


def without_check(operation: ops.MigrateOperation) -> None:
    """Leave an enum's CHECK to an operation of its own, which can be reverted."""
    if isinstance(operation, ops.AddColumnOp):
        column = operation.column
        if isinstance(column.type, Enum):
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
    """The value that a model gives an enum's column by itself."""
    value = default.arg if default is not None and default.is_scalar else None
    return getattr(value, "value", value)


def differing(
    connection: Connection,
    existing: Table,
    model: Table,
    wanted: Mapping[str, CheckConstraint],
    there: Mapping[str, str],
) -> Iterator[str]:
    """The names of the constraints that no longer say the same.

    One that was made from the database's own words, by a downgrade, may be worded in yet another
    way: both are put in words once more, after which they stay as they are.
    """
    conditions = {name: check.sqltext for name, check in wanted.items() if name in there}
    words = in_the_words_of_the_database(connection, model, conditions)
    doubtful = {name for name in words if words[name] != there[name]}
    again = in_the_words_of_the_database(
        connection, model, {name: words[name] for name in doubtful}
    )
    there = in_the_words_of_the_database(
        connection, existing, {name: there[name] for name in doubtful}
    )
    return (name for name in doubtful if again[name] != there[name])


def in_the_words_of_the_database(
    connection: Connection, table: Table, checks: Mapping[str, ColumnElement[Any] | str]
) -> dict[str, str]:
    """The conditions as the database would write them down.

    It adds parentheses and casts, and has its own words for IN and BETWEEN. Rather than to guess
    at these, a temporary table is made with the same columns, and read back.
    """
    if not checks:
        return {}
    dialect = connection.dialect
    numbered = {f"check_{number}": name for number, name in enumerate(checks)}
    scratch = Table(
        SCRATCH,
        MetaData(),
        *(Column(column.name, plain(column)) for column in table.columns),
        *(
            CheckConstraint(escaped(as_text(checks[name], dialect)), name=conv(number))
            for number, name in numbered.items()
        ),
        prefixes=["TEMPORARY"],
    )
    scratch.create(connection)
    try:
        read = inspect(connection).get_check_constraints(SCRATCH)
    finally:
        scratch.drop(connection)
    return {numbered[str(check["name"])]: check["sqltext"] for check in read}


def plain(column: Column[Any]) -> TypeEngine[Any]:
    """The column's type, without a constraint of its own."""
    return String(column.type.length) if isinstance(column.type, Enum) else column.type


Plugin(PLUGIN).add_autogenerate_comparator(compare, "table", "check_constraints")
