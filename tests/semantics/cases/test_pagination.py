"""Parts of a list: by number and by place."""

import base64
import json
from contextlib import suppress
from dataclasses import dataclass, make_dataclass
from itertools import product
from typing import Any

import pytest
from sqlalchemy import bindparam, desc, func, nulls_last, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from my_service.apps.lab.models import Book, Colour, Counter, Sample
from my_service.apps.lab.repository import BookRepository, CounterRepository, SampleRepository
from my_service.core.db import InvalidCursor, InvalidValue, Listing
from my_service.core.db.keyset import Keyset

from .library import fill
from .strategies import FEW
from .support import names, watched


@dataclass
class CounterRead:
    name: str
    value: int


SampleRead: type[Any] = make_dataclass("SampleRead", [("id", Any), *((name, Any) for name in FEW)])


@pytest.fixture
async def counters(session: AsyncSession) -> CounterRepository:
    """25 counters, with the values 0 to 4 five times."""
    repository = CounterRepository(session)
    await repository.add_many([{"name": f"{n:02}", "value": n % 5} for n in range(25)])
    return repository


async def test_a_page_knows_the_whole(counters: CounterRepository) -> None:
    with watched() as seen:
        page = await counters.page(Counter.value < 4, page=2, per_page=8, order_by=[Counter.value])
    assert len(seen) == 2
    assert (page.total, page.page, page.per_page, page.pages, len(page.items)) == (20, 2, 8, 3, 8)


async def test_pages_hold_each_row_once(counters: CounterRepository) -> None:
    """An order with ties is made total by the key."""
    pages = [
        await counters.page(page=n, per_page=7, order_by=[Counter.value.desc()])
        for n in (1, 2, 3, 4)
    ]
    rows = [row for page in pages for row in page.items]
    assert names(rows) == [f"{n:02}" for n in sorted(range(25), key=lambda n: (-(n % 5), n))]


async def test_a_page_behind_the_end_is_empty(counters: CounterRepository) -> None:
    page = await counters.page(page=9, per_page=10)
    assert (list(page.items), page.total, page.pages) == ([], 25, 3)
    page = await counters.page(page=1, per_page=10, value=99)
    assert (list(page.items), page.total, page.pages) == ([], 0, 0)


@pytest.mark.parametrize("page", [0, -1, 2**63, 2**64, 2**200])
async def test_a_page_that_no_list_has_is_refused(session: AsyncSession, page: int) -> None:
    with pytest.raises(InvalidValue):
        await CounterRepository(session).page(page=page, per_page=2)
    with pytest.raises(InvalidValue):
        await LISTING.page(page=page, per_page=2)


@pytest.mark.parametrize("size", [0, -1, 2**63, 10**5000], ids=range(4))
async def test_a_part_of_no_size_is_refused(session: AsyncSession, size: int) -> None:
    counters = CounterRepository(session)
    for part in (
        counters.page(page=1, per_page=size),
        LISTING.page(page=1, per_page=size),
        counters.scroll(order_by=[Counter.value], limit=size),
        LISTING.scroll(limit=size),
    ):
        with pytest.raises(InvalidValue):
            await part


async def test_a_scroll_ends_without_a_cursor(counters: CounterRepository) -> None:
    seen_names: list[str] = []
    cursor: str | None = None
    for _ in range(3):
        with watched() as seen:
            part = await counters.scroll(order_by=[Counter.value], limit=10, cursor=cursor)
        assert len(seen) == 1
        seen_names += names(part.items)
        cursor = part.next_cursor
    assert cursor is None
    assert seen_names == [f"{n:02}" for n in sorted(range(25), key=lambda n: (n % 5, n))]


async def test_a_last_part_that_is_full_has_no_cursor(counters: CounterRepository) -> None:
    part = await counters.scroll(order_by=[], limit=25)
    assert (len(part.items), part.next_cursor) == (25, None)
    part = await counters.scroll(Counter.value > 9, order_by=[], limit=5)
    assert (list(part.items), part.next_cursor) == ([], None)


async def test_a_scroll_is_filtered_and_loads_relations(session: AsyncSession) -> None:
    await fill(session)
    books = BookRepository(session)
    part = await books.scroll(
        Book.price.is_not(None),
        order_by=[Book.price.desc(), Book.title],
        limit=2,
        options=[selectinload(Book.chapters)],
    )
    assert names(part.items, "title") == ["Beta", "Alpha"]
    assert [len(book.chapters) for book in part.items] == [1, 3]
    part = await books.scroll(
        Book.price.is_not(None),
        order_by=[Book.price.desc(), Book.title],
        limit=2,
        cursor=part.next_cursor,
    )
    assert names(part.items, "title") == ["Delta", "Epsilon"]


@pytest.mark.parametrize("descending", [False, True])
async def test_nulls_stand_last(session: AsyncSession, descending: bool) -> None:
    samples = SampleRepository(session)
    await samples.add_many([{"number": n} for n in (None, 2, None, 1, 3)])
    order = Sample.number.desc() if descending else Sample.number.asc()
    found: list[int | None] = []
    cursor: str | None = None
    while True:
        part = await samples.scroll(order_by=[order], limit=1, cursor=cursor)
        found += names(part.items, "number")
        cursor = part.next_cursor
        if cursor is None:
            break
    assert found == [*sorted((1, 2, 3), reverse=descending), None, None]


async def scrolled(samples: SampleRepository, *order_by: Any) -> list[str | None]:
    """The words of all rows, one at a time."""
    found: list[str | None] = []
    part = await samples.scroll(order_by=order_by, limit=1)
    found += names(part.items, "word")
    while part.next_cursor is not None and len(found) < 99:
        part = await samples.scroll(order_by=order_by, limit=1, cursor=part.next_cursor)
        found += names(part.items, "word")
    return found


async def test_an_order_is_by_any_expression(session: AsyncSession) -> None:
    samples = SampleRepository(session)
    words = ["b", None, "C", "a", "B", None, "c"]
    await samples.add_many([{"word": word, "number": n} for n, word in enumerate(words)])
    lower, number = func.lower(Sample.word), Sample.number
    rising = ["a", "b", "B", "C", "c", None, None]
    assert await scrolled(samples, lower, number) == rising
    assert await scrolled(samples, lower.asc().nulls_last(), number) == rising
    falling = ["C", "c", "b", "B", "a", None, None]
    assert await scrolled(samples, lower.desc().nulls_last(), number.asc()) == falling
    assert await scrolled(samples, nulls_last(desc(lower)), number) == falling
    by_number = await scrolled(samples, (Sample.number * -1).desc(), Sample.word)
    assert by_number == words
    page = await samples.page(page=1, per_page=9, order_by=[lower.desc().nulls_last(), number])
    assert names(page.items, "word") == falling
    with pytest.raises(ValueError, match="NULLs sort last"):
        await samples.scroll(order_by=[Sample.word.nulls_first()], limit=1)


def forged(*values: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


FORGED = [
    "",
    "x",
    "%%%",
    "Ä",
    "a" * 1001,
    forged(),
    forged(1),
    forged(1, "a", 2),
    forged({"a": 1}, "a"),
    forged(["list"], "a"),
    forged(["date", "tomorrow"], "a"),
    forged(["Decimal", "x"], "a"),
    forged(["object", "a"], "a"),
    forged([1, 2, 3], "a"),
    forged(0.5, "a"),
    forged("1", "a"),
    base64.urlsafe_b64encode(b"null").decode(),
    base64.urlsafe_b64encode(b"\xff\xfe").decode(),
    base64.urlsafe_b64encode(b"[" * 100_000).decode(),
]


LISTING = Listing(select(Counter), CounterRead, order_by=[Counter.value, Counter.name])


@pytest.mark.parametrize("cursor", FORGED, ids=range(len(FORGED)))
async def test_a_cursor_of_another_list_is_refused(session: AsyncSession, cursor: str) -> None:
    with pytest.raises(InvalidCursor):
        await CounterRepository(session).scroll(order_by=[Counter.value], limit=1, cursor=cursor)
    with pytest.raises(InvalidCursor):
        await LISTING.scroll(limit=1, cursor=cursor)


UNLIKE = [
    (name, other)
    for name in FEW
    for other in FEW
    if not isinstance(FEW[other][0], type(FEW[name][0]))
]


@pytest.mark.parametrize(("name", "other"), UNLIKE)
async def test_a_place_of_another_type_is_refused(
    session: AsyncSession, name: str, other: str
) -> None:
    """A cursor is no secret: whoever writes one by hand is told so, too."""
    column = getattr(Sample, name)
    listing = Listing(select(Sample), SampleRead, order_by=[column, Sample.id])
    row = Sample(**{other: FEW[other][-1]})
    cursor = Keyset([]).cursor([getattr(row, other), row.id])
    with pytest.raises(InvalidCursor):
        await SampleRepository(session).scroll(order_by=[column], limit=1, cursor=cursor)
    with pytest.raises(InvalidCursor):
        await listing.scroll(limit=1, cursor=cursor)


SORTED = Listing(
    select(Counter),
    CounterRead,
    order_by=[Counter.value.desc(), Counter.name],
    sorts=[Counter.name, Counter.value],
    filters={"least": Counter.value >= bindparam("least")},
)


async def test_a_sort_takes_the_place_of_the_order(counters: CounterRepository) -> None:
    with watched() as seen:
        page = await SORTED.page(page=1, per_page=3, sort="-value", least=3)
        part = await SORTED.scroll(limit=3, sort="-value", least=3)
        rest = await SORTED.scroll(limit=2, sort="-value", least=3, cursor=part.next_cursor)
    assert len(seen) == 3
    assert (page.total, [row.name for row in page.items]) == (10, ["24", "19", "14"])
    assert [row.name for row in (*part.items, *rest.items)] == ["24", "19", "14", "09", "04"]
    page = await SORTED.page(page=1, per_page=3)
    assert [row.name for row in page.items] == ["04", "09", "14"]


@pytest.mark.parametrize("sort", ["", "-", "--name", "names", "Name", "name ", "value,name"])
async def test_a_sort_that_a_list_does_not_have_is_refused(
    session: AsyncSession, sort: str
) -> None:
    with pytest.raises(InvalidValue):
        await SORTED.page(page=1, per_page=1, sort=sort)
    with pytest.raises(InvalidValue):
        await SORTED.scroll(limit=1, sort=sort)
    with pytest.raises(InvalidValue):
        await LISTING.page(page=1, per_page=1, sort="value")


@pytest.mark.parametrize(
    ("sort", "other"),
    [pair for pair in product(SORTED.sorts, [None, *SORTED.sorts]) if pair[0] != pair[1]],
)
async def test_a_cursor_is_good_for_its_own_sort_alone(
    counters: CounterRepository, sort: str, other: str | None
) -> None:
    """Even where the other sort has the same column."""
    cursor = (await SORTED.scroll(limit=1, sort=sort)).next_cursor
    with pytest.raises(InvalidCursor):
        await SORTED.scroll(limit=1, sort=other, cursor=cursor)
    cursor = (await SORTED.scroll(limit=1, sort=other)).next_cursor
    with pytest.raises(InvalidCursor):
        await SORTED.scroll(limit=1, sort=sort, cursor=cursor)


@pytest.mark.commits
@pytest.mark.parametrize("number", [2**31, 2**63, -(2**70), 10**4000], ids=range(4))
async def test_a_number_that_no_column_holds_is_a_place_or_refused(
    isolated: None, number: int
) -> None:
    """Databases tell apart whether they compare with it; none fails."""
    with suppress(InvalidValue):
        part = await SORTED.scroll(limit=1, cursor=forged(number, "x"))
        assert part.next_cursor is None


async def test_a_listing_pages_and_scrolls_as_a_repository_does(
    counters: CounterRepository,
) -> None:
    listing = Listing(
        select(Counter),
        CounterRead,
        order_by=[Counter.value.desc(), Counter.name],
        filters={
            "value": Counter.value == bindparam("value"),
            "least": Counter.value >= bindparam("least"),
        },
    )
    with watched() as seen:
        page = await listing.page(page=2, per_page=3, least=3)
    assert (page.total, page.pages, len(seen)) == (10, 4, 1)
    assert [row.name for row in page.items] == ["19", "24", "03"]
    with watched() as seen:
        part = await listing.scroll(limit=4, least=4, value=None)
        rest = await listing.scroll(limit=4, least=4, cursor=part.next_cursor)
    assert len(seen) == 2
    assert [row.name for row in (*part.items, *rest.items)] == ["04", "09", "14", "19", "24"]
    assert rest.next_cursor is None


async def test_an_enum_is_a_place_like_its_value(session: AsyncSession) -> None:
    samples = SampleRepository(session)
    await samples.add_many([{"colour": colour} for colour in (*Colour, None)])
    part = await samples.scroll(order_by=[Sample.colour], limit=2)
    rest = await samples.scroll(order_by=[Sample.colour], limit=2, cursor=part.next_cursor)
    assert names([*part.items, *rest.items], "colour") == [*sorted(Colour), None]
