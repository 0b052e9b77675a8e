# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Rows as lines of JSON, exactly: how each column type is stored, read and checked."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, cast
from uuid import UUID

from pydantic_core import CoreConfig, core_schema
from pydantic_core.core_schema import CoreSchema
from sqlalchemy import JSON, Column, Dialect, Double, Enum, Interval, String, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

from ...db import types
from ...db.exact import ENDS_OF_TIME
from ..autogenerate.kinds import python_type

CONFIG: CoreConfig = {
    "strict": True,
    "ser_json_bytes": "base64",
    "val_json_bytes": "base64",
    "ser_json_inf_nan": "strings",
}
INFINITIES = {end.replace(tzinfo=None) for end in ENDS_OF_TIME}
WRAPPED = "$json"  # marks the document null, which is not NULL, and documents with this mark


def number(value: Any) -> Any:
    return float(value) if value in {"NaN", "Infinity", "-Infinity"} else value


SCHEMAS: dict[type[Any], CoreSchema] = {
    bool: core_schema.bool_schema(),
    bytes: core_schema.bytes_schema(),
    date: core_schema.date_schema(),
    datetime: core_schema.datetime_schema(),
    Decimal: core_schema.decimal_schema(allow_inf_nan=True),
    float: core_schema.no_info_before_validator_function(
        number, core_schema.float_schema(allow_inf_nan=True)
    ),
    int: core_schema.int_schema(),
    str: core_schema.str_schema(),
    time: core_schema.time_schema(),
    timedelta: core_schema.timedelta_schema(),
    UUID: core_schema.uuid_schema(),
}


class Instant(types.UTCDateTime):
    """An instant, or an infinity of a database that has time zones."""

    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        plain = value and value.replace(tzinfo=None)
        infinite = plain in INFINITIES and getattr(self.impl, "timezone", False)
        return plain if infinite else super().process_bind_param(value, dialect)


def stored(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    """Return the type that writes a column's stored values and reads them back.

    The values of an app's own `TypeDecorator`, which may encrypt for instance, stay as they are.
    """
    if isinstance(kind, types.FiniteFloat):
        return Double()
    if isinstance(kind, types.UTCDateTime):
        return Instant()
    if isinstance(kind, Enum):
        enum: Any = kind
        native = Enum(*enum.enums, name=enum.name, schema=enum.schema)
        return native if enum.native_enum else Text()
    if isinstance(kind, JSON):
        return types.Json()
    own = getattr(types, type(kind).__name__, None) is type(kind) or isinstance(kind, Interval)
    if isinstance(kind, TypeDecorator) and (isinstance(kind, types.ListOf) or not own):
        return stored(kind.impl_instance)
    return kind


def values(kind: TypeEngine[Any]) -> type[Any]:
    """Return the class of a stored value.

    It is dict for documents, and object for what only the database can read: that is dumped as the
    database's text.
    """
    if isinstance(kind, Enum):
        return str
    found = python_type(Column("", kind))
    return found if found in SCHEMAS or found is dict else object


def schema(column: Column[Any], held: type[Any]) -> CoreSchema:
    """Return what checks and writes a column's values, which are of the class `held`."""
    kind = column.type
    if held is dict:
        return core_schema.any_schema()
    found = SCHEMAS.get(held, SCHEMAS[str])
    if isinstance(kind, types.ExactDecimal):
        found = core_schema.decimal_schema(max_digits=kind.precision, decimal_places=kind.scale)
    elif type(kind) is String and kind.length:
        found = core_schema.str_schema(max_length=kind.length)
    return core_schema.nullable_schema(found) if column.nullable else found


def is_wrapped(document: Any) -> bool:
    return isinstance(document, dict) and document.keys() == {WRAPPED}


def wrapped(document: Any) -> Any:
    """Return a document as a line has it, where null is NULL."""
    return {WRAPPED: document} if document is None or is_wrapped(document) else document


def unwrapped(document: Any) -> Any:
    """Return the document of a line; `JSON.NULL` for the document null."""
    if not is_wrapped(document):
        return document
    inner = cast("dict[str, Any]", document)[WRAPPED]
    return JSON.NULL if inner is None else inner
