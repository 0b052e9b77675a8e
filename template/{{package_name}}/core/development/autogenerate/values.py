# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Values for existing rows, as SQL."""

import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple, cast
from uuid import UUID

import click
from pydantic import Json, TypeAdapter, ValidationError
from sqlalchemy import CHAR, Column, Dialect, Enum, LargeBinary, String, literal
from sqlalchemy.exc import CompileError

from ...management.sql_text import compiled
from .dialect import NUMBERED, bytes_literal
from .kinds import python_type

EXPRESSION = "sql:"
NEUTRAL: dict[type[Any], Any] = {
    str: "",
    int: 0,
    float: 0.0,
    bool: False,
    bytes: b"",
    Decimal: Decimal(0),
    date: date(1970, 1, 1),
    datetime: datetime(1970, 1, 1, tzinfo=UTC).replace(tzinfo=None),
    time: time(0),
    timedelta: timedelta(0),
    UUID: UUID(int=0),
    dict: {},
    list: [],
}
NTH_KEY = (
    "(SELECT {key} FROM (SELECT {key}, row_number() OVER (ORDER BY {order}) AS m FROM {table}) AS parents"
    " WHERE parents.m = numbered.n)"
)


class Parent(NamedTuple):
    """What a column of a foreign key refers to, as SQL; `order` has all columns of the key.

    `where` selects the rows with the key's other values, of a row that keeps these; else it is empty.
    """

    table: str
    column: str
    order: str
    where: str


def given(
    text: str, name: str, column: Column[Any], dialect: Dialect, allowed: Sequence[str] = ()
) -> str:
    """Return an answer as SQL: a value of the column, or an expression after `sql:`."""
    try:
        if text.startswith(EXPRESSION):
            expression = text.removeprefix(EXPRESSION).strip()
            if not expression:
                raise ValueError("the expression is empty")
            return expression
        if allowed and text not in allowed:
            raise ValueError(f"allowed are {', '.join(allowed)}")
        return as_sql(parsed(text, python_type(column)), column, dialect)
    except (ValidationError, ValueError, CompileError, NotImplementedError) as error:
        rule = error.errors()[0]["msg"] if isinstance(error, ValidationError) else str(error)
        raise click.BadParameter(
            f"{text!r} is not a value of {name} ({column.type}): {rule}. "
            "Give another value, or an SQL expression after sql:.",
            param_hint="--default",
        ) from None


def parsed(text: str, kind: type[Any]) -> Any:
    """Return the value of a Python class that a text stands for."""
    if kind in {date, datetime} and text == "now":
        now = datetime.now(UTC)
        return now.date() if kind is date else now
    if kind in {dict, list, object}:
        return TypeAdapter(Json[Any]).validate_python(text)
    value = TypeAdapter(kind).validate_python(text)
    if isinstance(value, datetime) and value.tzinfo is None:
        return value.replace(tzinfo=UTC)
    return value


def as_sql(value: Any, column: Column[Any], dialect: Dialect) -> str:
    """Return a Python value as an SQL literal."""
    if isinstance(column.type, LargeBinary) and isinstance(value, bytes):
        return bytes_literal(value)
    kind = column.type
    if isinstance(value, dict | list):
        value, kind = json.dumps(value, ensure_ascii=False), String()
    return compiled(literal(value, kind), dialect)


def of_model(column: Column[Any], dialect: Dialect) -> str | None:
    """Return the model's default as SQL, if it is a value and not a function."""
    default = column.default
    if default is None or not default.is_scalar:
        return None
    return as_sql(cast("Any", default).arg, column, dialect)


def numbered(column: Column[Any], parent: Parent | None) -> str | None:
    """Return a value from a row's number `n`, or the n-th key of a parent; None for other types."""
    if parent is None:
        return NUMBERED.get(python_type(column))
    return NTH_KEY.format(table=parent.table, key=parent.column, order=parent.order)


def neutral(column: Column[Any], dialect: Dialect) -> str | None:
    """Return a neutral value for a downgrade, which cannot restore the old one."""
    kind = column.type
    if isinstance(kind, Enum) and kind.native_enum:
        return as_sql(kind.enums[0], column, dialect)
    is_uuid = isinstance(kind, CHAR) and kind.length == 32  # as a database without UUIDs stores it
    value = "0" * 32 if is_uuid else NEUTRAL.get(python_type(column))
    return None if value is None else as_sql(value, column, dialect)
