# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The base of all models: table names, column types and defaults."""

import re
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, ClassVar
from uuid import UUID

from sqlalchemy import Date, LargeBinary, MetaData, String, Uuid
from sqlalchemy.event import listens_for
from sqlalchemy.ext.asyncio import AsyncAttrs
from sqlalchemy.ext.mutable import MutableDict, MutableList
from sqlalchemy.orm import DeclarativeBase, MappedColumn, Mapper

from .naming import NAMING_CONVENTION, snake
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


class Base(AsyncAttrs, DeclarativeBase):
    """The base of all models. A table is named by the plural of its class, or by `__tablename__`.

    A plain annotation such as `Mapped[str]` gets its column type from the map below; an explicit
    type, as in `mapped_column(String(40))`, takes precedence. A subclass of a model is stored in
    the model's table, unless it declares a primary key: then its table is joined to the model's.
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

    def __init_subclass__(cls, **options: Any) -> None:
        if has_table(cls):
            cls.__tablename__ = plural(snake(cls.__name__))
        super().__init_subclass__(**options)

    def __repr__(self) -> str:
        keys = (str(column.key) for column in self.__mapper__.primary_key)
        shown = ", ".join(f"{key}={self.__dict__.get(key)!r}" for key in keys)
        return f"{type(self).__name__}({shown})"


@listens_for(Base, "instrument_class", propagate=True)
def read_defaults(mapper: Mapper[Any], model: type[Base]) -> None:
    """Read what the database computes with the row it is written to, by a SELECT if need be."""
    if mapper.eager_defaults == "auto":
        mapper.eager_defaults = True


def has_table(model: type[Base]) -> bool:
    """Return whether a model needs a table name; see `Base` for subclasses of models."""
    named = any("__tablename__" in vars(part) for part in model.__mro__ if not is_model(part))
    if named or any(name in vars(model) for name in ("__tablename__", "__table__", "__abstract__")):
        return False
    values: list[Any] = [value for value in vars(model).values() if isinstance(value, MappedColumn)]
    inherits = any(map(is_model, model.__mro__[1:]))
    return not inherits or any(value.column.primary_key for value in values)


def is_model(part: type[Any]) -> bool:
    return "__mapper__" in vars(part)


def plural(noun: str) -> str:
    """Return the English plural of a regular noun: "categories" for "category"."""
    if re.search(r"[^aeiou]y$", noun):
        return f"{noun[:-1]}ies"
    return f"{noun}es" if re.search(r"(s|x|z|ch|sh)$", noun) else f"{noun}s"
