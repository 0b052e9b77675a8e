# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Pagination: query parameters, and schemas of the answers."""

from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query
from pydantic import GetCoreSchemaHandler

from ..db import Listing
from .schemas import Schema

Item = TypeVar("Item")

PageNumber = Annotated[int, Query(ge=1, le=1_000_000, description="The page to return, from 1.")]
PerPage = Annotated[int, Query(ge=1, le=100, description="The maximum number of items on a page.")]
Limit = Annotated[int, Query(ge=1, le=100, description="The maximum number of items.")]
Cursor = Annotated[
    str | None, Query(max_length=4000, description="`next_cursor` of the previous page, if any.")
]


@dataclass(frozen=True)
class SortOf:
    """A parameter that accepts a listing's sorts: `Annotated[str, SortOf(queries.users)]`."""

    listing: Listing[Any]

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> Any:
        return {"type": "literal", "expected": self.listing.sorts}


class PageOf(Schema, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    total: int
    page: int
    per_page: int
    pages: int


class ScrollOf(Schema, Generic[Item]):
    """The items after a cursor."""

    items: list[Item]
    next_cursor: str | None
