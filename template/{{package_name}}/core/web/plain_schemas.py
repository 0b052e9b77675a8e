# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Plain schemas: those that only name and type their fields, so that rows need no instance."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from inspect import isclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from uuid import UUID

from annotated_types import BaseMetadata
from pydantic import JsonValue
from pydantic.fields import FieldInfo

from .schemas import Schema

TYPES = (str, int, float, bool, Decimal, UUID, datetime, date, time, timedelta, NoneType, JsonValue)


def is_plain_schema(into: type[Any]) -> bool:
    """Whether a schema has no validator, serializer, computed field, alias or setting of its own."""
    return (
        issubclass(into, Schema)
        and into.model_config == Schema.model_config
        and into.__pydantic_decorators__ == Schema.__pydantic_decorators__
        and not into.__pydantic_custom_init__
        and into.__pydantic_post_init__ is None
        and all(map(is_plain_field, into.model_fields.values()))
    )


def is_plain_field(field: FieldInfo) -> bool:
    if field.alias or field.serialization_alias or field.exclude or field.exclude_if:
        return False
    return is_plain(field.annotation) and all(map(only_checks, field.metadata))


def is_plain(hint: Any) -> bool:
    """Whether validation returns a database's value of this type as it is."""
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return is_plain(arguments[0]) and all(map(only_checks, arguments[1:]))
    if origin in (list, dict, Union, UnionType):
        return all(map(is_plain, arguments))
    return origin is Literal or hint in TYPES or (isclass(hint) and issubclass(hint, Enum))


def only_checks(metadata: Any) -> bool:
    """Whether a part of `Annotated` only compares a value, as `Field(ge=1)` does."""
    if isinstance(metadata, FieldInfo):
        return all(map(only_checks, metadata.metadata))
    return isinstance(metadata, BaseMetadata)
