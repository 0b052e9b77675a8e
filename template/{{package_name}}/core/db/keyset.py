# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Keyset pagination: the next rows are those that sort after the last one seen."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Column, ColumnElement, FromClause, and_, false, literal, or_
from sqlalchemy.sql.base import ReadOnlyColumnCollection
from sqlalchemy.sql.operators import desc_op, is_ordering_modifier, nulls_first_op

from .errors import InvalidCursor

# How a value that JSON cannot hold is read back, by the name of its type.
READERS: dict[str, Callable[[str], Any]] = {
    "UUID": UUID,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "Decimal": Decimal,
    "bytes": bytes.fromhex,
    "timedelta": lambda text: timedelta(microseconds=int(text)),
}

UNREADABLE = (ValueError, TypeError, KeyError, ArithmeticError, RecursionError)


@dataclass(frozen=True)
class SortKey:
    """One column or expression of an order, and the field of a row that holds its value.

    An outer join decides too whether it is nullable in the rows.
    """

    column: ColumnElement[Any]
    descending: bool
    nullable: bool
    name: str = ""

    def read(self, written: Any) -> Any:
        """Return a value of the column that `write` wrote."""
        value = read(written)
        try:
            kind = self.column.type.python_type
        except NotImplementedError:  # a function whose type SQLAlchemy does not know
            return value
        if issubclass(kind, Enum):
            return value if value is None else kind(value)
        if value is not None and not isinstance(value, kind):
            raise TypeError(f"{value!r} is not a {kind.__name__}")
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise ValueError("a number of more than 64 bits")
        return value

    @property
    def order_by(self) -> list[ColumnElement[Any]]:
        """NULLs sort last on every database."""
        direction = self.column.desc() if self.descending else self.column.asc()
        return [self.column.is_(None), direction] if self.nullable else [direction]

    def after(
        self, value: ColumnElement[Any] | None, ties: ColumnElement[bool] | None
    ) -> ColumnElement[bool]:
        """Return the condition for rows that sort after `value`, or equal it and match `ties`.

        `a >= x AND (a > x OR …)` is equivalent to `a > x OR …`, but lets every database begin
        at x in an index.
        """
        if value is None:
            return false() if ties is None else and_(self.column.is_(None), ties)
        after: ColumnElement[bool] = self.column < value if self.descending else self.column > value
        if self.nullable:
            after = or_(after, self.column.is_(None))
            return after if ties is None else or_(after, and_(self.column == value, ties))
        if ties is None:
            return after
        within = self.column <= value if self.descending else self.column >= value
        return and_(within, or_(after, ties))


class Keyset:
    """A total order by keys that together tell any two rows apart, and the places in it.

    Orders of the same list have names: each refuses the others' cursors.
    """

    def __init__(self, keys: Sequence[SortKey], *, name: str | None = None) -> None:
        self._name = name
        unlike: dict[int, SortKey] = {}
        for key in keys:
            unlike.setdefault(hash(key.column), key)
        self.keys = list(unlike.values())

    @property
    def order_by(self) -> list[ColumnElement[Any]]:
        """For `select().order_by()`."""
        return [expression for key in self.keys for expression in key.order_by]

    def over(self, columns: ReadOnlyColumnCollection[str, Any]) -> "Keyset":
        """Return the same order over a subquery's columns, any of which may be NULL."""
        keys = [replace(key, column=columns[key.name], nullable=True) for key in self.keys]
        return Keyset(keys, name=self._name)

    def cursor(self, values: Sequence[Any]) -> str:
        """Return the place after the row that has these values, as text for a URL."""
        parts = [write(value) for value in values]
        written = parts if self._name is None else {self._name: parts}
        text = json.dumps(written, ensure_ascii=False, separators=(",", ":"))
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def read(self, cursor: str) -> list[Any]:
        """Return the values of the keys at the place, or raise InvalidCursor."""
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            written = json.loads(urlsafe_b64decode(padded))
            if self._name is not None:
                written = written[self._name]
            if isinstance(written, dict):
                raise TypeError("the cursor belongs to a named order")
            return [key.read(value) for key, value in zip(self.keys, written, strict=True)]
        except UNREADABLE as error:
            raise InvalidCursor from error

    def place(self, cursor: str) -> list[ColumnElement[Any] | None]:
        """Return the same values as SQL; None for NULL."""
        values = zip(self.keys, self.read(cursor), strict=True)
        return [None if v is None else literal(v, key.column.type) for key, v in values]

    def after(self, values: Sequence[ColumnElement[Any] | None]) -> ColumnElement[bool]:
        """Return the condition for rows after the place with these values."""
        condition: ColumnElement[bool] | None = None
        for key, value in reversed([*zip(self.keys, values, strict=True)]):
            condition = key.after(value, condition)
        return false() if condition is None else condition


def sort_key(expression: Any, *, never_null: Collection[FromClause]) -> SortKey:
    """Split an expression of an ORDER BY into a column and its direction.

    Columns that are NOT NULL may be NULL in the rows, except those of the tables in `never_null`.
    """
    column: Any = getattr(expression, "expression", expression)
    descending = False
    while (modifier := getattr(column, "modifier", None)) and is_ordering_modifier(modifier):
        descending = descending or modifier is desc_op
        if modifier is nulls_first_op:
            raise ValueError(f"{expression}: NULLs sort last here; leave out nulls_first()")
        column = column.element
    while column.__visit_name__ in ("label", "label_reference"):  # the second is a label's desc()
        column = column.element
    source: ColumnElement[Any] = column
    not_null = isinstance(source, Column) and not source.nullable and source.table in never_null
    return SortKey(source, descending, not not_null)


def write(value: Any) -> Any:
    """Return a value in a form that JSON can hold."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, timedelta):
        return ["timedelta", str(value // timedelta.resolution)]
    for name in (kind.__name__ for kind in type(value).__mro__):
        if name in READERS:
            return [name, value.hex() if isinstance(value, bytes) else str(value)]
    raise TypeError(f"a cursor cannot hold {value!r}: order by other columns")


def read(value: Any) -> Any:
    """Return the value that `write` was given."""
    match value:
        case [str(name), str(text)]:
            return READERS[name](text)
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(value)
