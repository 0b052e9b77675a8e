# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Column types on MySQL and MariaDB, with fractions of a second and texts of any length."""

from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Column,
    Dialect,
    LargeBinary,
    Numeric,
    Table,
    Text,
    event,
)
from sqlalchemy.dialects.mysql import DATETIME, TIME
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import GenericTypeCompiler
from sqlalchemy.types import TypeDecorator

from ..exact import to_exact, to_time_of_day, to_utc
from ..typed import Typed

MICROSECOND = timedelta(microseconds=1)

# Text is compared by code point, as on other databases: "a" differs from "A", "á" and "a ".
# Each server reads only its own comment.
COLLATION = "/*M!100200 utf8mb4_nopad_bin */ /*!80000 utf8mb4_0900_bin */"


@event.listens_for(Table, "before_create")
def set_collation(table: Table, connection: object, **options: object) -> None:
    table.dialect_kwargs.setdefault("mysql_charset", "utf8mb4")
    table.dialect_kwargs.setdefault("mysql_collate", COLLATION)


@event.listens_for(Column, "after_parent_attach")
def allow_null_if_computed(column: Column[Any], table: object) -> None:
    """Declare computed columns without NOT NULL, which MariaDB refuses for them."""
    if column.computed is not None:
        column.nullable = True


# TEXT and BLOB end at 65,535 bytes on MySQL and MariaDB only.


@compiles(Text, "mysql", "mariadb")
def long_text(text: Text, compiler: GenericTypeCompiler, **options: Any) -> str:
    return "LONGTEXT"


@compiles(LargeBinary, "mysql", "mariadb")
def long_blob(binary: LargeBinary, compiler: GenericTypeCompiler, **options: Any) -> str:
    return "LONGBLOB"


class UTCDateTime(Typed[datetime]):
    """An instant, in UTC, to the microsecond. Naive values are refused."""

    impl = DATETIME(fsp=6)
    cache_ok = True
    values = datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else to_utc(value).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class ExactDecimal(Typed[Decimal]):
    """A decimal number, kept exactly. One that would be rounded is refused."""

    impl = Numeric
    cache_ok = True
    values = Decimal

    def __init__(self, precision: int, scale: int) -> None:
        super().__init__(precision, scale)
        self.precision = precision
        self.scale = scale

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else to_exact(value, self.precision, self.scale)


class Json(TypeDecorator[Any]):
    """A JSON document. None is SQL's NULL."""

    impl = JSON(none_as_null=True)
    cache_ok = True


class BigIntKey(Typed[int]):
    """A 64-bit key that the database generates."""

    impl = BigInteger
    cache_ok = True
    values = int


class Duration(Typed[timedelta]):
    """A length of time, stored as microseconds, since TIME ends at 838 hours."""

    impl = BigInteger
    cache_ok = True
    values = timedelta

    def process_bind_param(self, value: timedelta | None, dialect: Dialect) -> int | None:
        return None if value is None else value // MICROSECOND

    def process_result_value(self, value: int | None, dialect: Dialect) -> timedelta | None:
        return None if value is None else value * MICROSECOND


class TimeOfDay(Typed[time]):
    """A time of day, to the microsecond, without a time zone."""

    impl = TIME(fsp=6)
    cache_ok = True
    values = time

    def process_bind_param(self, value: time | None, dialect: Dialect) -> time | None:
        return None if value is None else to_time_of_day(value)
