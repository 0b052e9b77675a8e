"""Law 6: a scroll ends and returns every row exactly once, for every select that Listing accepts."""

from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import func, insert, select

from my_service.core.db import Base, Listing, prepare, transaction

from .random_models import Shape, Values, filled, schema, tables
from .support import Undone

pytestmark = pytest.mark.commits

ENDLESS = 300
Filled = tuple[Shape, list[Values]]


@asynccontextmanager
async def stored(*given: Filled, inside: bool) -> AsyncGenerator[list[type[Base]]]:
    """Tables with these rows, committed or in an open unit of work."""
    async with tables(*(shape for shape, _ in given)) as models:
        try:
            async with transaction() as session:
                for model, (_, rows) in zip(models, given, strict=True):
                    if rows:
                        await session.execute(insert(model), rows)
                if inside:
                    yield models
                    raise Undone
        except Undone:
            return
        yield models


def plain(first: type[Base], second: type[Base]) -> tuple[Any, list[Any]]:
    return select(*labelled(first, "a")), ["a"]


def joined(first: type[Base], second: type[Base]) -> tuple[Any, list[Any]]:
    columns = [*labelled(first, "a"), *labelled(second, "b")]
    on = key(first) == key(second)
    return select(*columns).join_from(first, second, on), ["a", "b"]


def outer(first: type[Base], second: type[Base]) -> tuple[Any, list[Any]]:
    columns = [*labelled(first, "a"), *labelled(second, "b")]
    return select(*columns).outerjoin_from(first, second, key(first) == key(second)), ["a", "b"]


def crossed(first: type[Base], second: type[Base]) -> tuple[Any, list[Any]]:
    columns = [*labelled(first, "a"), *labelled(second, "b")]
    return select(*columns).outerjoin_from(first, second, key(first) != key(second)), ["a", "b"]


def grouped(first: type[Base], second: type[Base]) -> tuple[Any, list[Any]]:
    keys = labelled(first, "a")
    counted = func.count(key(second)).label("counted")
    statement = select(*keys, counted).outerjoin_from(first, second, key(first) == key(second))
    return statement.group_by(*(column.element for column in keys)), ["a"]


def ranked(first: type[Base], second: type[Base]) -> tuple[Any, list[Any]]:
    rank = func.rank().over(order_by=key(first)).label("rank")
    return select(*labelled(first, "a"), rank), ["a"]


def labelled(model: type[Base], prefix: str) -> list[Any]:
    attributes = model.__mapper__.column_attrs.values()
    return [mapped.class_attribute.label(f"{prefix}_{mapped.key}") for mapped in attributes]


def key(model: type[Base]) -> Any:
    return model.__mapper__.attrs["key_0"].class_attribute


SELECTS = [plain, joined, outer, crossed, grouped, ranked]


@st.composite
def same_first_key(draw: st.DrawFn) -> tuple[Filled, Filled]:
    """Two models whose first keys hold the same values, to be joined by."""
    shape, rows = draw(filled(6))
    other, _ = draw(filled(0))
    other = replace(other, keys={**other.keys, "key_0": shape.keys["key_0"]})
    return (shape, rows), (other, draw(other.rows(6)))


async def walked(listing: Listing[Any], limit: int, sort: str | None) -> list[Any]:
    found: list[Any] = []
    cursor: str | None = None
    for _ in range(ENDLESS):
        part = await listing.scroll(limit=limit, cursor=cursor, sort=sort)
        found += part.items
        cursor = part.next_cursor
        if cursor is None:
            return found
    raise AssertionError(f"the scroll did not end: {found[:5]}")


async def paged(listing: Listing[Any], per_page: int, sort: str | None) -> list[Any]:
    found: list[Any] = []
    number, total = 1, 1
    while len(found) < total and number <= ENDLESS:
        page = await listing.page(page=number, per_page=per_page, sort=sort)
        found, total, number = [*found, *page.items], page.total, number + 1
    return found


@given(
    make=st.sampled_from(SELECTS),
    pair=same_first_key(),
    data=st.data(),
    limit=st.integers(1, 4),
    inside=st.booleans(),
)
async def test_a_scroll_returns_every_row_once(
    isolated: None,
    make: Callable[..., Any],
    pair: tuple[Filled, Filled],
    data: st.DataObject,
    limit: int,
    inside: bool,
) -> None:
    async with stored(*pair, inside=inside) as models:
        statement, prefixes = make(*models)
        columns = dict(statement.selected_columns.items())
        unique = [name for name in columns if name.startswith(tuple(f"{p}_key" for p in prefixes))]
        first = data.draw(st.lists(st.sampled_from(sorted(columns)), max_size=3, unique=True))
        order = [*first, *data.draw(st.permutations([n for n in unique if n not in first]))]
        downs = data.draw(st.lists(st.booleans(), min_size=len(order), max_size=len(order)))
        sort = data.draw(
            st.none() | st.sampled_from([s for name in columns for s in (name, f"-{name}")])
        )
        listing = Listing(
            statement,
            schema(list(columns)),
            order_by=[
                columns[name].desc() if down else columns[name]
                for name, down in zip(order, downs, strict=True)
            ],
            sorts=[*columns.values()],
        )
        expected = await prepare(statement, schema(list(columns))).all()
        found = await walked(listing, limit, sort)
        assert Counter(map(repr, found)) == Counter(map(repr, expected))
        assert await paged(listing, limit, sort) == found
