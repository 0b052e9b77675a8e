# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Lists as answers. Rows of a plain schema are written as JSON without an instance for each."""

from collections.abc import Container, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from functools import cache
from importlib import import_module
from inspect import isclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from annotated_types import BaseMetadata
from fastapi import Response
from pydantic import BaseModel, JsonValue, TypeAdapter
from pydantic.fields import FieldInfo
from pydantic_core import PydanticSerializationError, SchemaSerializer, core_schema

from ..db import Listing, Page, Scroll
from .lists import PageOf, ScrollOf
from .schemas import Schema

Row = TypeVar("Row")
Related = Mapping[str, core_schema.CoreSchema]

# Settings that change only names.
NAMING = dict.fromkeys(
    ("alias_generator", "populate_by_name", "validate_by_name", "serialize_by_alias")
)
TYPES = (str, int, float, bool, Decimal, UUID, datetime, date, time, timedelta, NoneType, JsonValue)


async def page_answer(
    listing: Listing[Row], *, envelope: type[BaseModel] = PageOf, **arguments: Any
) -> Response | Page[Row]:
    """Answer with `listing.page(**arguments)`, in a route with `response_model=PageOf[...]`.

    Args:
        envelope: another `response_model`, with fields of `Page` under aliases.
    """
    part, found = await listing.fetch_page(**arguments)
    answer = written(envelope, listing.into, part.names, found, listing.nesting)
    return answer or Page(part.read(found.items), found.total, found.page, found.per_page)


async def scroll_answer(listing: Listing[Row], **arguments: Any) -> Response | Scroll[Row]:
    """Answer with `listing.scroll(**arguments)`, in a route with `response_model=ScrollOf[...]`."""
    part, found = await listing.fetch_scroll(**arguments)
    answer = written(ScrollOf, listing.into, part.names, found, listing.nesting)
    return answer or Scroll(part.read(found.items), found.next_cursor)


def written(
    outer: type[BaseModel], into: Any, names: Sequence[str], found: Any, nesting: Any = None
) -> Response | None:
    """The bytes that FastAPI writes for instances, or None where only instances will do.

    They are needed where a schema does more than name and type its fields, or a value is not of
    its field's type.
    """
    serializer = serializer_of(outer, into, nesting and nesting.fields)
    if serializer is None or len(names) < len(into.model_fields):
        return None
    content = {name: getattr(found, name) for name in outer.model_fields}
    content["items"] = [dict(zip(names, row, strict=False)) for row in found.items]
    try:
        text = serializer.to_json(content, warnings="error", by_alias=True)
    except PydanticSerializationError:
        return None
    if b"NaN" in text or b"Infinity" in text:  # numbers that a schema refuses
        return None
    return Response(text, media_type="application/json")


@cache
def serializer_of(outer: type[BaseModel], into: Any, nested: Any = None) -> SchemaSerializer | None:
    """What writes the rows of a plain schema, or one with `NestedFields`, in `PageOf` or `ScrollOf`."""
    shared: dict[str, core_schema.CoreSchema] = {}
    related: Related | None = {}
    if nested is not None:
        module = import_module(".nested_rows", __package__)  # imported only by services that use it
        related = module.related(nested, into, shared)
    if related is None or not is_plain_schema(into, related):
        return None
    fields = fields_of(outer, shared, {})
    rows = core_schema.list_schema(core_schema.typed_dict_schema(fields_of(into, shared, related)))
    fields["items"]["schema"] = rows
    answer = core_schema.typed_dict_schema(fields)
    config = core_schema.CoreConfig(ser_json_inf_nan="constants")
    return SchemaSerializer(core_schema.definitions_schema(answer, [*shared.values()]), config)


def fields_of(
    schema: type[BaseModel], shared: dict[str, core_schema.CoreSchema], related: Related
) -> dict[str, core_schema.TypedDictField]:
    """The fields of a schema. Definitions that they refer to, as of JsonValue, go to `shared`."""
    hints = get_type_hints(schema, include_extras=True)
    fields: dict[str, core_schema.TypedDictField] = {}
    for name in schema.model_fields:
        kind = related.get(name) or TypeAdapter[Any](hints[name]).core_schema
        if kind["type"] == "definitions":
            shared |= {each["ref"]: each for each in kind["definitions"] if "ref" in each}
            kind = kind["schema"]
        alias = schema.model_fields[name].serialization_alias
        fields[name] = core_schema.typed_dict_field(kind, serialization_alias=alias)
    return fields


def is_plain_schema(into: type[Any], related: Container[str] = ()) -> bool:
    """Whether a schema has no validator, serializer, computed field, alias or setting of its own."""
    return (
        issubclass(into, Schema)
        and {**into.model_config, **NAMING} == {**Schema.model_config, **NAMING}
        and into.__pydantic_decorators__ == Schema.__pydantic_decorators__
        and not into.__pydantic_custom_init__
        and into.__pydantic_post_init__ is None
        and all(is_plain_field(f) for name, f in into.model_fields.items() if name not in related)
    )


def is_plain_field(field: FieldInfo) -> bool:
    if field.exclude or field.exclude_if:
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
