"""Reading: every question has the same answer on every database."""

from contextlib import aclosing
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Double,
    String,
    and_,
    case,
    cast,
    desc,
    distinct,
    exists,
    false,
    func,
    literal,
    not_,
    or_,
    select,
    true,
    union_all,
)
from sqlalchemy.exc import MultipleResultsFound
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from my_service.apps.lab.models import Author, Book, Chapter, Counter, Place, Publisher, Tag
from my_service.apps.lab.repository import AuthorRepository, BookRepository, CounterRepository
from my_service.core.db import NotFound, transaction
from my_service.core.db.compiled import AnySelect

from .library import BOOKS, fill
from .support import names, watched

TITLES = [title for title, *_ in BOOKS]
FIVE = Decimal("5.25")


@pytest.fixture
async def books(session: AsyncSession) -> BookRepository:
    await fill(session)
    return BookRepository(session)


async def test_a_row_is_got_by_its_key_or_is_none(books: BookRepository) -> None:
    (book,) = await books.find(title="Alpha")
    books.session.expunge_all()
    assert (await books.get_one(book.id)).title == "Alpha"
    assert await books.get(uuid4()) is None
    with pytest.raises(NotFound, match="Book"):
        await books.get_one(uuid4())


async def test_rows_are_got_in_the_order_of_their_keys(books: BookRepository) -> None:
    alpha, beta, gamma = [(await books.find(title=title))[0].id for title in TITLES[:3]]
    got = await books.get_many([gamma, UUID(int=1), alpha, beta, alpha])
    assert names(got, "title") == ["Gamma", "Alpha", "Beta", "Alpha"]
    assert await books.get_many([]) == []


async def test_one_row_is_found_none_or_too_many(books: BookRepository) -> None:
    found = await books.find_one(title="Beta")
    assert found is not None
    assert found.price == Decimal("20.50")
    assert await books.find_one(title="beta") is None
    with pytest.raises(MultipleResultsFound):
        await books.find_one(Book.price.is_(None))


FILTERS: list[tuple[Any, str]] = [
    (Book.price == Decimal(10), "Alpha Delta"),
    (Book.price != Decimal(10), "Beta Epsilon"),
    (Book.price > FIVE, "Alpha Beta Delta"),
    (Book.price >= FIVE, "Alpha Beta Delta Epsilon"),
    (Book.price.between(FIVE, Decimal(10)), "Alpha Delta Epsilon"),
    (Book.price.is_(None), "Gamma Zeta"),
    (Book.price.is_not(None), "Alpha Beta Delta Epsilon"),
    (Book.price.is_distinct_from(Decimal(10)), "Beta Gamma Epsilon Zeta"),
    (Book.title.in_(["Alpha", "Zeta", "zeta"]), "Alpha Zeta"),
    (Book.title.not_in(["Alpha", "Beta"]), "Gamma Delta Epsilon Zeta"),
    (Book.title.in_([]), ""),
    (Book.title.not_in([]), " ".join(TITLES)),
    (Book.price.in_([Decimal(10), FIVE]), "Alpha Delta Epsilon"),
    (Book.title.like("%eta"), "Beta Zeta"),
    (Book.title.like("_eta"), "Beta Zeta"),
    (Book.title.like("%ETA"), ""),
    (Book.title.ilike("%ETA"), "Beta Zeta"),
    (Book.title.not_like("%a"), "Epsilon"),
    (Book.title.startswith("G"), "Gamma"),
    (Book.title.endswith("lta"), "Delta"),
    (Book.title.contains("lph"), "Alpha"),
    (Book.title.icontains("EPS"), "Epsilon"),
    (Book.title > "Delta", "Epsilon Gamma Zeta"),
    (and_(Book.title > "B", Book.title < "E"), "Beta Delta"),
    (or_(Book.title == "Alpha", Book.price.is_(None)), "Alpha Gamma Zeta"),
    (not_(or_(Book.title == "Alpha", Book.price.is_(None))), "Beta Delta Epsilon"),
    (~Book.title.in_(["Alpha"]) & (Book.price == Decimal(10)), "Delta"),
    (true(), " ".join(TITLES)),
    (false(), ""),
    (Book.chapters.any(), "Alpha Beta Delta Zeta"),
    (Book.chapters.any(Chapter.number == 2), "Alpha Delta"),
    (~Book.chapters.any(), "Gamma Epsilon"),
    (Book.tags.any(Tag.name == "new"), "Alpha Beta Zeta"),
    (Book.author.has(name="Bob"), "Delta Epsilon"),
    (~Book.publisher.has(), "Gamma Epsilon"),
    (exists().where(Chapter.book_id == Book.id, Chapter.number == 3), "Alpha"),
    (Book.author_id.in_(select(Author.id).where(Author.name == "Cyd")), "Zeta"),
    (func.lower(Book.title) == "alpha", "Alpha"),
    (func.length(Book.title) == 4, "Beta Zeta"),
    (func.coalesce(Book.price, Decimal(0)) == Decimal(0), "Gamma Zeta"),
    (case((Book.price > Decimal(9), "dear"), else_="cheap") == "dear", "Alpha Beta Delta"),
]


@pytest.mark.parametrize(("where", "expected"), FILTERS, ids=lambda value: str(value)[:40])
async def test_a_filter_finds_its_rows(
    books: BookRepository, where: ColumnElement[bool], expected: str
) -> None:
    found = await books.find(where)
    assert sorted(names(found, "title")) == sorted(expected.split())
    assert await books.count(where) == len(expected.split())
    assert await books.exists(where) is bool(expected)


async def test_filters_are_joined_by_and(books: BookRepository) -> None:
    found = await books.find(Book.title > "A", Book.title < "C", price=Decimal(10))
    assert names(found, "title") == ["Alpha"]


async def test_rows_are_ordered_by_several_columns(books: BookRepository) -> None:
    order: list[Any] = [Book.price.is_(None), Book.price.desc(), Book.title]
    found = await books.find(order_by=order)
    assert names(found, "title") == ["Beta", "Alpha", "Delta", "Epsilon", "Gamma", "Zeta"]
    found = await books.find(order_by=order, limit=2, offset=1)
    assert names(found, "title") == ["Alpha", "Delta"]


async def rows(books: BookRepository, statement: AnySelect) -> list[tuple[Any, ...]]:
    """The rows of a select, and proof that it is one statement."""
    with watched() as seen:
        result = await books.session.execute(statement)
        found = [tuple(row) for row in result]
    assert len(seen) == 1
    return found


async def test_inner_and_outer_joins(books: BookRepository) -> None:
    inner = select(Book.title, Publisher.name).join(Book.publisher).order_by(Book.title)
    assert await rows(books, inner) == [
        ("Alpha", "North"),
        ("Beta", "North"),
        ("Delta", "South"),
        ("Zeta", "South"),
    ]
    outer = (
        select(Publisher.name, func.count(Book.id))
        .outerjoin(Publisher.books)
        .group_by(Publisher.name)
        .order_by(Publisher.name)
    )
    assert await rows(books, outer) == [("North", 2), ("South", 2), ("West", 0)]


async def test_a_join_with_itself(books: BookRepository) -> None:
    other = aliased(Book)
    same_price = (
        select(Book.title, other.title)
        .join(other, and_(Book.price == other.price, Book.title < other.title))
        .order_by(Book.title)
    )
    assert await rows(books, same_price) == [("Alpha", "Delta")]


async def test_group_by_and_having(books: BookRepository) -> None:
    statement = (
        select(Author.name, func.count(Book.id), func.sum(Book.price), func.max(Book.title))
        .join(Author.books)
        .group_by(Author.id, Author.name)
        .having(func.count(Book.id) > 1)
        .order_by(desc(func.count(Book.id)))
    )
    assert await rows(books, statement) == [
        ("Ada", 3, Decimal("30.50"), "Gamma"),
        ("Bob", 2, Decimal("15.25"), "Epsilon"),
    ]


async def test_aggregates_of_no_rows(books: BookRepository) -> None:
    nothing = select(func.count(), func.sum(Book.price), func.max(Book.price)).where(false())
    assert await rows(books, nothing.select_from(Book)) == [(0, None, None)]


async def test_a_sum_or_an_average_has_the_type_that_it_is_cast_to(books: BookRepository) -> None:
    statement = select(
        cast(func.sum(Counter.value), BigInteger), cast(func.avg(Counter.value), Double)
    )
    ((total, average),) = await rows(books, statement)
    assert (total, type(total)) == (3, int)
    assert (average, type(average)) == (1.5, float)


async def test_money_is_summed_to_the_last_digit(books: BookRepository) -> None:
    ((lowest, highest, total),) = await rows(
        books, select(func.min(Book.price), func.max(Book.price), func.sum(Book.price))
    )
    assert [lowest, highest, total] == [FIVE, Decimal("20.50"), Decimal("45.75")]
    assert {type(lowest), type(highest), type(total)} == {Decimal}


async def test_distinct_rows_and_a_distinct_count(books: BookRepository) -> None:
    statement = select(Book.price).where(Book.price.is_not(None)).distinct().order_by(Book.price)
    assert await rows(books, statement) == [(FIVE,), (Decimal(10),), (Decimal("20.50"),)]
    assert await rows(books, select(func.count(distinct(Book.price)))) == [(3,)]


async def test_a_subquery_as_a_value_and_as_a_table(books: BookRepository) -> None:
    chapters = (
        select(func.count()).where(Chapter.book_id == Book.id).scalar_subquery().label("chapters")
    )
    statement = select(Book.title, chapters).order_by(desc("chapters"), Book.title).limit(2)
    assert await rows(books, statement) == [("Alpha", 3), ("Delta", 2)]
    dearest = select(Book.author_id, func.max(Book.price).label("most")).group_by(Book.author_id)
    per_author = dearest.subquery()
    statement = (
        select(Author.name, per_author.c.most)
        .join(per_author, per_author.c.author_id == Author.id)
        .order_by(Author.name)
    )
    assert await rows(books, statement) == [
        ("Ada", Decimal("20.50")),
        ("Bob", Decimal(10)),
        ("Cyd", None),
    ]


async def test_a_common_table_expression(books: BookRepository) -> None:
    counted = (
        select(Book.author_id, func.count().label("number")).group_by(Book.author_id).cte("counted")
    )
    most = select(func.max(counted.c.number)).scalar_subquery()
    statement = (
        select(Author.name)
        .join(counted, counted.c.author_id == Author.id)
        .where(counted.c.number == most)
    )
    assert await rows(books, statement) == [("Ada",)]


async def test_a_recursive_common_table_expression(books: BookRepository) -> None:
    tree = (
        select(Place.id, Place.name, literal(0).label("depth"))
        .where(Place.parent_id.is_(None))
        .cte("tree", recursive=True)
    )
    below = aliased(Place)
    tree = tree.union_all(
        select(below.id, below.name, tree.c.depth + 1).join(tree, below.parent_id == tree.c.id)
    )
    statement = select(tree.c.name, tree.c.depth).order_by(tree.c.depth, tree.c.name)
    assert await rows(books, statement) == [
        ("earth", 0),
        ("asia", 1),
        ("europe", 1),
        ("france", 2),
        ("paris", 3),
    ]


async def test_window_functions(books: BookRepository) -> None:
    by_author = func.row_number().over(partition_by=Book.author_id, order_by=Book.title)
    ranked = select(Book.title, Author.name, by_author.label("place")).join(Book.author).subquery()
    first_two = select(ranked.c.name, ranked.c.title, ranked.c.place).where(ranked.c.place <= 2)
    assert await rows(books, first_two.order_by(ranked.c.name, ranked.c.place)) == [
        ("Ada", "Alpha", 1),
        ("Ada", "Beta", 2),
        ("Bob", "Delta", 1),
        ("Bob", "Epsilon", 2),
        ("Cyd", "Zeta", 1),
    ]
    running = func.sum(Book.price).over(order_by=Book.title).label("running")
    before = func.lag(Book.title).over(order_by=Book.title)
    priced = select(Book.title, before, running).where(Book.price.is_not(None))
    assert await rows(books, priced.order_by(Book.title)) == [
        ("Alpha", None, Decimal("10.00")),
        ("Beta", "Alpha", Decimal("30.50")),
        ("Delta", "Beta", Decimal("40.50")),
        ("Epsilon", "Delta", Decimal("45.75")),
    ]


async def test_case_and_cast(books: BookRepository) -> None:
    shelf = case((Book.price.is_(None), "free"), (Book.price < Decimal(10), "low"), else_="high")
    statement = select(shelf.label("shelf"), func.count()).group_by("shelf").order_by("shelf")
    assert await rows(books, statement) == [("free", 2), ("high", 3), ("low", 1)]
    statement = select(cast(literal("42"), BigInteger), cast(literal(42), String(10)))
    assert await rows(books, statement) == [(42, "42")]


async def test_rows_of_two_selects(books: BookRepository) -> None:
    either = union_all(
        select(Author.name.label("name"), literal("author").label("kind")),
        select(Publisher.name, literal("publisher")),
    ).subquery()
    statement = select(either.c.kind, func.count()).group_by(either.c.kind).order_by(either.c.kind)
    assert await rows(books, statement) == [("author", 4), ("publisher", 3)]


async def test_null_is_equal_to_nothing(books: BookRepository) -> None:
    other = aliased(Book)
    statement = select(func.count()).select_from(Book).join(other, Book.price == other.price)
    assert await rows(books, statement) == [(6,)]


async def test_rows_are_streamed_in_batches(session: AsyncSession) -> None:
    counters = CounterRepository(session)
    await counters.add_many([{"name": f"{n:04}", "value": n} for n in range(1000)])
    values = [
        counter.value
        async for counter in counters.stream(
            Counter.value >= 10, order_by=[Counter.name], batch=100
        )
    ]
    assert values == list(range(10, 1000))


async def test_a_stream_may_be_left(session: AsyncSession) -> None:
    counters = CounterRepository(session)
    await counters.add_many([{"name": f"{n:04}", "value": n} for n in range(100)])
    async with aclosing(counters.stream(order_by=[Counter.name], batch=10)) as stream:
        async for counter in stream:
            if counter.value == 25:
                break
    assert await counters.count() == 100


@pytest.mark.commits
async def test_a_unit_that_only_reads_may_stream(isolated: None) -> None:
    async with transaction() as session:
        await CounterRepository(session).add_many(
            [{"name": f"{n:04}", "value": n} for n in range(100)]
        )
    for most in (100, 25, 100):
        async with transaction(read_only=True) as session:
            counters = CounterRepository(session)
            assert await counters.count() == 100
            async with aclosing(counters.stream(order_by=[Counter.name], batch=10)) as stream:
                seen = [counter.value async for counter in stream if counter.value < most]
            assert seen == list(range(most))
            assert len([row async for row in counters.stream()]) == 100
    async with transaction() as session:
        assert await CounterRepository(session).delete_where() == 100


async def test_rows_of_authors_without_books(books: BookRepository) -> None:
    found = await AuthorRepository(books.session).find(~Author.books.any())
    assert names(found) == ["Dee"]
