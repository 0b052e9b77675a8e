# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Column types on PostgreSQL, all native: instants, exact decimals, intervals and JSON."""

from datetime import datetime, time, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import BigInteger, DateTime, Dialect, Interval, Numeric, Time
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator

from ..exact import to_exact, to_time_of_day, to_utc
from ..typed import Typed

# Operators that have a key or a path on their right, not a document.
FOR_KEYS_AND_PATHS = {"?", "?&", "?|", "#-", "@?", "@@"}


class UTCDateTime(Typed[datetime]):
    """An instant, in UTC, to the microsecond. Naive values are refused."""

    impl = DateTime(timezone=True)
    cache_ok = True
    values = datetime

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else to_utc(value)


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

    impl = JSONB(none_as_null=True)
    cache_ok = True

    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> Any:
        """Take keys and paths for text, and everything else for a document."""
        if getattr(op, "opstring", None) in FOR_KEYS_AND_PATHS:
            return self.impl_instance.coerce_compared_value(op, value)
        return self


class BigIntKey(Typed[int]):
    """A 64-bit key that the database generates."""

    impl = BigInteger
    cache_ok = True
    values = int


class Duration(Typed[timedelta]):
    """A length of time, to the microsecond."""

    impl = Interval
    cache_ok = True
    values = timedelta


class TimeOfDay(Typed[time]):
    """A time of day, to the microsecond, without a time zone."""

    impl = Time
    cache_ok = True
    values = time

    def process_bind_param(self, value: time | None, dialect: Dialect) -> time | None:
        return None if value is None else to_time_of_day(value)
