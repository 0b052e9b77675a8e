# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Keyset pagination: the next rows are those that sort after the last one seen."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as Base64Error
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, literal, or_
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import UnaryExpression

from .errors import InvalidCursor

# How a value that JSON does not know is written, under its type's name, and read back.
READERS: dict[str, Callable[[str], Any]] = {
    "UUID": UUID,
    "datetime": datetime.fromisoformat,
    "date": date.fromisoformat,
    "time": time.fromisoformat,
    "Decimal": Decimal,
    "bytes": bytes.fromhex,
    "timedelta": lambda text: timedelta(microseconds=int(text)),
}

LEAST, MOST = -(2**63), 2**63 - 1

UNREADABLE = (Base64Error, ValueError, TypeError, KeyError, ArithmeticError, RecursionError)


@dataclass(frozen=True)
class SortKey:
    """One column of an order."""

    column: ColumnElement[Any]
    descending: bool
    nullable: bool

    @property
    def name(self) -> str:
        """The attribute of a row that holds the column's value."""
        return str(self.column.key)

    def read(self, written: Any) -> Any:
        """A value of the column, from how `write` wrote it."""
        value = read(written)
        kind = self.column.type.python_type
        if issubclass(kind, Enum):
            return value if value is None else kind(value)
        if value is not None and not isinstance(value, kind):
            raise TypeError(f"{value!r} is no {kind.__name__}")
        if isinstance(value, int) and not LEAST <= value <= MOST:
            raise ValueError("no column holds such a number")
        return value

    @property
    def order_by(self) -> list[ColumnElement[Any]]:
        """NULLs stand last on every database."""
        direction = self.column.desc() if self.descending else self.column.asc()
        return [self.column.is_(None), direction] if self.nullable else [direction]

    def after(
        self, value: ColumnElement[Any] | None, ties: ColumnElement[bool] | None
    ) -> ColumnElement[bool]:
        """Rows that sort behind `value`, and of those that equal it the ones in `ties`.

        `a >= x AND (a > x OR …)` says nothing more than `a > x OR …`, but lets every database
        begin at x in an index.
        """
        if value is None:
            tied = self.column.is_(None)
            return tied if ties is None else and_(tied, ties)
        behind: ColumnElement[bool] = (
            self.column < value if self.descending else self.column > value
        )
        if self.nullable:
            behind = or_(behind, self.column.is_(None))
            return behind if ties is None else or_(behind, and_(self.column == value, ties))
        if ties is None:
            return behind
        within = self.column <= value if self.descending else self.column >= value
        return and_(within, or_(behind, ties))


class Keyset:
    """A total order, and the places in it.

    Args:
        order_by: columns of one model, each ascending or descending, the last one unique.
        name: tells the order from others of one list: its cursors are refused there, and theirs
            here.
    """

    def __init__(self, order_by: Sequence[Any], *, name: str | None = None) -> None:
        self._name = name
        keys: dict[str, SortKey] = {}
        for key in map(sort_key, order_by):
            keys.setdefault(key.name, key)
        self.keys = list(keys.values())

    @property
    def order_by(self) -> list[ColumnElement[Any]]:
        """For `select().order_by()`."""
        return [expression for key in self.keys for expression in key.order_by]

    def cursor(self, row: Any) -> str:
        """The place behind `row`, as text for an address."""
        values = [write(getattr(row, key.name)) for key in self.keys]
        written = values if self._name is None else {self._name: values}
        text = json.dumps(written, ensure_ascii=False, separators=(",", ":"))
        return urlsafe_b64encode(text.encode()).decode().rstrip("=")

    def read(self, cursor: str) -> list[Any]:
        """The values of the columns at the place.

        Raises:
            InvalidCursor: the text is no place in this order.
        """
        try:
            padded = cursor + "=" * (-len(cursor) % 4)
            written = json.loads(urlsafe_b64decode(padded))
            if self._name is not None:
                written = written[self._name]
            if isinstance(written, dict):
                raise TypeError("a place in an order that has a name")
            return [key.read(value) for key, value in zip(self.keys, written, strict=True)]
        except UNREADABLE as error:
            raise InvalidCursor from error

    def place(self, cursor: str) -> dict[str, Any]:
        """The same values, by names for `bindparam`s.

        Raises:
            InvalidCursor: the text is no place in this order.
        """
        return {f"after_{i}": value for i, value in enumerate(self.read(cursor))}

    def after(self, cursor: str) -> ColumnElement[bool]:
        """The condition that a row stands behind the place.

        Raises:
            InvalidCursor: the text is no place in this order.
        """
        values = zip(self.keys, self.read(cursor), strict=True)
        return self.after_values(
            [None if value is None else literal(value, key.column.type) for key, value in values]
        )

    def after_values(self, values: Sequence[ColumnElement[Any] | None]) -> ColumnElement[bool]:
        """The same, of a place that has these values: arguments, or None for NULL."""
        return behind(list(zip(self.keys, values, strict=True)))


def behind(pairs: Sequence[tuple[SortKey, ColumnElement[Any] | None]]) -> ColumnElement[bool]:
    (key, value), *rest = pairs
    return key.after(value, behind(rest) if rest else None)


def sort_key(expression: Any) -> SortKey:
    """Take a column apart from its direction."""
    column, descending = expression, False
    if isinstance(expression, UnaryExpression):
        column, descending = expression.element, expression.modifier is operators.desc_op
    return SortKey(column, descending, nullable=getattr(column, "nullable", True))


def write(value: Any) -> Any:
    """A value as JSON knows it."""
    if isinstance(value, Enum):
        return value.value
    if value is None or isinstance(value, bool | int | float | str):
        return value
    for name in (kind.__name__ for kind in type(value).__mro__):
        if name in READERS:
            return [name, as_text(value)]
    raise TypeError(f"{value!r}: a cursor cannot hold a {type(value).__name__}; order by others")


def as_text(value: Any) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return str(value // timedelta.resolution if isinstance(value, timedelta) else value)


def read(value: Any) -> Any:
    """What `write` was given."""
    match value:
        case [str(name), str(text)]:
            return READERS[name](text)
        case None | bool() | int() | float() | str():
            return value
        case _:
            raise TypeError(value)
