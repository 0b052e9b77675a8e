"""Composite keys, with attributes that have other names than their columns, do what any key does."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Link, Seat
from my_service.apps.lab.repository import LinkRepository, SeatRepository
from my_service.core.db import InvalidValue, Listing, NotFound, transaction

from .support import count, watched

SEATS = [(row, letter) for row in (1, 2) for letter in ("a", "b", "c")]


@dataclass
class LinkRead:
    one: int
    other: int


LINKS = Listing(select(Link), LinkRead, order_by=[Link.one, Link.other], sorts=[Link.other])


@pytest.fixture
async def seats(session: AsyncSession) -> SeatRepository:
    """Six seats: rows 1 and 2, each with a, b and c."""
    repository = SeatRepository(session)
    await repository.add_many([{"row": row, "letter": letter} for row, letter in SEATS])
    return repository


def keys(rows: Any) -> list[tuple[int, str]]:
    return [(seat.row, seat.letter) for seat in rows]


async def test_a_row_is_found_by_a_tuple_or_a_mapping(seats: SeatRepository) -> None:
    seat = await seats.get_one((2, "b"))
    assert await seats.get({"row": 2, "letter": "b"}) is seat
    assert await seats.get((2, "z")) is None
    with pytest.raises(NotFound, match="Seat"):
        await seats.get_one((2, "z"))


async def test_many_rows_are_found_in_the_order_of_their_keys(seats: SeatRepository) -> None:
    with watched() as seen:
        found = await seats.get_many([(2, "a"), (9, "a"), {"row": 1, "letter": "c"}, (2, "a")])
    assert keys(found) == [(2, "a"), (1, "c"), (2, "a")]
    assert len(seen) == 1
    assert await seats.get_many([]) == []


async def test_rows_are_locked_by_both_parts(seats: SeatRepository) -> None:
    assert keys(await seats.lock((2, "c"), (1, "a"))) == [(2, "c"), (1, "a")]
    assert keys(await seats.lock((2, "c"), (9, "a"), skip_locked=True)) == [(2, "c")]
    with pytest.raises(NotFound):
        await seats.lock((2, "c"), (2, "d"))


@pytest.mark.parametrize("key", [2, (2,), (2, "a", 1), "2a"])
async def test_a_key_of_another_shape_is_refused(seats: SeatRepository, key: Any) -> None:
    with pytest.raises(ValueError, match=r"give \(row, letter\)"):
        await seats.get_many([key])
    with pytest.raises(ValueError, match=r"give \(row, letter\)"):
        await seats.lock(key)


@pytest.mark.parametrize("key", [(1, "abc"), (2**31, "a"), (-(2**31) - 1, "a")])
async def test_a_value_that_does_not_fit_a_key_is_refused(
    isolated: None, key: tuple[int, str]
) -> None:
    with pytest.raises(InvalidValue):
        async with transaction() as session:
            await SeatRepository(session).add(Seat(row=key[0], letter=key[1]))


async def test_rows_exist_and_are_counted(seats: SeatRepository) -> None:
    assert await seats.count() == 6
    assert await seats.count(row=1) == 3
    assert await seats.exists(row=2, letter="c")
    assert not await seats.exists(row=3)


async def test_each_row_is_on_one_page(seats: SeatRepository) -> None:
    pages = [await seats.page(page=n, per_page=2, order_by=[Seat.rank]) for n in (1, 2, 3)]
    assert keys(seat for page in pages for seat in page.items) == SEATS
    assert {page.total for page in pages} == {6}


@pytest.mark.parametrize("limit", [1, 2, 4, 6])
async def test_a_scroll_returns_each_row_once(seats: SeatRepository, limit: int) -> None:
    found: list[Any] = []
    part = await seats.scroll(order_by=[Seat.rank], limit=limit)
    found += part.items
    while part.next_cursor is not None:
        part = await seats.scroll(order_by=[Seat.rank], limit=limit, cursor=part.next_cursor)
        found += part.items
    assert keys(found) == SEATS


async def test_an_upsert_finds_its_row_by_both_parts(seats: SeatRepository) -> None:
    before = await seats.get_one((1, "a"))
    for row in (1, 3):
        values = {"row": row, "letter": "a", "guest": "Ada", "rank": 5}
        seat = await seats.upsert(values, by=["row", "letter"], update=["guest"])
        assert (seat.row, seat.guest, seat.rank) == (row, "Ada", 0 if row == 1 else 5)
    assert before.guest == "Ada"
    await seats.upsert_many(
        [{"row": row, "letter": "a", "guest": "Bob"} for row in (1, 4)], by=["row", "letter"]
    )
    assert await seats.count(guest="Bob") == 2
    assert await seats.count() == 8


async def test_a_link_is_inserted_if_it_is_missing(session: AsyncSession) -> None:
    links = LinkRepository(session)
    for _ in range(2):
        link = await links.upsert({"one": 1, "other": 2}, by=["one", "other"])
        assert (link.one, link.other) == (1, 2)
        await links.upsert_many([{"one": 1, "other": n} for n in (2, 3)], by=["one", "other"])
        await links.add_missing([{"one": 1, "other": n} for n in (3, 4)], by=["one", "other"])
    assert await count(session, Link) == 3


@pytest.mark.parametrize("sort", [None, "other", "-other"])
async def test_a_listing_tells_rows_apart_by_the_whole_key(
    session: AsyncSession, sort: str | None
) -> None:
    pairs = [(one, other) for one in range(4) for other in range(3)]
    await LinkRepository(session).add_many([{"one": a, "other": b} for a, b in pairs])
    found: list[tuple[int, int]] = []
    part = await LINKS.scroll(limit=2, sort=sort)
    while True:
        found += [(link.one, link.other) for link in part.items]
        if part.next_cursor is None:
            break
        part = await LINKS.scroll(limit=2, sort=sort, cursor=part.next_cursor)
    by_other = sorted(pairs, key=lambda pair: (pair[1], pair[0]))
    assert found == {None: pairs, "other": by_other, "-other": by_other[::-1]}[sort]
