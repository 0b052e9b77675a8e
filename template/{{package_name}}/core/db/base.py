# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The base of all models: names, types and the table that each class becomes."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Date, LargeBinary, MetaData, String, Uuid
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.ext.mutable import MutableDict, MutableList
from sqlalchemy.orm import DeclarativeBase, declared_attr

from .types import (
    LISTS,
    Duration,
    ExactDecimal,
    FiniteFloat,
    Json,
    ListOf,
    TimeOfDay,
    UTCDateTime,
    enum_by_value,
)

# Every constraint has a name that is the same on each database, so that a revision can drop it.
NAMING_CONVENTION = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(AsyncAttrs, DeclarativeBase):
    """A table of this service. Its name is the class's in the plural, unless `__tablename__` is set.

    A plain annotation such as `Mapped[str]` gets its column type from the map below;
    `mapped_column(String(40))` says otherwise.
    """

    metadata = MetaData(naming_convention=NAMING_CONVENTION)
    type_annotation_map: ClassVar[dict[Any, Any]] = {
        str: String(255),
        float: FiniteFloat(),
        bytes: LargeBinary(),
        Decimal: ExactDecimal(18, 4),
        UUID: Uuid(),
        datetime: UTCDateTime(),
        date: Date(),
        time: TimeOfDay(),
        timedelta: Duration(),
        Enum: enum_by_value(Enum),
        dict[str, Any]: MutableDict.as_mutable(Json()),
        **{kind: MutableList.as_mutable(ListOf(name)) for name, (kind, _) in LISTS.items()},
    }

    @declared_attr.directive
    def __tablename__(cls) -> str:
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", cls.__name__)
        return plural(words.lower())

    def __repr__(self) -> str:
        keys = (str(column.key) for column in self.__mapper__.primary_key)
        shown = ", ".join(f"{key}={self.__dict__.get(key)!r}" for key in keys)
        return f"{type(self).__name__}({shown})"


def plural(noun: str) -> str:
    """The English plural of a regular noun: "category" gives "categories"."""
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(s|x|z|ch|sh)$", noun) else f"{noun}s"
