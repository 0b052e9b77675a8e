"""Fields for related rows that cannot work are refused at import."""

from typing import Any

import pytest
from pydantic import Field
from sqlalchemy import select

from my_service.apps.lab.models import Author, Book, Chapter, Place, Trip
from my_service.core.db import (
    Listing,
    prepare,
    prepare_insert,
    prepare_update,
    prepare_upsert,
    transaction,
)
from my_service.core.web import Schema

from .library import fill
from .nested import AuthorRead, PublisherRead, Spot, Titled
from .test_nested_owners import OWN_FOLDER, OWN_NOTE, Folder, FolderRead, Note

pytestmark = pytest.mark.commits


class AuthorMaybe(Schema):
    title: str
    author: Any


class AuthorOfList(Schema):
    author: list[AuthorRead]


class TagOfOne(Schema):
    tags: AuthorRead


class PublisherAlways(Schema):
    publisher: PublisherRead


class BookAlways(Schema):
    title: str
    book: Titled


class JacketRead(Schema):
    colour: str


class JacketAlways(Schema):
    jacket: JacketRead


class Wrong(Schema):
    name: str
    age: int


class AuthorWrong(Schema):
    author: Wrong


class PlainUnknown(Schema):
    tags: list[int]


class Endless(Schema):
    name: str
    children: list["Endless"]


class FolderAlways(Schema):
    folder: FolderRead


REFUSED: list[tuple[Any, Any, str]] = [
    (
        select(Book),
        AuthorMaybe,
        "AuthorMaybe.author has no column: select one, label one 'author', or give the field a "
        "default",
    ),
    (
        select(Book),
        AuthorOfList,
        "AuthorOfList.author: Book.author holds a schema. Declare it as a schema.",
    ),
    (select(Book), TagOfOne, "TagOfOne.tags: Book.tags holds list[…]. Declare it as list[…]."),
    (
        select(Book),
        PublisherAlways,
        "PublisherAlways.publisher: Book.publisher may be NULL. Declare publisher with `| None`.",
    ),
    (
        select(Chapter),
        BookAlways,
        "BookAlways.book: rows of Book may be soft-deleted. Declare book with `| None`.",
    ),
    (
        select(Book),
        JacketAlways,
        "JacketAlways.jacket: Book.jacket may find no row. Declare jacket with `| None`.",
    ),
    (
        select(Book),
        AuthorWrong,
        "Wrong.age has no column: select one, label one 'age', or give the field a default",
    ),
    (
        select(Author),
        type("Plain", (Schema,), {"__annotations__": {"books": list[str]}}),
        "Plain.books: not one column of Book is of type str, but title, isbn. Declare a list of a "
        "schema, with a field for each column to show.",
    ),
    (
        select(Book),
        PlainUnknown,
        "PlainUnknown.tags: not one column of Tag is of type int, but none. Declare a list of a "
        "schema, with a field for each column to show.",
    ),
    (
        select(Place),
        Endless,
        "Endless.children: the schema nests itself. Give the field a default and fill it yourself.",
    ),
    (
        select(Note).where(OWN_NOTE),
        FolderAlways,
        "FolderAlways.folder: rows of Folder may have another owner. Declare folder with `| None`.",
    ),
]


REFUSED.append((select(Note).join(Folder, OWN_FOLDER), *REFUSED[-1][1:]))


@pytest.mark.parametrize(("statement", "into", "message"), REFUSED, ids=str)
def test_a_field_that_does_not_fit_is_refused(statement: Any, into: Any, message: str) -> None:
    with pytest.raises(TypeError) as caught:
        prepare(statement, into)
    assert str(caught.value) == message


def test_writes_and_listings_refuse_the_same() -> None:
    for make in (
        lambda: prepare_insert(Book, PublisherAlways),
        lambda: prepare_update(Book, PublisherAlways),
        lambda: prepare_upsert(Book, PublisherAlways, by=["isbn"]),
        lambda: Listing(select(Book), PublisherAlways, order_by=[Book.id]),
    ):
        with pytest.raises(TypeError, match=r"Book\.publisher may be NULL"):
            make()


def test_fields_of_two_models_are_refused() -> None:
    class OfTwoModels(Schema):
        tags: list[str]
        start: Spot

    with pytest.raises(TypeError) as caught:
        prepare(select(Book, Trip).join(Trip, Trip.miles > 0), OfTwoModels)
    assert str(caught.value) == (
        "OfTwoModels.tags and OfTwoModels.start are relationships of two models of the select. "
        "Nest rows of one model, and select columns of the other."
    )


async def test_a_field_with_a_default_is_left_to_the_service(isolated: None) -> None:
    class Filled(Schema):
        title: str
        tags: list[str] = Field(default_factory=list[str])

    async with transaction() as session:
        await fill(session)
    found = await prepare(select(Book).where(Book.title == "Alpha"), Filled).one()
    assert found.tags == []
