"""Schemas of the library's rows, with related rows in their fields."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from uuid import UUID

from my_service.core.web import Schema

from .library import BOOKS


class PublisherRead(Schema):
    name: str


class AuthorRead(Schema):
    id: UUID
    name: str


class ChapterRead(Schema):
    number: int
    title: str


class BookRead(Schema):
    author: AuthorRead
    title: str
    publisher: PublisherRead | None
    tags: list[str]
    chapters: list[ChapterRead]
    price: Decimal | None


class Titled(Schema):
    title: str


class AuthorWithBooks(Schema):
    name: str
    books: list[BookRead]


class Counted(Schema):
    book_count: int
    shelf_count: int


class CountedBook(Schema):
    title: str
    author: Counted


class AuthorOfBooks(Schema):
    books: list[CountedBook]


class Spot(Schema):
    name: str


class SpotIn(Schema):
    name: str
    parent: Spot | None
    children: list[Spot]


class TripRead(Schema):
    start: Spot
    end: Spot
    miles: int


@dataclass
class ChapterOf:
    title: str
    book: Titled | None  # it may be soft-deleted


@dataclass
class Key:
    id: Any


EXPECTED = [
    {
        "author": author,
        "title": title,
        "publisher": publisher,
        "tags": tags,
        "chapters": [f"{title} {n + 1}" for n in range(chapters)],
        "price": None if price is None else Decimal(price),
    }
    for title, author, publisher, price, chapters, tags in sorted(BOOKS)
]


def shown(book: BookRead) -> dict[str, Any]:
    return {
        "author": book.author.name,
        "title": book.title,
        "publisher": None if book.publisher is None else book.publisher.name,
        "tags": book.tags,
        "chapters": [chapter.title for chapter in book.chapters],
        "price": book.price,
    }
