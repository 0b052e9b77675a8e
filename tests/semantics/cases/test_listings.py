"""Listings over any select: joins, groups, windows. Each row once, and a true total."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Select, String, bindparam, func, literal, select, true
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from my_service.apps.lab.models import (
    Animal,
    Author,
    Book,
    Chapter,
    Counter,
    Keeper,
    Publisher,
    Seat,
)
from my_service.apps.lab.repository import BookRepository
from my_service.core.db import InvalidValue, Listing
from my_service.core.db.ordering import computes
from my_service.core.web.slices import Slice, slice_answer

from .library import BOOKS, fill


@dataclass
class BookRead:
    title: str
    publisher: str | None
    id: Any = None


@dataclass
class AuthorRead:
    name: str
    books: int
    most: int | None = None


@dataclass
class Place:
    title: str
    place: int


Publishers = aliased(Publisher)

# A NOT NULL column of a joined table is NULL where nothing was joined.
OUTER = [
    select(Book.title, Book.id, Publisher.name.label("publisher")).outerjoin(Book.publisher),
    select(Book.title, Book.id, Publishers.name.label("publisher")).outerjoin(
        Publishers, Publishers.id == Book.publisher_id
    ),
    select(Book.title, Book.id, Publisher.name.label("publisher"))
    .join(Author, Author.id == Book.author_id)
    .outerjoin(Publisher, Publisher.id == Book.publisher_id),
]


async def walk(listing: Listing[Any], limit: int, sort: str | None = None) -> list[Any]:
    """All rows, by parts; and the same by pages."""
    found: list[Any] = []
    cursor: str | None = None
    for _ in range(99):
        part = await listing.scroll(limit=limit, cursor=cursor, sort=sort)
        found += part.items
        cursor = part.next_cursor
        if cursor is None:
            break
    paged: list[Any] = []
    for number in range(1, len(found) // limit + 2):
        page = await listing.page(page=number, per_page=limit, sort=sort)
        assert page.total == len(found)
        paged += page.items
    assert paged == found
    return found


@pytest.mark.parametrize("limit", [1, 2, 4])
@pytest.mark.parametrize("descending", [False, True])
@pytest.mark.parametrize("statement", OUTER, ids=range(len(OUTER)))
async def test_an_outer_join_loses_no_row(
    session: AsyncSession, statement: Select[Any], descending: bool, limit: int
) -> None:
    await fill(session)
    listing = Listing(statement, BookRead, order_by=[Book.id], sorts=[publisher_of(statement)])
    rows = await walk(listing, limit, "-publisher" if descending else "publisher")
    assert sorted(row.title for row in rows) == sorted(title for title, *_ in BOOKS)
    names = [row.publisher for row in rows if row.publisher is not None]
    assert names == sorted(names, reverse=descending)
    assert [row.publisher for row in rows[len(names) :]] == [None, None]


def publisher_of(statement: Select[Any]) -> Any:
    return statement.selected_columns["publisher"]


async def test_deleted_rows_are_left_out_of_a_list_that_computes(session: AsyncSession) -> None:
    await fill(session)
    await BookRepository(session).delete_where(title="Beta")
    rows = await walk(PER_AUTHOR, 2)
    assert [(row.name, row.books) for row in rows] == [("Ada", 2), ("Bob", 2), ("Cyd", 1)]


_books = func.count(Book.id).label("books")
PER_AUTHOR = Listing(
    select(Author.name, _books).join(Author.books).group_by(Author.id, Author.name),
    AuthorRead,
    order_by=[Author.name],
    sorts=[_books],
    filters={"least": Book.price >= bindparam("least")},
)


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_groups_are_counted_and_sorted_by_what_they_compute(
    session: AsyncSession, limit: int
) -> None:
    assert (await PER_AUTHOR.page(page=1, per_page=2)).total == 0
    await fill(session)
    rows = await walk(PER_AUTHOR, limit)
    assert [(row.name, row.books) for row in rows] == [("Ada", 3), ("Bob", 2), ("Cyd", 1)]
    rows = await walk(PER_AUTHOR, limit, "books")
    assert [(row.name, row.books) for row in rows] == [("Cyd", 1), ("Bob", 2), ("Ada", 3)]
    page = await PER_AUTHOR.page(page=1, per_page=1, sort="-books", least=6)
    assert (page.total, page.items) == (2, [AuthorRead("Ada", 2)])


_inner = select(func.count()).where(Book.author_id == Author.id)


@pytest.mark.parametrize(
    ("column", "computed"),
    [
        (Author.name, False),
        (_inner.scalar_subquery(), False),
        (select(Book.id).where(Book.author_id == Author.id).exists(), False),
        (func.coalesce(_inner.scalar_subquery(), 0), True),
        (func.max(Author.name), True),
        # An aggregate of an outer column is one of the outer rows.
        (select(func.max(Author.name)).where(Book.title == "Alpha").scalar_subquery(), True),
    ],
)
def test_a_function_of_a_subquery_computes_no_rows(column: Any, computed: bool) -> None:
    assert computes(select(Author.id, column.label("value"))) is computed


@pytest.mark.parametrize("limit", [1, 3])
async def test_rows_are_sorted_by_a_count_in_a_subquery(session: AsyncSession, limit: int) -> None:
    await fill(session)
    books = _inner.scalar_subquery().label("books")
    listing = Listing(select(Author.name, books), AuthorRead, order_by=[Author.name], sorts=[books])
    found = [(row.name, row.books) for row in await walk(listing, limit, "-books")]
    assert found == [("Ada", 3), ("Bob", 2), ("Cyd", 1), ("Dee", 0)]


async def test_an_order_that_descends_by_a_label(session: AsyncSession) -> None:
    await fill(session)
    listing = Listing(
        select(Author.name, _books).outerjoin(Author.books).group_by(Author.id, Author.name),
        AuthorRead,
        order_by=[_books.desc(), Author.name.desc()],
    )
    rows = await walk(listing, 1)
    assert [row.name for row in rows] == ["Ada", "Bob", "Cyd", "Dee"]


@dataclass
class NameRead:
    name: str


async def test_distinct_rows_are_counted(session: AsyncSession) -> None:
    await fill(session)
    statement = select(Author.name).join(Author.books).distinct()
    rows = await walk(Listing(statement, NameRead, order_by=[Author.name]), 2)
    assert [row.name for row in rows] == ["Ada", "Bob", "Cyd"]


async def test_a_window_sees_all_rows_in_every_part(session: AsyncSession) -> None:
    await fill(session)
    place = func.row_number().over(order_by=Book.title.desc()).label("place")
    listing = Listing(select(Book.title, place), Place, order_by=[Book.title], sorts=[place])
    rows = await walk(listing, 2)
    by_title = sorted(title for title, *_ in BOOKS)
    assert [(row.title, row.place) for row in rows] == list(
        zip(by_title, range(6, 0, -1), strict=True)
    )
    assert [row.place for row in await walk(listing, 4, "place")] == [1, 2, 3, 4, 5, 6]


async def test_a_subquery_is_listed(session: AsyncSession) -> None:
    await fill(session)
    limited = select(Book.title, Book.id).order_by(Book.title.desc()).limit(4).subquery()
    publisher = literal(None).label("publisher")
    listing = Listing(select(limited, publisher), BookRead, order_by=[limited.c.title])
    assert [row.title for row in await walk(listing, 3)] == ["Delta", "Epsilon", "Gamma", "Zeta"]


async def test_the_cursor_is_the_rows_value_not_the_schemas(session: AsyncSession) -> None:
    """A schema may turn a value into another one."""

    @dataclass
    class Shouted:
        name: str

        def __post_init__(self) -> None:
            self.name = self.name[::-1].upper()

    await fill(session)
    rows = await walk(Listing(select(Author), Shouted, order_by=[Author.name]), 1)
    assert [row.name for row in rows] == ["ADA", "BOB", "DYC", "EED"]


@dataclass
class CounterRead:
    name: str


REFUSED: dict[str, tuple[Any, list[Any], list[Any]]] = {
    "orders and limits": (select(Counter).order_by(Counter.value), [Counter.name], []),
    "orders and limits its rows": (select(Counter).limit(3), [Counter.name], []),
    "rows itself": (select(Counter).offset(3), [Counter.name], []),
    "cannot sort by counters.value": (select(Counter), [Counter.value, Counter.name], []),
    "sort by counters.value: it": (select(Counter), [Counter.name], [Counter.value.desc()]),
    "cannot sort by lower": (select(Counter), [Counter.name], [func.lower(Counter.name)]),
    "cannot sort by authors.name": (select(Counter), [Author.name], []),
    "order_by is empty": (select(Counter), [], []),
    "NULLs sort last": (select(Counter), [Counter.name.nulls_first()], []),
}


@pytest.mark.parametrize("message", REFUSED)
def test_what_cannot_be_listed_is_refused_at_once(message: str) -> None:
    statement, order_by, sorts = REFUSED[message]
    with pytest.raises(ValueError, match=message):
        Listing(statement, CounterRead, order_by=order_by, sorts=sorts)


def test_an_order_that_ends_with_a_column_that_may_be_null_is_refused() -> None:
    books = select(Book.title, Book.id, Book.isbn.label("publisher"))
    with pytest.raises(ValueError, match="may be NULL in several rows"):
        Listing(books, BookRead, order_by=[Book.isbn])
    joined = select(Book.title, Publisher.name.label("publisher"), Publisher.id)
    with pytest.raises(ValueError, match="may be NULL in several rows"):
        Listing(joined.outerjoin(Book.publisher), BookRead, order_by=[Book.title, Publisher.id])
    Listing(joined.join(Book.publisher), BookRead, order_by=[Book.title, Publisher.id])


@dataclass
class ChapterRead:
    title: str
    id: Any
    number: int | None
    chapter_id: Any


async def test_a_row_of_each_pair_of_an_outer_join_is_listed(session: AsyncSession) -> None:
    await fill(session)
    statement = select(Book.title, Book.id, Chapter.number, Chapter.id.label("chapter_id"))
    listing = Listing(
        statement.outerjoin(Book.chapters), ChapterRead, order_by=[Book.id, Chapter.id]
    )
    expected = sum(max(chapters, 1) for _, _, _, _, chapters, _ in BOOKS)
    assert len(await walk(listing, 2)) == expected


@dataclass
class AnimalRead:
    name: str
    keeper: str


def test_the_same_column_of_two_aliases_is_told_apart() -> None:
    first, second = aliased(Keeper), aliased(Keeper)
    statement = select(Animal.name, second.name.label("keeper")).join(first).join(second)
    with pytest.raises(ValueError, match="cannot sort by"):
        Listing(statement, AnimalRead, order_by=[first.name, Animal.name])


async def test_a_sort_tells_rows_of_a_join_apart_by_the_whole_order(session: AsyncSession) -> None:
    """The last column of the order is NULL, or repeated, in several rows."""
    session.add_all([Author(name="Ada") for _ in range(5)])
    await session.flush()
    statement = select(Author.id.label("author"), Author.name, Book.id.label("book"))
    pairs = Listing(
        statement.outerjoin(Author.books),
        Pair,
        order_by=[Author.id, Book.id],
        sorts=[Author.name],
    )
    assert len(await walk(pairs, 2, "name")) == 5


@dataclass
class Pair:
    author: Any
    name: str
    book: Any


async def test_an_order_that_does_not_tell_rows_apart_is_refused(session: AsyncSession) -> None:
    await fill(session)
    statement = select(Author.id, Author.name).join(Author.books)
    repeated = Listing(statement, AuthorOfBook, order_by=[Author.id])
    assert (await repeated.scroll(limit=9)).next_cursor is None
    with pytest.raises(ValueError, match="two rows are equal in id"):
        await walk(repeated, 1)


@dataclass
class AuthorOfBook:
    id: Any
    name: str


@dataclass
class SeatRead:
    row: int
    letter: str
    guest: str | None


async def test_a_listing_sorts_by_a_renamed_column(session: AsyncSession) -> None:
    seats = [Seat(row=row, letter=letter, guest=letter * 2) for row in (1, 2) for letter in "ba"]
    session.add_all(seats)
    await session.flush()
    listing = Listing(select(Seat), SeatRead, order_by=[Seat.row, Seat.letter], sorts=[Seat.guest])
    assert [(row.row, row.letter) for row in await walk(listing, 3)] == [
        (1, "a"),
        (1, "b"),
        (2, "a"),
        (2, "b"),
    ]
    assert [row.guest for row in await walk(listing, 1, "-guest")] == ["bb", "bb", "aa", "aa"]


@dataclass
class Seen:
    title: str
    is_read: bool
    id: Any = None


async def test_a_column_may_depend_on_an_argument_of_the_request(session: AsyncSession) -> None:
    """The total does not have the column, nor its argument; None is NULL, as for nobody."""
    await fill(session)
    is_read = (Author.name == bindparam("reader", type_=String)).is_(true()).label("is_read")
    listing = Listing(
        select(Book.title, Book.id, is_read).join(Book.author),
        Seen,
        order_by=[Book.title, Book.id],
        filters={
            "titles": Book.title.in_(bindparam("titles", expanding=True)),
            "price_min": Book.price >= bindparam("price_min"),
        },
    )
    page = await listing.page(page=1, per_page=9, reader="Ada", titles=None)
    assert page.total == 6
    assert [row.title for row in page.items if row.is_read] == ["Alpha", "Beta", "Gamma"]
    nobody = await listing.page(page=1, per_page=9, reader=None, titles=["Alpha", "Zeta"])
    assert [(row.title, row.is_read) for row in nobody.items] == [("Alpha", False), ("Zeta", False)]
    dear = await listing.scroll(limit=9, reader="Bob", price_min=Decimal(10))
    assert [row.title for row in dear.items] == ["Alpha", "Beta", "Delta"]
    with pytest.raises(TypeError, match="missing argument 'reader'"):
        await listing.page(page=1, per_page=9)
    with pytest.raises(TypeError, match="unknown argument 'other'"):
        await listing.page(page=1, per_page=9, reader="Ada", other=1)


async def test_a_slice_skips_rows_and_has_the_total(session: AsyncSession) -> None:
    await fill(session)
    listing = Listing(
        select(Book.title, Book.id), BookTitle, order_by=[Book.title, Book.id], sorts=[Book.title]
    )
    found = [row.title for row in await walk(listing, 4)]
    for limit, offset in ((2, 0), (2, 1), (4, 5), (9, 0), (1, 6)):
        part = await slice_answer(listing, limit=limit, offset=offset)
        assert isinstance(part, Slice)
        assert [row.title for row in part.items] == found[offset : offset + limit]
        assert (part.total, part.limit, part.offset) == (6, limit, offset)
    last = await slice_answer(listing, limit=1, sort="-title")
    assert isinstance(last, Slice)
    assert last.items[0].title == "Zeta"
    for limit, offset in ((0, 0), (1, -1), (2**63, 0), (1, 2**63)):
        with pytest.raises(InvalidValue):
            await slice_answer(listing, limit=limit, offset=offset)


@dataclass
class BookTitle:
    title: str
    id: Any
