# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Column types on SQLite, which stores everything as a number, a text or bytes."""

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
from sqlalchemy.sql.compiler import GenericTypeCompiler, SQLCompiler
from sqlalchemy.sql.functions import FunctionElement, current_timestamp, now
from sqlalchemy.types import TypeDecorator

from ..exact import to_exact, to_time_of_day, to_utc
from ..naming import is_foreign
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
    """A decimal number, kept exactly. One that would be rounded is refused.

    It is stored as an integer of its smallest unit, since SQLite's NUMERIC is a binary float: 0.10
    with a scale of 2 is stored as 10. Sums, differences and comparisons in SQL are exact; products
    and quotients in SQL must take the scale into account.

    Raises:
        ValueError: the precision is more than 18 digits, the most that 64 bits hold.
    """

    impl = BigInteger
    cache_ok = True
    values = Decimal

    def __init__(self, precision: int, scale: int) -> None:
        if precision > 18:
            raise ValueError(
                f"precision {precision} is too large: SQLite holds at most 18 digits, as in (18, 4)"
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
    """A JSON document. None is SQL's NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True


class WideInteger(Integer):
    """64 bits under the name INTEGER, the only type for which SQLite generates keys."""


class BigIntKey(Typed[int]):
    """A 64-bit key that the database generates."""

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


# SQLite's own CURRENT_TIMESTAMP has no fraction, and never equals a value of the type above.
# https://www.sqlite.org/lang_datefunc.html
@compiles(now, "sqlite")
@compiles(current_timestamp, "sqlite")
def current_time(function: FunctionElement[Any], compiler: SQLCompiler, **options: Any) -> str:
    if compiler.dialect.driver != "aiosqlite":  # another library's engine
        return "CURRENT_TIMESTAMP"
    return "strftime('%Y-%m-%d %H:%M:%f000', 'now')"


# SQLite accepts text of any length and numbers of any size in any column. A CHECK after the type
# enforces the type. The comment hides the CHECK from reflection, so that revisions do not copy it:
# it comes and goes with the type.
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
@compiles(SmallInteger, "sqlite")
def sized_integer(
    sized: Integer, compiler: GenericTypeCompiler, type_expression: Any = None, **options: Any
) -> str:
    sql, end = ("SMALLINT", 2**15) if isinstance(sized, SmallInteger) else ("INTEGER", 2**31)
    name = column_name(type_expression, compiler)
    return f"{sql} {CHECK} ({name} BETWEEN {-end} AND {end - 1})" if name else sql


@compiles(WideInteger, "sqlite")
def wide_integer(wide: WideInteger, compiler: GenericTypeCompiler, **options: Any) -> str:
    return "INTEGER"


def column_name(expression: Any, compiler: GenericTypeCompiler) -> str | None:
    """Return the quoted name of the column whose type is written.

    None for another library's table, and where no column is created, as in a CAST.
    """
    if getattr(expression, "__visit_name__", None) != Column.__visit_name__:
        return None
    if is_foreign(expression):
        return None
    return compiler.dialect.identifier_preparer.quote(expression.name)
