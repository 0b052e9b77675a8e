# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Columns that change their type: values are converted, or the user is asked."""

from collections.abc import Iterable
from typing import Any

import click
from alembic.operations import ops
from sqlalchemy import Dialect, Numeric

from ...management.errors import CommandError
from .answers import Answers
from .dialect import AMBIGUOUS, USING, conversion, with_conversion
from .kinds import family
from .operations import Statement
from .value_lists import new_lists
from .values import EXPRESSION

CAST = "cast"
LOSSLESS = {
    ("bool", "integer"),
    ("date", "datetime"),
    ("integer", "number"),
    ("integer", "text"),
    ("number", "text"),
    ("bool", "text"),
    ("date", "text"),
    ("datetime", "text"),
    ("enum", "text"),
}


def may_lose(before: Any, after: Any) -> bool:
    """Whether a new type may change a value without an error.

    A text or a number that is too long for the new type is not lost: the database refuses it.
    """
    old, new = family(before), family(after)
    if hint(before):
        return True
    if old == new:
        return isinstance(before, Numeric) and scale(after) < scale(before)
    return (old, new) not in LOSSLESS


def hint(kind: Any) -> str:
    """Return a hint about a column type that several types share; empty for other types."""
    return next((text for shared, text in AMBIGUOUS.items() if isinstance(kind, shared)), "")


def scale(kind: Any) -> int:
    return int(getattr(kind, "scale", None) or 0)


def converted(
    operations: Iterable[ops.MigrateOperation], answers: Answers | None, dialect: Dialect
) -> list[ops.MigrateOperation]:
    """Return operations, with the conversions that the database needs; a downgrade asks nothing."""
    result: list[ops.MigrateOperation] = []
    operations = list(operations)
    enums = {(table, found.column) for table, found in new_lists(operations, dialect)}
    for group in operations:
        result.append(group)
        if isinstance(group, ops.ModifyTableOps):
            for place, operation in enumerate(group.ops):
                if isinstance(operation, ops.AlterColumnOp):
                    guarded = (operation.table_name, operation.column_name) in enums
                    group.ops[place], updates = convert(operation, answers, dialect, guarded)
                    result.extend(updates)
    return result


def convert(
    operation: ops.AlterColumnOp, answers: Answers | None, dialect: Dialect, guarded: bool
) -> tuple[ops.MigrateOperation, list[Statement]]:
    """Return an altered type, and statements that convert the values, which a CHECK may guard."""
    before, after = operation.existing_type, operation.modify_type
    if before is None or after is None:
        return operation, []
    quote = dialect.identifier_preparer.quote
    table, name, kind = operation.table_name, operation.column_name, after.compile(dialect)
    expression = None
    lossy = may_lose(before, after) or (guarded and family(before) not in {"text", "enum"})
    if answers is not None and lossy:
        column = ".".join(filter(None, (operation.schema, table, name)))
        expression = asked(column, before, kind, answers)
    if expression is None and not (USING and family(before) == family(after)):
        expression = conversion(quote(name), kind, before, after)
    return (operation, []) if expression is None else with_conversion(operation, expression, quote)


def asked(column: str, before: object, after: str, answers: Answers) -> str | None:
    """Ask how to convert values; None for the database's own conversion."""
    if column in answers.used - answers.renames.keys():  # one answer cannot serve both questions
        raise CommandError(
            f"the column {column} gets another type and becomes NOT NULL",
            "Nothing was written. Change its type in one revision, while the model still allows None, "
            "and the rest in the next one.",
        )
    choices = [CAST] if USING is None else [CAST, f"{EXPRESSION}EXPRESSION"]
    answer = answers.default(
        column,
        f"The column {column} changes from {before} to {after}, and the database's own conversion may "
        f"change or lose values. {hint(before)}Convert them? ({' or '.join(choices)})",
        *choices,
    )
    if answer in {None, CAST}:
        return None
    if answer is not None and answer.startswith(EXPRESSION) and USING is not None:
        return answer.removeprefix(EXPRESSION).strip()
    raise click.BadParameter(
        f"{answer!r} for {column} is not {' or '.join(choices)}.", param_hint="--default"
    )
