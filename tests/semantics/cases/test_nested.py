"""Related rows in the fields of a schema: the same rows everywhere, and no others."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi import Response
from pydantic import TypeAdapter
from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import aliased

from my_service.apps.lab.models import Author, Book, Chapter, Place, Tag, Trip
from my_service.core.db import (
    Listing,
    prepare,
    prepare_insert,
    prepare_update,
    prepare_upsert,
    transaction,
    utc_now,
)
from my_service.core.web import PageOf
from my_service.core.web.rows import page_answer

from .library import BOOKS, fill
from .nested import (
    EXPECTED,
    AuthorOfBooks,
    AuthorRead,
    AuthorWithBooks,
    BookRead,
    ChapterOf,
    Key,
    Spot,
    SpotIn,
    Titled,
    TripRead,
    shown,
)
from .support import PLACES, watched

pytestmark = pytest.mark.commits


ORDER = [Book.title, Book.id]
BOOK = prepare(select(Book).order_by(Book.title), BookRead)
LISTED = Listing(select(Book), BookRead, order_by=[Book.title], sorts=[Book.title, Book.price])


@pytest.fixture
async def library(isolated: None) -> None:
    async with transaction() as session:
        await fill(session)


places = pytest.mark.parametrize("place", PLACES)


@places
async def test_a_row_has_its_related_rows(library: None, place: Callable[..., Any]) -> None:
    found: list[BookRead] = await place(BOOK.all)
    assert [shown(book) for book in found] == EXPECTED
    first = await place(BOOK.first)
    assert shown(first) == EXPECTED[0]


@places
async def test_a_page_and_a_scroll_have_them(library: None, place: Callable[..., Any]) -> None:
    async def work() -> tuple[Any, Any, Any]:
        page = await LISTED.page(page=2, per_page=4)
        part = await LISTED.scroll(limit=4, sort="-title")
        rest = await LISTED.scroll(limit=4, sort="-title", cursor=part.next_cursor)
        return page, part, rest

    page, part, rest = await place(work)
    assert page.total == 6
    assert [shown(book) for book in page.items] == EXPECTED[4:]
    assert [shown(book) for book in [*part.items, *rest.items]] == EXPECTED[::-1]


async def test_joined_rows_cost_no_statement_and_others_one(library: None) -> None:
    with watched() as seen:
        await BOOK.all()
    assert len(seen) == 3  # the books with authors and publishers, the tags, the chapters
    with watched() as seen:
        assert (await LISTED.page(page=9, per_page=5)).items == []
    assert len(seen) == 2  # no row has related ones


async def test_a_count_in_a_subquery_leaves_related_rows_joined(library: None) -> None:
    class Counted(Titled):
        author: AuthorRead
        parts: int

    parts = select(func.count()).where(Chapter.book_id == Book.id).scalar_subquery()
    listing = Listing(select(Book, parts.label("parts")), Counted, order_by=[Book.title])
    with watched() as seen:
        page = await listing.page(page=1, per_page=9)
    assert len(seen) == 1
    assert [(book.title, book.author.name, book.parts) for book in page.items] == [
        (title, author, parts) for title, author, _, _, parts, _ in sorted(BOOKS)
    ]


async def test_the_bytes_are_those_of_instances(library: None) -> None:
    answer = await page_answer(LISTED, page=1, per_page=50)
    assert isinstance(answer, Response)
    page = TypeAdapter(PageOf[BookRead])
    whole = await LISTED.page(page=1, per_page=50)
    assert bytes(answer.body) == page.dump_json(page.validate_python(whole, from_attributes=True))


async def test_a_select_that_computes_has_them_too(library: None) -> None:
    numbered = select(Book, func.row_number().over(order_by=Book.title).label("number"))
    listing = Listing(numbered, BookRead, order_by=ORDER)  # the number is not read

    class Numbered(BookRead):
        number: int

    counted = select(Book, func.count(Chapter.id).label("number")).join(Book.chapters)
    grouped = Listing(counted.group_by(Book.id), Numbered, order_by=[Book.id])
    distinct = prepare(select(Book).join(Book.tags).distinct().order_by(Book.title), BookRead)
    assert [shown(book) for book in (await listing.page(page=1, per_page=9)).items] == EXPECTED
    for book in (await grouped.page(page=1, per_page=9)).items:
        assert book.number == len(book.chapters) > 0
    tagged = [book for book in EXPECTED if book["tags"]]
    assert [shown(book) for book in await distinct.all()] == tagged


async def test_lists_are_nested_in_lists(library: None) -> None:
    authors = prepare(select(Author).order_by(Author.name), AuthorWithBooks)
    found = await authors.all()
    for author in found:
        books = [book for book in EXPECTED if book["author"] == author.name]
        assert sorted(map(shown, author.books), key=lambda book: book["title"]) == books
    with watched() as seen:
        await authors.all()
    assert len(seen) == 4  # authors, books, tags, chapters


async def test_an_alias_has_the_related_rows_of_its_model(library: None) -> None:
    other = aliased(Book)
    found = await prepare(select(other).order_by(other.title), BookRead).all()
    assert [shown(book) for book in found] == EXPECTED


async def test_a_join_of_the_select_does_not_multiply_or_bind_them(library: None) -> None:
    """The select's own join of the same table filters; the nested rows have their own."""
    statement = select(Book).join(Book.tags).join(Book.author).where(Tag.name == "new")
    found = await prepare(statement.order_by(Book.title), BookRead).all()
    assert [shown(book) for book in found] == [b for b in EXPECTED if "new" in str(b["tags"])]


async def test_a_tree_shows_parents_and_children(library: None) -> None:
    found = await prepare(select(Place).order_by(Place.name), SpotIn).all()
    assert {spot.name: spot.parent and spot.parent.name for spot in found} == {
        "asia": "earth",
        "earth": None,
        "europe": "earth",
        "france": "europe",
        "paris": "france",
    }
    earth = next(spot for spot in found if spot.name == "earth")
    assert sorted(child.name for child in earth.children) == ["asia", "europe"]


async def test_two_relationships_to_one_table_are_apart(library: None) -> None:
    async with transaction() as session:
        start, end = Place(name="here"), Place(name="there")
        session.add(Trip(start=start, end=end, miles=3))
    trip = await prepare(select(Trip), TripRead).one()
    assert trip == TripRead(start=Spot(name="here"), end=Spot(name="there"), miles=3)


async def test_soft_deleted_rows_are_left_out(library: None) -> None:
    async with transaction() as session:
        deleted = update(Book).where(Book.title.in_(["Alpha", "Beta"]))
        await session.execute(deleted.values(deleted_at=func.current_timestamp()))
    chapters = select(Chapter).order_by(Chapter.title)
    found = await prepare(chapters, ChapterOf).all()
    assert [row.title for row in found if row.book is None] == [
        "Alpha 1",
        "Alpha 2",
        "Alpha 3",
        "Beta 1",
    ]
    authors = prepare(select(Author).where(Author.name == "Ada"), AuthorWithBooks)
    assert [book.title for book in (await authors.one()).books] == ["Gamma"]

    every = prepare(chapters, ChapterOf, include_deleted=True)
    assert None not in [row.book for row in await every.all()]
    whole = prepare(
        select(Author).where(Author.name == "Ada"), AuthorWithBooks, include_deleted=True
    )
    assert len((await whole.one()).books) == 3


# Writes

ADD = prepare_insert(Book, BookRead)
CHANGE = prepare_update(Book, BookRead, Book.title != bindparam("never"))
PUT = prepare_upsert(Book, BookRead, by=["isbn"])


@places
async def test_a_write_answers_with_related_rows(library: None, place: Callable[..., Any]) -> None:
    async def work() -> list[Any]:
        author, other = await prepare(select(Author).order_by(Author.name), AuthorRead).all(), 1
        added = await ADD.one(title="New", author_id=author[0].id)
        [many] = await ADD.many([{"title": "Many", "author_id": author[other].id}])
        put = await PUT.one(isbn="isbn-Alpha", title="Alpha", author_id=author[other].id)
        same = await PUT.one(isbn="isbn-Alpha", title="Alpha", author_id=author[other].id)
        key = (await prepare(select(Book).where(Book.title == "Zeta"), Key).one()).id
        changed = await CHANGE.one(key, {"title": "Eta"}, never="")
        read = await CHANGE.one(key, {}, never="")
        return [added, many, put, same, changed, read]

    added, many, put, same, changed, read = map(shown, await place(work))
    none: dict[str, Any] = {"publisher": None, "tags": [], "chapters": [], "price": None}
    assert added == {"author": "Ada", "title": "New", **none}
    assert many == {"author": "Bob", "title": "Many", **none}
    assert put == same == {**EXPECTED[0], "author": "Bob"}
    assert changed == read == {**EXPECTED[-1], "title": "Eta"}


async def test_a_write_and_its_answer_are_one_transaction(library: None) -> None:
    author = (await prepare(select(Author).limit(1), AuthorRead).one()).id
    with watched() as seen:
        await ADD.one(title="New", author_id=author)
    assert (seen.begins, seen.commits) == (1, 1)


@places
async def test_an_update_that_marks_its_row_deleted_answers_with_related_rows(
    library: None, place: Callable[..., Any]
) -> None:
    key = (await prepare(select(Book).where(Book.title == "Alpha"), Key).one()).id
    deleted = await place(lambda: CHANGE.one(key, {"deleted_at": utc_now()}, never=""))
    assert shown(deleted) == EXPECTED[0]


@places
async def test_columns_of_related_rows_do_not_count_deleted_rows(
    library: None, place: Callable[..., Any]
) -> None:
    async with transaction() as session:
        await session.execute(
            update(Book).where(Book.title == "Alpha").values(deleted_at=utc_now())
        )
    author = prepare(select(Author).where(Author.name == "Ada"), AuthorOfBooks)
    found = await place(author.one)
    counted = {
        book.title: (book.author.book_count, book.author.shelf_count) for book in found.books
    }
    assert counted == {"Beta": (2, 2), "Gamma": (2, 2)}
