# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Answers that are a part of a long list, and the parameters that choose the part."""

from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import GetCoreSchemaHandler

from ..db import Listing
from .schemas import Schema

Item = TypeVar("Item")

PageNumber = Annotated[int, Query(ge=1, le=1_000_000, description="The page, from 1.")]
PerPage = Annotated[int, Query(ge=1, le=100, description="The most items on a page.")]
Limit = Annotated[int, Query(ge=1, le=100, description="The most items.")]
Cursor = Annotated[
    str | None,
    Query(max_length=4000, description="`next_cursor` of the answer before; none for the first."),
]


@dataclass(frozen=True)
class SortOf:
    """The sorts of a listing, as the type of a parameter: `Annotated[str, SortOf(queries.users)]`."""

    listing: Listing[Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return {"type": "literal", "expected": self.listing.sorts}


class PageOf(Schema, Generic[Item]):
    """A part by its number."""

    items: list[Item]
    total: int
    page: int
    per_page: int
    pages: int


class ScrollOf(Schema, Generic[Item]):
    """A part by where it begins."""

    items: list[Item]
    next_cursor: str | None
