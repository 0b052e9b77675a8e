"""Numbers that a column cannot hold: a comparison finds no row, and a write is refused."""

from collections.abc import Callable
from dataclasses import make_dataclass
from typing import Any

import pytest
from sqlalchemy import String, bindparam, func, literal_column, select

from my_service.apps.lab.models import Counter, Link, Sample
from my_service.apps.lab.repository import CounterRepository, LinkRepository
from my_service.core.db import (
    InvalidValue,
    Listing,
    NotFound,
    prepare,
    prepare_delete,
    prepare_insert,
    prepare_update,
    transaction,
)

from .support import PLACES, database, inside, outside

pytestmark = pytest.mark.commits

COUNTERS = select(Counter).order_by(Counter.name)
CounterRead: type[Any] = make_dataclass("CounterRead", [("name", str)])

places = pytest.mark.parametrize("place", PLACES)
numbers = pytest.mark.parametrize("number", [2**31, -(2**31) - 1, 2**63 - 1])


@pytest.fixture
async def counters(isolated: None) -> None:
    async with transaction() as session:
        session.add_all([Counter(name="a", value=1), Counter(name="b", value=2)])
        session.add(Link(one=1, other=2))
        session.add(Sample(small=1))


@places
@numbers
async def test_a_comparison_finds_the_rows_that_it_describes(
    counters: None, place: Callable[..., Any], number: int
) -> None:
    equal = prepare(COUNTERS.where(Counter.value == bindparam("value")), CounterRead)
    several = Counter.value.in_(bindparam("values", expanding=True))
    among = prepare(COUNTERS.where(several), CounterRead)
    less = prepare(COUNTERS.where(Counter.value < bindparam("value")), CounterRead)
    small = prepare(
        select(Counter).where(select(Sample).where(Sample.small == bindparam("value")).exists()),
        CounterRead,
    )
    cut = prepare(
        select(func.substr(Counter.name, 1, bindparam("size", 1)).label("name")).where(
            Counter.value != bindparam("value")
        ),
        CounterRead,
    )
    assert await place(lambda: equal.all(value=number)) == []
    assert await place(lambda: small.all(value=number)) == []
    assert [row.name for row in await place(lambda: among.all(values=[number, 2]))] == ["b"]
    found = await place(lambda: less.all(value=number))
    assert [row.name for row in found] == (["a", "b"] if number > 0 else [])
    assert len(await place(lambda: cut.all(value=number))) == 2


@places
async def test_dollars_in_quotes_and_names_are_no_arguments(
    counters: None, place: Callable[..., Any]
) -> None:
    """PostgreSQL's arguments are `$1` and so on."""
    dollars = literal_column("'$1 $9'", String).label("name")
    priced = select(Counter.value.label("in$1"), dollars).subquery()
    low = prepare(select(priced).where(priced.c["in$1"] < bindparam("value")), CounterRead)
    found = await place(lambda: low.all(value=2**31))
    assert [row.name for row in found] == ["$1 $9", "$1 $9"]


@numbers
async def test_a_list_is_empty_and_a_row_not_found(counters: None, number: int) -> None:
    filters = {"value": Counter.value == bindparam("value")}
    listing = Listing(select(Counter), CounterRead, order_by=[Counter.name], filters=filters)
    page = await listing.page(page=1, per_page=5, value=number)
    assert (page.total, page.items) == (0, [])
    assert (await listing.scroll(limit=5, value=number)).items == []
    async with transaction() as session:
        links, rows = LinkRepository(session), CounterRepository(session)
        assert await links.get((number, 2)) is None
        assert await links.get_many([(number, 2), (1, number), (1, 2)]) != []
        assert await rows.find(value=number) == []
        assert await rows.find(Counter.value.in_([number])) == []
        assert await rows.update_where(Counter.value == number, values={"note": "x"}) == 0


@pytest.mark.parametrize("place", [outside, inside])
@numbers
async def test_a_write_by_such_a_key_finds_no_row(
    counters: None, place: Callable[..., Any], number: int
) -> None:
    update = prepare_update(Counter, CounterRead, Counter.value == bindparam("seen"))
    delete = prepare_delete(Link)
    with pytest.raises(NotFound):
        await place(lambda: update.one("a", {"note": "x"}, seen=number))
    with pytest.raises(NotFound):
        await place(lambda: delete.one((number, 2)))


@pytest.mark.parametrize("place", [outside, inside])
@numbers
async def test_such_a_number_is_not_stored(
    counters: None, place: Callable[..., Any], number: int
) -> None:
    insert = prepare_insert(Counter, CounterRead)
    with pytest.raises(InvalidValue):
        await place(lambda: insert.one(name="new", value=number))
    with pytest.raises(InvalidValue):
        async with transaction() as session:
            session.add(Counter(name="new", value=number))


@places
async def test_a_number_beyond_64_bits_is_no_value(
    counters: None, place: Callable[..., Any]
) -> None:
    """Only MySQL and MariaDB compare with it."""
    equal = prepare(COUNTERS.where(Counter.value == bindparam("value")), CounterRead)
    if database() in ("mysql", "mariadb"):
        assert await place(lambda: equal.all(value=2**70)) == []
        return
    with pytest.raises(InvalidValue):
        await place(lambda: equal.all(value=2**70))
