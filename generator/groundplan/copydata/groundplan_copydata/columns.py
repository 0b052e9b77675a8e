"""Converts the values of one column between the forms in which two databases store them.

The models define what a value is; reflection shows how the source stores it: a decimal natively or as
an integer of its smallest unit, a time with or without an offset, a UUID natively or as text. So this
module needs no list of databases.
"""

from collections.abc import Callable
from dataclasses import astuple
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Double,
    Enum,
    Integer,
    Interval,
    Numeric,
    Text,
    Uuid,
)
from sqlalchemy.types import Float, TypeDecorator, TypeEngine

from .service import Types

Value = Any
Convert = Callable[[Value], Value]


def target_type(kind: TypeEngine[Any], types: Types) -> TypeEngine[Any]:
    """Return the type that writes a column's values and reads them back.

    The service's own `TypeDecorator`, which may encrypt for instance, is bypassed: the stored form is
    copied unchanged. An enum is copied as its text.
    """
    if isinstance(kind, Enum):
        enum: Any = kind  # its types are incomplete
        native = Enum(*enum.enums, name=enum.name, schema=enum.schema)
        return native if enum.native_enum else Text()
    if isinstance(kind, JSON):
        return types.Json()
    if isinstance(kind, Uuid):
        return Uuid(native_uuid=kind.native_uuid)
    if isinstance(kind, Interval):  # some databases store it as a point in time
        return kind
    if isinstance(kind, TypeDecorator) and not isinstance(kind, astuple(types)):
        return target_type(kind.impl_instance, types)
    return kind


def source_type(
    kind: TypeEngine[Any], stored: TypeEngine[Any], types: Types
) -> tuple[TypeEngine[Any], Convert]:
    """Return how to read a column from a database that may store it in another form.

    Args:
        kind: the type that writes the values, from `target_type`.
        stored: the column's type as the source database reports it.
        types: the service's column types.

    Returns:
        The type to select the column with, and a function that converts a selected value to the
        model's.
    """
    if isinstance(kind, types.ExactDecimal):
        precision, scale = exact_decimal_size(kind)
        if isinstance(stored, Integer):
            return BigInteger(), lambda units: Decimal(units).scaleb(-scale)
        return Numeric(precision, scale), Decimal
    if isinstance(kind, types.UTCDateTime):
        return stored, in_utc
    if isinstance(kind, types.Duration):
        return stored, to_timedelta
    if isinstance(kind, types.FiniteFloat | Float):
        return Double(), float
    if isinstance(kind, Uuid):
        return stored, to_uuid
    if isinstance(kind, Boolean):
        return stored, bool
    if isinstance(kind, Interval):
        return kind, unchanged
    if isinstance(kind, types.Json):
        return JSON(), unchanged
    return stored, unchanged


def exact_decimal_size(kind: Any) -> tuple[int, int]:
    """Return the precision and scale of an `ExactDecimal`."""
    return kind.precision, kind.scale


def unchanged(value: Value) -> Value:
    return value


def in_utc(value: datetime) -> datetime:
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def to_timedelta(value: timedelta | int) -> timedelta:
    return value if isinstance(value, timedelta) else timedelta(microseconds=value)


def to_uuid(value: UUID | str) -> UUID:
    return value if isinstance(value, UUID) else UUID(value)
