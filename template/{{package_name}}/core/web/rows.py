# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Lists as answers. Rows of a plain schema are written as JSON without an instance for each."""

from collections.abc import Sequence
from functools import cache
from typing import Any, TypeVar, get_type_hints

from fastapi import Response
from pydantic import BaseModel, TypeAdapter
from pydantic_core import PydanticSerializationError, SchemaSerializer, core_schema

from ..db import Listing, Page, Scroll
from .lists import PageOf, ScrollOf
from .plain_schemas import is_plain_schema

Row = TypeVar("Row")

NO_NUMBERS = (b"NaN", b"Infinity")  # which a schema refuses


async def page_answer(listing: Listing[Row], **arguments: Any) -> Response | Page[Row]:
    """Answer with `listing.page(**arguments)`, in a route with `response_model=PageOf[...]`."""
    part, found = await listing.fetch_page(**arguments)
    answer = written(PageOf, listing.into, part.names, found)
    return answer or Page(part.read(found.items), found.total, found.page, found.per_page)


async def scroll_answer(listing: Listing[Row], **arguments: Any) -> Response | Scroll[Row]:
    """Answer with `listing.scroll(**arguments)`, in a route with `response_model=ScrollOf[...]`."""
    part, found = await listing.fetch_scroll(**arguments)
    answer = written(ScrollOf, listing.into, part.names, found)
    return answer or Scroll(part.read(found.items), found.next_cursor)


def written(
    outer: type[BaseModel], into: Any, names: Sequence[str], found: Page[Any] | Scroll[Any]
) -> Response | None:
    """The bytes that FastAPI writes for instances, or None where only instances will do.

    They are needed where a schema does more than name and type its fields, or a value is not of
    its field's type.
    """
    serializer = serializer_of(outer, into)
    if serializer is None or len(names) < len(into.model_fields):
        return None
    content = {name: getattr(found, name) for name in outer.model_fields}
    content["items"] = [dict(zip(names, row, strict=True)) for row in found.items]
    try:
        text = serializer.to_json(content, warnings="error")
    except PydanticSerializationError:
        return None
    if any(number in text for number in NO_NUMBERS):
        return None
    return Response(text, media_type="application/json")


@cache
def serializer_of(outer: type[BaseModel], into: Any) -> SchemaSerializer | None:
    """What writes the rows of a plain schema within `PageOf` or `ScrollOf`."""
    if not is_plain_schema(into):
        return None
    fields = fields_of(outer)
    rows = core_schema.list_schema(core_schema.typed_dict_schema(fields_of(into)))
    fields["items"] = core_schema.typed_dict_field(rows)
    config = core_schema.CoreConfig(ser_json_inf_nan="constants")
    return SchemaSerializer(core_schema.typed_dict_schema(fields), config)


def fields_of(schema: type[BaseModel]) -> dict[str, core_schema.TypedDictField]:
    hints = get_type_hints(schema, include_extras=True)
    types = {name: TypeAdapter[Any](hints[name]) for name in schema.model_fields}
    return {name: core_schema.typed_dict_field(of.core_schema) for name, of in types.items()}
