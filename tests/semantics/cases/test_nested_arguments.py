"""Columns of related rows that depend on an argument of the statement."""

import pytest
from sqlalchemy import func, select

from my_service.apps.lab.models import Author, Book, Chapter
from my_service.core.db import Listing, prepare, prepare_insert, transaction
from my_service.core.web import Schema

from .library import BOOKS, fill

pytestmark = pytest.mark.commits


class AuthorSeen(Schema):
    name: str
    is_viewer: bool


class BookSeen(Schema):
    title: str
    author: AuthorSeen


class ChapterSeen(Schema):
    title: str
    book: BookSeen | None


class AuthorWithBooks(Schema):
    name: str
    books: list[BookSeen]


NEEDS = "a further statement reads these rows, without the argument 'viewer'"
FIX = "Read them with a separate prepared select."


@pytest.mark.parametrize("viewer", ["Ada", "Bob", None])
async def test_a_joined_row_depends_on_an_argument(isolated: None, viewer: str | None) -> None:
    async with transaction() as session:
        await fill(session)
    listing = Listing(select(Book), BookSeen, order_by=[Book.title])
    expected = [(title, author == viewer) for title, author, *_ in sorted(BOOKS)]
    page = await listing.page(page=1, per_page=9, viewer=viewer)
    part = await listing.scroll(limit=9, viewer=viewer)
    every = await prepare(select(Book).order_by(Book.title), BookSeen).all(viewer=viewer)
    for found in (page.items, part.items, every):
        assert [(book.title, book.author.is_viewer) for book in found] == expected
    assert page.total == len(BOOKS)
    chapters = await prepare(select(Chapter), ChapterSeen).all(viewer=viewer)
    assert {one.book.author.is_viewer for one in chapters if one.book} == {
        viewer == "Ada",
        False,
    } | ({True} if viewer else set())


def test_rows_of_a_further_statement_cannot() -> None:
    numbered = select(Book, func.row_number().over(order_by=Book.title).label("number"))
    for title, make in (
        ("AuthorWithBooks.books", lambda: prepare(select(Author), AuthorWithBooks)),
        ("BookSeen.author", lambda: prepare(select(Book).with_for_update(), BookSeen)),
        ("BookSeen.author", lambda: Listing(numbered, BookSeen, order_by=[Book.title])),
        ("BookSeen.author", lambda: prepare_insert(Book, BookSeen)),
    ):
        with pytest.raises(TypeError) as caught:
            make()
        assert str(caught.value) == f"{title}: {NEEDS}. {FIX}"
