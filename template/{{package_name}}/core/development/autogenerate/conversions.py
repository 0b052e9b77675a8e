# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Columns whose type changes: does every value survive?"""

from collections.abc import Iterable
from typing import Any

import click
from alembic.operations import ops
from sqlalchemy import Column, Dialect, Numeric

from ...db.driver.migrations import conversion
from .answers import Answers
from .operations import Convert
from .values import python_type

CAST = "cast"
FAMILIES = {
    "str": "text",
    "int": "integer",
    "Decimal": "number",
    "float": "float",
    "dict": "json",
    "list": "json",
}
LOSSLESS = {
    ("boolean", "integer"),
    ("bool", "integer"),
    ("date", "datetime"),
    ("integer", "number"),
    ("integer", "text"),
    ("number", "text"),
    ("bool", "text"),
    ("date", "text"),
    ("datetime", "text"),
}


def family(kind: Any) -> str:
    """What a column's values are, whatever their size."""
    name = python_type(Column("value", kind)).__name__
    return FAMILIES.get(name, name)


def may_lose(before: Any, after: Any) -> bool:
    """Whether a value may change when a column gets another type, and no error would say so.

    A text or a number that has become too long is refused by the database: nothing is lost.
    """
    old, new = family(before), family(after)
    if old == new:
        return isinstance(before, Numeric) and scale(after) < scale(before)
    return (old, new) not in LOSSLESS


def scale(kind: Any) -> int:
    return int(getattr(kind, "scale", None) or 0)


def converted(
    operations: Iterable[ops.MigrateOperation], answers: Answers | None, dialect: Dialect
) -> list[ops.MigrateOperation]:
    """The same operations, with conversions written out where the database wants them.

    Args:
        operations: those of a whole revision.
        answers: where to ask; None for a downgrade, which asks nothing.
        dialect: of the database.
    """
    result = list(operations)
    for group in result:
        if isinstance(group, ops.ModifyTableOps):
            group.ops[:] = [convert(operation, answers, dialect) for operation in group.ops]
    return result


def convert(
    operation: ops.MigrateOperation, answers: Answers | None, dialect: Dialect
) -> ops.MigrateOperation:
    if not isinstance(operation, ops.AlterColumnOp) or operation.modify_type is None:
        return operation
    before, after = operation.existing_type, operation.modify_type
    name = f"{operation.table_name}.{operation.column_name}"
    if answers is not None and may_lose(before, after):
        words = (
            f"The column {name} changes from {before} to {after.compile(dialect)}, and the database's own "
            f"conversion may lose values. Convert them so? ({CAST}; or stop, and take the steps of a safe change)"
        )
        answer = answers.default(name, words, CAST)
        if answer not in {None, CAST}:
            raise click.BadParameter(
                f"{answer!r} for {name} is not {CAST!r}.", param_hint="--default"
            )
    column = dialect.identifier_preparer.quote(operation.column_name)
    if family(before) == family(after):
        return operation
    options = conversion(column, after.compile(dialect))
    return Convert(operation, options) if options else operation
