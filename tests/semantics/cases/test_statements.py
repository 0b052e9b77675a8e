"""Budgets: how many statements and transactions each call costs."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import httpx
import pytest
from sqlalchemy import bindparam, select

from my_service.apps.lab.models import Author, Book, Counter, Setting
from my_service.apps.lab.repository import BookRepository, CounterRepository, SettingRepository
from my_service.core.db import Listing, get_engine, prepare, prepare_insert, transaction
from my_service.core.web import Router, SessionDep, create_app
from my_service.settings import settings

from .library import fill
from .support import watched

pytestmark = pytest.mark.commits


@dataclass
class BookRead:
    id: UUID
    title: str


@dataclass
class CounterRead:
    name: str
    value: int


BOOK = prepare(select(Book).where(Book.title == bindparam("title")), BookRead)
BOOKS = Listing(select(Book), BookRead, order_by=[Book.title, Book.id])
ADD_COUNTER = prepare_insert(Counter, CounterRead)

Call = Callable[[BookRepository, Book], Awaitable[Any]]


async def stream(books: BookRepository, book: Book) -> None:
    assert len([row async for row in books.stream()]) == 6


CALLS: dict[str, tuple[Call, int]] = {
    "get": (lambda books, book: books.get_one(book.id), 0),
    "get_many": (lambda books, book: books.get_many([book.id, book.id]), 1),
    "find": (lambda books, book: books.find(title="Alpha"), 1),
    "find_one": (lambda books, book: books.find_one(title="Alpha"), 1),
    "exists": (lambda books, book: books.exists(title="Alpha"), 1),
    "count": (lambda books, book: books.count(), 1),
    "page": (lambda books, book: books.page(page=1, per_page=2), 2),
    "scroll": (lambda books, book: books.scroll(order_by=[Book.title], limit=2), 1),
    "stream": (stream, 1),
    "lock": (lambda books, book: books.lock(book.id), 1),
    "add": (lambda books, book: books.add(Book(title="New", author_id=book.author_id)), 1),
    "add_many": (
        lambda books, book: books.add_many(
            [{"title": title, "author_id": book.author_id} for title in "xyz"]
        ),
        1,
    ),
    "update": (lambda books, book: books.update(book, {"title": "New"}), 1),
    "update of nothing": (lambda books, book: books.update(book, {"title": book.title}), 0),
    "update_where": (lambda books, book: books.update_where(values={"title": "Same"}), 1),
    "delete": (lambda books, book: books.delete(book), 1),
    "delete_where": (lambda books, book: books.delete_where(title="Alpha"), 1),
    "restore": (lambda books, book: books.restore(book), 0),
    "prepared": (lambda books, book: BOOK.one(title="Alpha"), 1),
    "listing page": (lambda books, book: BOOKS.page(page=1, per_page=2), 1),
    "listing page after the last": (lambda books, book: BOOKS.page(page=9, per_page=2), 2),
    "listing scroll": (lambda books, book: BOOKS.scroll(limit=2), 1),
    "prepared insert": (lambda books, book: ADD_COUNTER.one(name="new", value=1), 1),
}


@pytest.mark.parametrize("name", CALLS)
async def test_a_call_keeps_to_its_budget(isolated: None, name: str) -> None:
    call, budget = CALLS[name]
    async with transaction() as session:
        await fill(session)
        books = BookRepository(session)
        (book,) = await books.find(title="Alpha")
        with watched() as seen:
            await call(books, book)
        if name == "prepared insert" and not get_engine().dialect.insert_returning:
            budget += 1  # reads the row
        assert len(seen) == budget, seen.statements
        assert seen.begins == 0


async def test_a_row_is_read_once_in_a_unit(isolated: None) -> None:
    async with transaction() as session:
        await fill(session)
    async with transaction() as session:
        row = await CounterRepository(session).get_one("a")
        with watched() as seen:
            assert await CounterRepository(session).get_one("a") is row
        assert len(seen) == 0


async def test_an_upsert_is_one_statement_where_rows_come_back(isolated: None) -> None:
    budget = 1 if get_engine().dialect.insert_returning else 2
    async with transaction() as session:
        for _ in range(2):
            with watched() as seen:
                await SettingRepository(session).upsert({"name": "a", "value": "1"}, by=["name"])
            assert len(seen) == budget


@pytest.mark.parametrize("call", ["one", "all", "page", "scroll"])
async def test_a_prepared_read_alone_is_no_transaction(isolated: None, call: str) -> None:
    async with transaction() as session:
        await fill(session)
    with watched() as seen:
        if call == "page":
            await BOOKS.page(page=1, per_page=2)
        elif call == "scroll":
            await BOOKS.scroll(limit=2)
        else:
            await getattr(BOOK, call)(title="Alpha")
    assert (seen.begins, seen.commits) == (0, 0)
    assert len(seen) == 1


async def test_a_request_is_one_transaction(isolated: None) -> None:
    router = Router()

    @router.post("/books")
    async def route(session: SessionDep) -> str:
        await fill(session)
        book = await BOOK.one(title="Alpha")
        await ADD_COUNTER.one(name="new", value=1)
        await SettingRepository(session).add(Setting(name="a"))
        await BOOKS.page(page=1, per_page=1)
        return book.title

    app = create_app(settings, title="Books")
    app.include_router(router)
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        with watched() as seen:
            answer = await client.post("/books")
    assert (answer.status_code, answer.json()) == (200, "Alpha")
    assert (seen.begins, seen.commits) == (1, 1)


async def test_many_objects_cost_a_statement_a_table(isolated: None) -> None:
    async with transaction() as session:
        session.add_all(Author(name=f"{n}", books=[Book(title=f"{n}")]) for n in range(50))
        with watched() as seen:
            await session.flush()
        assert len(seen) == 2
