# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Lists by `limit` and `offset`, for clients that want them; `page` and `scroll` are in `core.web`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar

from fastapi import Query, Response
from pydantic import BaseModel

from ..db import InvalidValue, Listing
from ..db.pagination import MOST_ROWS, check_size
from .rows import written
from .schemas import Schema

__all__ = ["Offset", "Slice", "SliceOf", "slice_answer"]

Item = TypeVar("Item")

Offset = Annotated[int, Query(ge=0, le=100_000_000, description="The number of items to skip.")]


@dataclass(frozen=True)
class Slice(Generic[Item]):
    """The items after `offset` others, at most `limit`, and the total."""

    items: Sequence[Item]
    total: int
    limit: int
    offset: int


class SliceOf(Schema, Generic[Item]):
    """A part of a list."""

    items: list[Item]
    total: int
    limit: int
    offset: int


async def slice_answer(
    listing: Listing[Item],
    *,
    limit: int,
    offset: int = 0,
    sort: str | None = None,
    envelope: type[BaseModel] = SliceOf,
    **arguments: Any,
) -> Response | Slice[Item]:
    """Answer with a part of a listing, in a route with `response_model=SliceOf[...]`.

    Args:
        listing: its `page` documents `sort` and the other arguments.
        limit: the most items.
        offset: the number of items to skip.
        envelope: another `response_model`, with fields of `Slice` under aliases.

    Raises:
        InvalidValue: `limit` is less than 1, `offset` is negative, one of them is too large for any
            database, or `sort` is unknown.
    """
    check_size(limit)
    if not 0 <= offset < MOST_ROWS:
        raise InvalidValue("An offset is negative, or has more than 64 bits.")
    part, rows, total = await listing.fetch_from(offset, limit, sort, arguments)
    found = Slice(rows, total, limit, offset)
    answer = written(envelope, listing.into, part.names, found, listing.nesting)
    return answer or Slice(part.read(rows), total, limit, offset)
