# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The project's column types, by the names that models and revisions import."""

from datetime import date, datetime, time
from enum import Enum
from math import isfinite
from typing import Annotated, Any
from uuid import UUID

from pydantic import AfterValidator, Field, TypeAdapter
from sqlalchemy import Dialect, Double
from sqlalchemy import Enum as EnumType

from .driver.types import BigIntKey, Duration, ExactDecimal, Json, TimeOfDay, UTCDateTime
from .exact import to_time_of_day, to_utc
from .typed import Typed

__all__ = [
    "BigIntKey",
    "Duration",
    "ExactDecimal",
    "FiniteFloat",
    "Json",
    "ListOf",
    "TimeOfDay",
    "UTCDateTime",
    "enum_by_value",
]


class FiniteFloat(Typed[float]):
    """A binary floating-point number. NaN and infinities are refused: not every database has them."""

    impl = Double
    cache_ok = True
    values = float

    def process_bind_param(self, value: float | None, dialect: Dialect) -> float | None:
        if value is not None and not isfinite(value):
            raise ValueError(f"{value} is not a finite number")
        return value

    def process_result_value(self, value: float | None, dialect: Dialect) -> float | None:
        return None if value is None else float(value)


# List types by the name of their members' class: as annotated, and as validated.
LISTS: dict[str, tuple[Any, Any]] = {
    "bool": (list[bool], list[bool]),
    "date": (list[date], list[date]),
    "datetime": (list[datetime], list[Annotated[datetime, AfterValidator(to_utc)]]),
    "float": (list[float], list[Annotated[float, Field(allow_inf_nan=False)]]),
    "int": (list[int], list[int]),
    "str": (list[str], list[str]),
    "time": (list[time], list[Annotated[time, AfterValidator(to_time_of_day)]]),
    "UUID": (list[UUID], list[UUID]),
}


class ListOf(Typed[list[Any]]):
    """A list in one column, as JSON: the type of `Mapped[list[str]]`.

    Args:
        member: the name of its members' class, such as "str".
    """

    impl = Json
    cache_ok = True
    values = list

    def __init__(self, member: str) -> None:
        super().__init__()
        self.member = member
        _, checked = LISTS[member]
        self._adapter: TypeAdapter[list[Any]] = TypeAdapter(checked)

    def process_bind_param(self, value: list[Any] | None, dialect: Dialect) -> list[Any] | None:
        if value is None:
            return None
        members = self._adapter.validate_python(value)
        document: list[Any] = self._adapter.dump_python(members, mode="json")
        return document

    def process_result_value(self, value: list[Any] | None, dialect: Dialect) -> list[Any] | None:
        return None if value is None else self._adapter.validate_python(value)


def enum_by_value(enum: type[Enum], *, length: int = 32) -> EnumType:
    """Return a column type that stores the members' values, guarded by a named CHECK.

    It is not a native ENUM, which survives a downgrade and cannot be changed in a transaction.

    Args:
        enum: a `StrEnum`; its values are stored.
        length: of the column, in characters, with room for later values.
    """
    return EnumType(
        enum, native_enum=False, create_constraint=True, length=length, values_callable=values
    )


def values(enum: type[Enum]) -> list[str]:
    """Return the members' values, in the order of their definition."""
    return [str(member.value) for member in enum]
