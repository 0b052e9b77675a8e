# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Lists as answers. Rows of a plain schema are written as JSON without an instance for each."""

from collections.abc import Mapping, Sequence
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


async def page_answer(
    listing: Listing[Row], *, page: int, per_page: int, sort: str | None = None, **filters: Any
) -> Response | Page[Row]:
    """Answer with a page of a listing; for a route with `response_model=PageOf[...]`.

    Args, Raises: as for `Listing.page`.
    """
    part, found = await listing.fetch_page(page=page, per_page=per_page, sort=sort, **filters)
    about = {"total": found.total, "page": page, "per_page": per_page, "pages": found.pages}
    answer = written(PageOf, listing.into, part.names, found.items, about)
    return answer or Page(part.read(found.items), found.total, page, per_page)


async def scroll_answer(
    listing: Listing[Row],
    *,
    limit: int,
    cursor: str | None = None,
    sort: str | None = None,
    **filters: Any,
) -> Response | Scroll[Row]:
    """Answer with a part of a listing; for a route with `response_model=ScrollOf[...]`.

    Args, Raises: as for `Listing.scroll`.
    """
    part, found = await listing.fetch_scroll(limit=limit, cursor=cursor, sort=sort, **filters)
    answer = written(
        ScrollOf, listing.into, part.names, found.items, {"next_cursor": found.next_cursor}
    )
    return answer or Scroll(part.read(found.items), found.next_cursor)


def written(
    outer: type[BaseModel],
    into: Any,
    names: Sequence[str],
    rows: Sequence[Sequence[Any]],
    about: Mapping[str, Any],
) -> Response | None:
    """The same bytes that FastAPI writes for instances; None where only instances will do.

    They differ where a schema does more than name and type its fields, or a value is not of its
    field's type.
    """
    serializer = serializer_of(outer, into)
    if serializer is None or len(names) < len(into.model_fields):
        return None
    items = [dict(zip(names, row, strict=True)) for row in rows]
    try:
        content = serializer.to_json({"items": items, **about}, warnings="error")
    except PydanticSerializationError:
        return None
    if any(text in content for text in NO_NUMBERS):
        return None
    return Response(content, media_type="application/json")


@cache
def serializer_of(outer: type[BaseModel], into: Any) -> SchemaSerializer | None:
    """What writes the rows of a plain schema within `PageOf` or `ScrollOf`."""
    if not is_plain_schema(into):
        return None
    row = core_schema.typed_dict_schema(fields_of(into))
    fields = fields_of(outer)
    fields["items"] = core_schema.typed_dict_field(core_schema.list_schema(row))
    config = core_schema.CoreConfig(ser_json_inf_nan="constants")
    return SchemaSerializer(core_schema.typed_dict_schema(fields), config)


def fields_of(schema: type[BaseModel]) -> dict[str, core_schema.TypedDictField]:
    return {
        name: core_schema.typed_dict_field(TypeAdapter[Any](hint).core_schema)
        for name, hint in get_type_hints(schema, include_extras=True).items()
        if name in schema.model_fields
    }
