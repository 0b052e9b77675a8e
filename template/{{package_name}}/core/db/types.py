# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The column types of this project, under the names that models and revisions use."""

from enum import Enum
from math import isfinite

from sqlalchemy import Dialect, Double
from sqlalchemy import Enum as EnumType

from .driver.types import BigIntKey, Duration, ExactDecimal, Json, TimeOfDay, UTCDateTime
from .typed import Typed

__all__ = [
    "BigIntKey",
    "Duration",
    "ExactDecimal",
    "FiniteFloat",
    "Json",
    "TimeOfDay",
    "UTCDateTime",
    "enum_by_value",
]


class FiniteFloat(Typed[float]):
    """A binary floating-point number. NaN and infinities, which not every database has, are refused."""

    impl = Double
    cache_ok = True
    values = float

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        if value is not None and not isfinite(value):
            raise ValueError(f"{value} is no finite number")
        return value

    def process_result_value(self, value: float | None, dialect: Dialect) -> float | None:
        return None if value is None else float(value)


def enum_by_value(enum: type[Enum], *, length: int = 32) -> EnumType:
    """A column type that stores the members' values, guarded by a named CHECK.

    Not a type of the database's own: those outlive a downgrade, and cannot be changed in a
    transaction.

    Args:
        enum: a `StrEnum`; its values are stored.
        length: of the column, in characters, with room for values to come.
    """
    return EnumType(
        enum,
        native_enum=False,
        create_constraint=True,
        length=length,
        values_callable=values,
    )


def values(enum: type[Enum]) -> list[str]:
    """The members' values, in the order of their definition."""
    return [str(member.value) for member in enum]
