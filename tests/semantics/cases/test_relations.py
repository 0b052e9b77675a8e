"""Relations of every kind, and what becomes of the rows at their other end."""

from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from my_service.apps.lab.models import (
    Author,
    Book,
    Chapter,
    Colour,
    Credit,
    Footnote,
    Jacket,
    Place,
    Publisher,
    Tag,
    Trip,
    book_tags,
)
from my_service.apps.lab.repository import AuthorRepository, BookRepository, PublisherRepository
from my_service.core.db import Base, ForeignKeyViolated, transaction

from .support import count, stored


async def add_book(session: AsyncSession, **related: Any) -> Book:
    """A book of Ada's. Its collections are given to it here: later they would have to be loaded."""
    return await BookRepository(session).add(
        Book(title="Notes", author=Author(name="Ada"), **related)
    )


async def test_both_sides_of_one_to_many_know_each_other_at_once() -> None:
    author = Author(name="Ada", books=[Book(title="one")])
    second = Book(title="two", author=author)
    assert author.books[0].author is author
    assert author.books[1] is second


async def test_one_to_many_is_written_with_its_parent(session: AsyncSession) -> None:
    author = await AuthorRepository(session).add(
        Author(name="Ada", books=[Book(title="one"), Book(title="two")])
    )
    session.expunge_all()
    again = await AuthorRepository(session).get_one(author.id, options=[selectinload(Author.books)])
    assert sorted(book.title for book in again.books) == ["one", "two"]


async def test_many_to_one_follows_its_key(session: AsyncSession) -> None:
    book = await add_book(session)
    grace = await AuthorRepository(session).add(Author(name="Grace"))
    await BookRepository(session).update(book, {"author": grace})
    assert (await stored(session, book)).author_id == grace.id


async def test_one_to_one_has_one(session: AsyncSession) -> None:
    book = await add_book(session, jacket=Jacket(colour=Colour.GREEN))
    session.expunge_all()
    again = await BookRepository(session).get_one(book.id, options=[joinedload(Book.jacket)])
    assert again.jacket is not None
    assert (again.jacket.colour, again.jacket.book_id) == (Colour.GREEN, book.id)


async def test_what_is_taken_out_of_one_to_one_is_deleted(session: AsyncSession) -> None:
    book = await add_book(session, jacket=Jacket())
    book.jacket = None
    await session.flush()
    assert await count(session, Jacket) == 0


async def test_many_to_many_is_written_from_either_side(session: AsyncSession) -> None:
    author = Author(name="Ada")
    book = Book(title="one", author=author, tags=[Tag(name="new"), Tag(name="long")])
    tag = Tag(name="old", books=[book, Book(title="two", author=author)])
    session.add_all([book, tag])
    assert await pairs(session) == 4
    session.expunge_all()
    again = await session.get_one(Book, book.id, options=[selectinload(Book.tags)])
    again.tags = [tag for tag in again.tags if tag.name != "new"]
    assert await pairs(session) == 3
    session.expunge_all()
    gone = await session.get_one(Tag, tag.id)
    await session.delete(gone)
    assert await pairs(session) == 1
    assert await count(session, Tag) == 2


async def test_an_association_has_columns_of_its_own(session: AsyncSession) -> None:
    names = ["Charles", "Augusta", "Mary"]
    credits = [
        Credit(author=Author(name=name), role="ideas", position=-place)
        for place, name in enumerate(names)
    ]
    book = await add_book(session, credits=credits)
    session.expunge_all()
    loaded = selectinload(Book.credits).joinedload(Credit.author)
    again = await BookRepository(session).get_one(book.id, options=[loaded])
    assert [(credit.author.name, credit.role) for credit in again.credits] == [
        (name, "ideas") for name in reversed(names)
    ]
    again.credits.pop()
    await session.flush()
    assert await count(session, Credit) == 2
    assert await count(session, Author) == 4


async def test_a_tree_refers_to_itself(session: AsyncSession) -> None:
    town = Place(
        name="town",
        parent=Place(name="county", parent=Place(name="country")),
        children=[Place(name="street"), Place(name="square")],
    )
    session.add(town)
    await session.flush()
    session.expunge_all()
    loaded = [selectinload(Place.children), selectinload(Place.parent).joinedload(Place.parent)]
    again = await session.get_one(Place, town.id, options=loaded)
    assert again.parent is not None
    assert again.parent.parent is not None
    assert again.parent.parent.name == "country"
    assert sorted(child.name for child in again.children) == ["square", "street"]


async def test_two_foreign_keys_to_one_table_are_told_apart(session: AsyncSession) -> None:
    trip = Trip(start=Place(name="here"), end=Place(name="there"), miles=7)
    session.add(trip)
    await session.flush()
    session.expunge_all()
    loaded = [joinedload(Trip.start), joinedload(Trip.end)]
    again = await session.get_one(Trip, trip.id, options=loaded)
    assert (again.start.name, again.end.name) == ("here", "there")


async def test_the_orm_deletes_what_is_taken_out_of_its_parent(session: AsyncSession) -> None:
    chapters = [Chapter(number=number, title=f"{number}") for number in (1, 2, 3)]
    book = await add_book(session, chapters=chapters)
    del book.chapters[1]
    await session.flush()
    numbers = await session.scalars(select(Chapter.number).order_by(Chapter.number))
    assert numbers.all() == [1, 3]


@pytest.mark.parametrize("loaded", [True, False])
async def test_a_deleted_parent_takes_its_children_along(
    session: AsyncSession, loaded: bool
) -> None:
    book = await add_book(
        session,
        jacket=Jacket(),
        tags=[Tag(name="new")],
        credits=[Credit(author=Author(name="Grace"), role="all", position=1)],
        chapters=[Chapter(number=1, title="1", footnotes=[Footnote(text="*")])],
    )
    if not loaded:
        book = await stored(session, book)
    await BookRepository(session).delete(book, hard=True)
    children: list[type[Base]] = [Book, Jacket, Chapter, Footnote, Credit]
    assert [await count(session, model) for model in children] == [0] * 5
    assert await pairs(session) == 0
    assert await count(session, Tag) == 1


async def test_the_database_deletes_children_without_the_orm(session: AsyncSession) -> None:
    chapter = Chapter(number=1, title="1", footnotes=[Footnote(text="*")])
    book = await add_book(session, chapters=[chapter])
    root = Place(name="root", children=[Place(name="child", children=[Place(name="leaf")])])
    session.add(root)
    await session.flush()
    assert await BookRepository(session).delete_where(id=book.id, hard=True) == 1
    await session.delete(root)
    await session.flush()
    assert await count(session, Footnote) == 0
    assert await count(session, Place) == 0


async def test_the_database_empties_a_loose_reference(session: AsyncSession) -> None:
    book = await add_book(session, publisher=Publisher(name="Press"))
    assert book.publisher is not None
    publisher = await stored(session, book.publisher)
    await PublisherRepository(session).delete(publisher)
    assert (await BookRepository(session).get_one(book.id)).publisher_id is None


async def test_the_database_guards_a_parent(isolated: None) -> None:
    async with transaction() as session:
        book = await add_book(session)
    with pytest.raises(ForeignKeyViolated):
        async with transaction() as session:
            await AuthorRepository(session).delete(
                await AuthorRepository(session).get_one(book.author_id)
            )
    async with transaction() as session:
        assert await AuthorRepository(session).count() == 1


async def pairs(session: AsyncSession) -> int:
    """How many rows the table between books and tags has."""
    await session.flush()
    return await session.scalar(select(func.count()).select_from(book_tags)) or 0
