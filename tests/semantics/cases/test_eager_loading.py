"""Related rows are loaded when the statement says so, and never in secret."""

from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.exc import InvalidRequestError, MissingGreenlet
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import contains_eager, joinedload, selectinload, with_loader_criteria

from my_service.apps.lab.models import Author, Book, Chapter, Place, Publisher, Tag
from my_service.apps.lab.repository import AuthorRepository, BookRepository

from .support import database, stored, watched
from .test_streams import ONE_AT_A_TIME


@pytest.fixture
async def author(session: AsyncSession) -> Author:
    """An author of two books, each with two chapters and two tags, in a fresh session."""
    tags = [Tag(name="long"), Tag(name="new")]
    press = Publisher(name="Press")
    author = Author(name="Ada")
    for title in ("First", "Second"):
        chapters = [Chapter(number=number, title=f"{title} {number}") for number in (2, 1)]
        author.books.append(Book(title=title, publisher=press, chapters=chapters, tags=list(tags)))
    await AuthorRepository(session).add(author)
    return await stored(session, author)


RELATIONS = [
    relation
    for model in (Author, Book, Chapter, Place)
    for relation in model.__mapper__.relationships
]


@pytest.mark.parametrize("relation", RELATIONS, ids=str)
async def test_no_relation_is_loaded_in_secret(session: AsyncSession, relation: Any) -> None:
    assert relation.lazy == "raise_on_sql"


async def test_a_hidden_load_raises(session: AsyncSession, author: Author) -> None:
    with watched() as seen:
        with pytest.raises((InvalidRequestError, MissingGreenlet), match="books"):
            _ = author.books
        with pytest.raises(InvalidRequestError, match="books"):
            await author.awaitable_attrs.books
    assert len(seen) == 0


async def test_selectin_costs_a_statement_a_relation(session: AsyncSession, author: Author) -> None:
    options = [
        selectinload(Author.books).selectinload(Book.chapters),
        selectinload(Author.books).selectinload(Book.tags),
    ]
    session.expunge_all()
    with watched() as seen:
        again = await AuthorRepository(session).get_one(author.id, options=options)
    assert len(seen) == 4
    books = sorted(again.books, key=lambda book: book.title)
    assert [[chapter.number for chapter in book.chapters] for book in books] == [[1, 2], [1, 2]]
    assert {tag.name for book in books for tag in book.tags} == {"long", "new"}


async def test_joined_costs_no_statement_more(session: AsyncSession, author: Author) -> None:
    session.expunge_all()
    with watched() as seen:
        books = await BookRepository(session).find(
            order_by=[Book.title], options=[joinedload(Book.author), joinedload(Book.publisher)]
        )
    assert len(seen) == 1
    assert [(book.title, book.author.name) for book in books] == [
        ("First", "Ada"),
        ("Second", "Ada"),
    ]
    assert books[0].author is books[1].author
    assert books[0].publisher is not None


async def test_a_stream_loads_what_it_joins(session: AsyncSession, author: Author) -> None:
    session.expunge_all()
    books, order = BookRepository(session), [Book.title]
    with watched() as seen:
        stream = books.stream(order_by=order, batch=1, options=[joinedload(Book.author)])
        assert [(book.title, book.author.name) async for book in stream] == [
            ("First", "Ada"),
            ("Second", "Ada"),
        ]
    assert len(seen) == 1
    if database() not in ONE_AT_A_TIME:
        stream = books.stream(order_by=order, batch=1, options=[selectinload(Book.chapters)])
        assert [len(book.chapters) async for book in stream] == [2, 2]
    with pytest.raises(InvalidRequestError, match="yield_per"):
        await anext(books.stream(options=[joinedload(Book.chapters)]))


async def test_contains_eager_takes_the_joins_own_rows(
    session: AsyncSession, author: Author
) -> None:
    session.expunge_all()
    statement = (
        select(Book)
        .join(Book.chapters)
        .where(Chapter.number == 2)
        .options(contains_eager(Book.chapters))
        .order_by(Book.title)
    )
    with watched() as seen:
        books = (await session.scalars(statement)).unique().all()
    assert len(seen) == 1
    assert [[chapter.title for chapter in book.chapters] for book in books] == [
        ["First 2"],
        ["Second 2"],
    ]


async def test_a_loaded_relation_may_be_filtered(session: AsyncSession, author: Author) -> None:
    session.expunge_all()
    options = [
        selectinload(Book.chapters.and_(Chapter.number == 1)),
        selectinload(Book.tags),
        with_loader_criteria(Tag, Tag.name != "new"),
    ]
    books = await BookRepository(session).find(options=options)
    assert [[chapter.number for chapter in book.chapters] for book in books] == [[1], [1]]
    assert [[tag.name for tag in book.tags] for book in books] == [["long"], ["long"]]


@pytest.mark.parametrize("load", [selectinload, joinedload])
async def test_related_rows_that_are_deleted_softly_are_left_out(
    session: AsyncSession, author: Author, load: Any
) -> None:
    books = BookRepository(session)
    await books.delete((await books.find(title="First"))[0])
    session.expunge_all()
    authors = AuthorRepository(session)
    again = await authors.get_one(author.id, options=[load(Author.books)])
    assert [book.title for book in again.books] == ["Second"]
    session.expunge_all()
    again = await authors.get_one(author.id, options=[load(Author.books)], include_deleted=True)
    assert sorted(book.title for book in again.books) == ["First", "Second"]
