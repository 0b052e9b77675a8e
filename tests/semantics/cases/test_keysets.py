"""A keyset walk is the full sort, in parts: for any order, with nulls, ties and inserts meanwhile."""

from collections.abc import Awaitable, Callable
from dataclasses import make_dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from my_service.apps.lab.models import Sample
from my_service.apps.lab.repository import SampleRepository
from my_service.core.db import Listing, Scroll, transaction

from .strategies import FEW, orders, samples

pytestmark = pytest.mark.commits

Rows = list[dict[str, Any]]
Order = list[tuple[str, bool]]
Part = Callable[[str | None], Awaitable[Scroll[Any]]]
ENDLESS = 200

SampleRead: type[Any] = make_dataclass("SampleRead", [("id", Any), *((name, Any) for name in FEW)])
SORTED = Listing(
    select(Sample),
    SampleRead,
    order_by=[Sample.id],
    sorts=[getattr(Sample, name) for name in FEW],
)


def columns(order: Order) -> list[Any]:
    return [
        getattr(Sample, name).desc() if descending else getattr(Sample, name)
        for name, descending in order
    ]


def in_order(rows: list[Any], order: Order) -> list[Any]:
    """Python's own sort: the last column first, nulls behind all values, ties by the key."""
    rows = sorted(rows, key=lambda row: row.id)
    for name, descending in reversed(order):
        values = [row for row in rows if getattr(row, name) is not None]
        nulls = [row for row in rows if getattr(row, name) is None]
        rows = sorted(values, key=lambda row: getattr(row, name), reverse=descending) + nulls
    return rows


def by_repository(order: Order, limit: int) -> Part:
    async def part(cursor: str | None) -> Scroll[Any]:
        async with transaction(read_only=True) as session:
            return await SampleRepository(session).scroll(
                order_by=columns(order), limit=limit, cursor=cursor
            )

    return part


def by_listing(order: Order, limit: int) -> Part:
    listing = Listing(select(Sample), SampleRead, order_by=[*columns(order), Sample.id])
    return lambda cursor: listing.scroll(limit=limit, cursor=cursor)


async def walked(part: Part) -> list[Any]:
    """The keys of all parts' rows."""
    found: list[Any] = []
    cursor: str | None = None
    for _ in range(ENDLESS):
        scroll = await part(cursor)
        found += [row.id for row in scroll.items]
        cursor = scroll.next_cursor
        if cursor is None:
            break
    return found


async def only(rows: Rows) -> list[Sample]:
    """Make these the only rows that there are."""
    async with transaction() as session:
        await SampleRepository(session).delete_where()
        written = [Sample(**row) for row in rows]
        session.add_all(written)
    return written


WALKS = pytest.mark.parametrize("walk", [by_repository, by_listing])


@WALKS
@given(rows=samples(), order=orders(), limit=st.integers(1, 5))
async def test_a_walk_is_the_full_sort(
    isolated: None, walk: Callable[[Order, int], Part], rows: Rows, order: Order, limit: int
) -> None:
    written = await only(rows)
    part = walk(order, limit)
    found: list[Any] = []
    cursor: str | None = None
    for _ in range(ENDLESS):
        scroll = await part(cursor)
        assert len(scroll.items) == limit or scroll.next_cursor is None
        found += scroll.items
        cursor = scroll.next_cursor
        if cursor is None:
            break
    assert [row.id for row in found] == [row.id for row in in_order(written, order)]


@WALKS
@given(
    rows=samples(least=3), order=orders(), limit=st.integers(1, 3), later=st.lists(samples(1, 3))
)
async def test_a_walk_leaves_nothing_out_while_rows_are_inserted(
    isolated: None,
    walk: Callable[[Order, int], Part],
    rows: Rows,
    order: Order,
    limit: int,
    later: list[Rows],
) -> None:
    written = await only(rows)
    part = walk(order, limit)
    found: list[Any] = []
    cursor: str | None = None
    for turn in range(ENDLESS):
        scroll = await part(cursor)
        found += scroll.items
        cursor = scroll.next_cursor
        if cursor is None:
            break
        if turn < len(later):
            async with transaction() as session:
                session.add_all([Sample(**row) for row in later[turn]])
    keys = [row.id for row in found]
    old = {row.id for row in written}
    assert len(set(keys)) == len(keys)
    assert [key for key in keys if key in old] == [row.id for row in in_order(written, order)]
    assert keys == [row.id for row in in_order(found, order)]


@given(
    rows=samples(),
    name=st.sampled_from(sorted(FEW)),
    descending=st.booleans(),
    limit=st.integers(1, 5),
)
async def test_a_sort_is_the_full_sort_by_pages_and_by_parts(
    isolated: None, rows: Rows, name: str, descending: bool, limit: int
) -> None:
    """What is descending has its ties descend too: rows without nulls are turned round."""
    written = await only(rows)
    expected = [row.id for row in in_order(written, [(name, descending), ("id", descending)])]
    sort = f"-{name}" if descending else name
    assert (
        await walked(lambda cursor: SORTED.scroll(limit=limit, cursor=cursor, sort=sort))
        == expected
    )
    listed: list[Any] = []
    for number in range(1, len(rows) // limit + 2):
        page = await SORTED.page(page=number, per_page=limit, sort=sort)
        listed += [row.id for row in page.items]
        assert page.total == len(rows)
    assert listed == expected


@given(rows=samples(), order=orders(), per_page=st.integers(1, 5))
async def test_pages_by_number_are_the_full_sort(
    isolated: None, rows: Rows, order: Order, per_page: int
) -> None:
    written = await only(rows)
    listing = Listing(select(Sample), SampleRead, order_by=[*columns(order), Sample.id])
    expected = [row.id for row in in_order(written, order)]
    found: list[Any] = []
    listed: list[Any] = []
    for number in range(1, len(rows) // per_page + 2):
        async with transaction(read_only=True) as session:
            page = await SampleRepository(session).page(
                page=number, per_page=per_page, order_by=columns(order)
            )
        found += page.items
        listed += (await listing.page(page=number, per_page=per_page)).items
        assert page.total == len(rows)
    assert [row.id for row in found] == expected
    assert [row.id for row in listed] == expected
