# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""SQLite's column types: it has numbers, text and bytes, so the rest is stored as one of these."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    VARCHAR,
    BigInteger,
    Column,
    DateTime,
    Dialect,
    Integer,
    SmallInteger,
    String,
    Time,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import GenericTypeCompiler
from sqlalchemy.types import TypeDecorator

from ..exact import to_exact, to_time_of_day, to_utc
from ..typed import Typed

MICROSECOND = timedelta(microseconds=1)


class UTCDateTime(Typed[datetime]):
    """An instant, in UTC, to the microsecond. Naive values are refused."""

    impl = DateTime
    cache_ok = True
    values = datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else to_utc(value).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class ExactDecimal(Typed[Decimal]):
    """A decimal number that comes back as it went in; one that would be rounded is refused.

    It is stored as a whole number of its smallest unit, since SQLite's own NUMERIC is a binary
    float: 0.10 with a scale of 2 is stored as 10. Sums, differences and comparisons in SQL are
    exact; a product or a quotient in SQL needs the scale taken into account.

    Raises:
        ValueError: a precision of over 18 digits, which 64 bits do not hold.
    """

    impl = BigInteger
    cache_ok = True
    values = Decimal

    def __init__(self, precision: int, scale: int) -> None:
        if precision > 18:
            raise ValueError(
                f"precision {precision}: SQLite holds at most 18 digits, as in (18, 4)"
            )
        super().__init__()
        self.precision = precision
        self.scale = scale

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        return int(to_exact(value, self.precision, self.scale).scaleb(self.scale))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value).scaleb(-self.scale)


class Json(TypeDecorator[Any]):
    """A document; None is SQL's NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True


class WideInteger(Integer):
    """64 bits under the name INTEGER, which is the only one that SQLite counts up."""


class BigIntKey(Typed[int]):
    """A 64-bit key that the database counts up."""

    impl = WideInteger
    cache_ok = True
    values = int


class Duration(Typed[timedelta]):
    """A length of time, stored as microseconds."""

    impl = BigInteger
    cache_ok = True
    values = timedelta

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else value // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else value * MICROSECOND


class TimeOfDay(Typed[time]):
    """A time of day, to the microsecond, without a time zone."""

    impl = Time
    cache_ok = True
    values = time

    def process_bind_param(self, value: time | None, dialect: Dialect) -> time | None:
        return None if value is None else to_time_of_day(value)


# SQLite takes a text of any length and a number of any size into any column. A CHECK behind the
# type of a column keeps to what the type says. The comment in it hides it from reflection: it comes
# and goes with the type, and is no constraint that a revision should copy.
CHECK = "CHECK /* the type's */"


@compiles(String, "sqlite")
@compiles(VARCHAR, "sqlite")
def sized_text(
    sized: String, compiler: GenericTypeCompiler, type_expression: Any = None, **options: Any
) -> str:
    text = compiler.visit_VARCHAR(sized, **options)
    name = column_name(type_expression, compiler)
    return f"{text} {CHECK} (length({name}) <= {sized.length})" if name and sized.length else text


@compiles(Integer, "sqlite")
def sized_integer(
    sized: Integer, compiler: GenericTypeCompiler, type_expression: Any = None, **options: Any
) -> str:
    name = column_name(type_expression, compiler)
    return f"INTEGER {CHECK} ({name} BETWEEN -2147483648 AND 2147483647)" if name else "INTEGER"


@compiles(SmallInteger, "sqlite")
def small_integer(
    sized: SmallInteger, compiler: GenericTypeCompiler, type_expression: Any = None, **options: Any
) -> str:
    name = column_name(type_expression, compiler)
    return f"SMALLINT {CHECK} ({name} BETWEEN -32768 AND 32767)" if name else "SMALLINT"


@compiles(WideInteger, "sqlite")
def wide_integer(wide: WideInteger, compiler: GenericTypeCompiler, **options: Any) -> str:
    return "INTEGER"


def column_name(expression: Any, compiler: GenericTypeCompiler) -> str | None:
    """The name, fit for SQL, of the column whose type is written; not of a key, nor in a CAST."""
    if isinstance(expression, Column) and not expression.primary_key:
        return compiler.dialect.identifier_preparer.quote(expression.name)
    return None
