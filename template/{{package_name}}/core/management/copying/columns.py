# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""One column in two databases: each keeps its values in a form of its own.

The models say what a value is, and the database that is read how it is kept: a decimal as such or
as a whole number of its smallest unit, an instant with an offset or without, a UUID as such or as
text. So no database needs to be known here.
"""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Boolean, Double, Enum, Integer, Numeric, Text, Uuid
from sqlalchemy.types import Float, TypeDecorator, TypeEngine

from ...db.types import Duration, ExactDecimal, FiniteFloat, Json, TimeOfDay, UTCDateTime

Value = Any
Convert = Callable[[Value], Value]

OWN = (Duration, ExactDecimal, FiniteFloat, Json, TimeOfDay, UTCDateTime)


def carried(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """The type by which values are written and read back.

    A type of the user's that wraps another one, to encrypt for instance, is passed by: what it made
    of a value is copied as it stands. So is a choice: its text.
    """
    if isinstance(kind, Enum):
        return Enum(*kind.enums, name=kind.name) if kind.native_enum else Text()
    if isinstance(kind, JSON):
        return Json()
    if isinstance(kind, TypeDecorator) and not isinstance(kind, OWN):
        return carried(kind.impl_instance)
    return kind


def reading(kind: TypeEngine[Any], kept: TypeEngine[Any]) -> tuple[TypeEngine[Any], Convert]:
    """How a column is read from a database that keeps it in its own way.

    Args:
        kind: the type by which it will be written: `carried` of the model's.
        kept: the type that the database says the column has.

    Returns:
        The type to select it by, and what makes a value of the model's from what it gives.
    """
    match kind:
        case ExactDecimal() if isinstance(kept, Integer):
            scale = kind.scale
            return BigInteger(), lambda units: Decimal(units).scaleb(-scale)
        case ExactDecimal():
            return Numeric(kind.precision, kind.scale), Decimal
        case UTCDateTime():
            return kept, in_utc
        case Duration():
            return kept, to_timedelta
        case FiniteFloat() | Float():
            return Double(), float
        case Uuid():
            return kept, to_uuid
        case Boolean():
            return kept, bool
        case Json():
            return JSON(), same
        case _:
            return kept, same


def same(value: Value) -> Value:
    return value


def in_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def to_timedelta(value: timedelta | int) -> timedelta:
    return value if isinstance(value, timedelta) else timedelta(microseconds=value)


def to_uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
