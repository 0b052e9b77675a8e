"""Errors: each is provoked for real, told by its class, and answered by its status."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from typing import Any, NamedTuple
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import insert, make_url, text, update
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Author, Book, Chapter, Counter, Sample, Tag
from my_service.apps.lab.repository import (
    AuthorRepository,
    BookRepository,
    ChapterRepository,
    CounterRepository,
    SampleRepository,
)
from my_service.core.db import (
    CheckViolated,
    Conflict,
    DatabaseError,
    Duplicate,
    ForeignKeyViolated,
    InvalidCursor,
    InvalidValue,
    LockTimeout,
    NotFound,
    Required,
    StaleData,
    Unavailable,
    transaction,
)
from my_service.core.web import Router, SessionDep, create_app
from my_service.settings import settings

from .support import database, held, with_settings

pytestmark = pytest.mark.commits

Work = Callable[[AsyncSession], Awaitable[object]]


async def book(session: AsyncSession) -> Book:
    return await BookRepository(session).add(Book(title="Notes", author=Author(name="Ada")))


async def not_found(session: AsyncSession) -> None:
    await BookRepository(session).get_one(uuid4())


async def duplicate_value(session: AsyncSession) -> None:
    session.add_all([Tag(name="same"), Tag(name="same")])
    await session.flush()


async def duplicate_key(session: AsyncSession) -> None:
    await CounterRepository(session).add_many([{"name": "same", "value": n} for n in (1, 2)])


async def duplicate_by_update(session: AsyncSession) -> None:
    session.add_all([Tag(name="one"), Tag(name="two")])
    await session.execute(update(Tag).values(name="same"))


async def parent_missing(session: AsyncSession) -> None:
    await BookRepository(session).add(Book(title="Orphan", author_id=uuid4()))
    await session.commit()


async def parent_guarded(session: AsyncSession) -> None:
    author = (await book(session)).author
    await AuthorRepository(session).delete(author)


async def check(session: AsyncSession) -> None:
    chapter = Chapter(book=await book(session), number=0, title="Zero")
    await ChapterRepository(session).add(chapter)


async def check_of_enum(session: AsyncSession) -> None:
    sample = await SampleRepository(session).add(Sample(colour="red"))
    statement = text("UPDATE samples SET colour = :colour WHERE colour = 'red'")
    await session.execute(statement, {"colour": "purple"})
    assert sample


async def required(session: AsyncSession) -> None:
    await AuthorRepository(session).add(Author(name=None))


async def required_by_update(session: AsyncSession) -> None:
    author = (await book(session)).author
    await session.execute(update(Author).where(Author.id == author.id).values(name=None))


async def required_but_left_out(session: AsyncSession) -> None:
    await session.execute(insert(Counter).values(name="no value"))


async def too_long(session: AsyncSession) -> None:
    await AuthorRepository(session).add(Author(name="x" * 81))


async def too_large(session: AsyncSession) -> None:
    await SampleRepository(session).add(Sample(number=2**31))


async def malformed(session: AsyncSession) -> None:
    await SampleRepository(session).add(Sample(ratio=float("nan")))


async def bad_cursor(session: AsyncSession) -> None:
    await BookRepository(session).scroll(order_by=[], limit=1, cursor="bad")


async def stale(session: AsyncSession) -> None:
    row = await book(session)
    unseen = {"synchronize_session": False}
    await session.execute(update(Book).values(version=7), execution_options=unseen)
    await BookRepository(session).update(row, {"title": "Stale"})


async def stale_by_version(session: AsyncSession) -> None:
    row = await book(session)
    await BookRepository(session).update(row, {"title": "Stale", "version": 0})


class Provoked(NamedTuple):
    work: Work
    error: type[DatabaseError]
    status: int
    type: str
    constraint: str = ""
    fields: tuple[str, ...] = ()


PROVOKED = [
    Provoked(not_found, NotFound, 404, "not-found"),
    Provoked(duplicate_value, Duplicate, 409, "duplicate", "tags", ("name",)),
    Provoked(duplicate_key, Duplicate, 409, "duplicate"),
    Provoked(duplicate_by_update, Duplicate, 409, "duplicate", "tags", ("name",)),
    Provoked(parent_missing, ForeignKeyViolated, 409, "reference"),
    Provoked(parent_guarded, ForeignKeyViolated, 409, "reference"),
    Provoked(check, CheckViolated, 422, "not-allowed", "ck_chapters_number_positive"),
    Provoked(check_of_enum, CheckViolated, 422, "not-allowed", "ck_samples_colour"),
    Provoked(required, Required, 422, "required"),
    Provoked(required_by_update, Required, 422, "required"),
    Provoked(required_but_left_out, Required, 422, "required"),
    Provoked(too_long, InvalidValue, 422, "invalid-value"),
    Provoked(too_large, InvalidValue, 422, "invalid-value"),
    Provoked(malformed, InvalidValue, 422, "invalid-value"),
    Provoked(bad_cursor, InvalidCursor, 422, "invalid-value"),
    Provoked(stale, StaleData, 409, "stale"),
    Provoked(stale_by_version, StaleData, 409, "stale"),
]
provoked = pytest.mark.parametrize("case", PROVOKED, ids=lambda case: case.work.__name__)


async def post(*works: Work) -> list[httpx.Response]:
    """The answers of routes that do these works, all of them at once."""
    router = Router()

    @router.post("/works/{number}")
    async def route(number: int, session: SessionDep) -> None:
        await works[number](session)

    app = create_app(settings, title="Works")
    app.include_router(router)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        posts = (client.post(f"/works/{number}") for number in range(len(works)))
        return list(await asyncio.gather(*posts))


@provoked
async def test_an_error_is_told_by_its_class(isolated: None, case: Provoked) -> None:
    with pytest.raises(case.error) as caught:
        async with transaction() as session:
            await case.work(session)
    assert case.constraint in (caught.value.constraint or "")
    assert "SELECT" not in str(caught.value)
    assert "INSERT" not in str(caught.value)
    assert case.error is InvalidValue or type(caught.value) is case.error
    async with transaction(read_only=True) as session:
        assert await AuthorRepository(session).count() == 0


@provoked
async def test_an_error_is_answered_by_its_status(isolated: None, case: Provoked) -> None:
    (answer,) = await post(case.work)
    assert answer.status_code == case.status
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == case.status
    assert not {"SELECT", "INSERT", "UPDATE", "Traceback"} & set(answer.text.split())
    if case.error is not InvalidValue:
        assert body["type"] == f"urn:problem:{case.type}"
    if case.fields:
        assert body["fields"] == list(case.fields)
    async with transaction(read_only=True) as session:
        assert await AuthorRepository(session).count() == 0


async def test_a_mistake_in_the_program_is_none_of_them(isolated: None) -> None:
    with pytest.raises(DBAPIError) as caught:
        async with transaction() as session:
            await session.execute(text("SELECT nothing FROM nowhere"))
    assert not isinstance(caught.value, DatabaseError)


async def add(session: AsyncSession) -> None:
    await CounterRepository(session).add(Counter(name="a", value=1))


async def lock(session: AsyncSession) -> None:
    await CounterRepository(session).lock("held", nowait=True)


@asynccontextmanager
async def locked() -> AsyncGenerator[None]:
    async with transaction() as session:
        await CounterRepository(session).add(Counter(name="held", value=1))
    async with held("held"):
        yield


def nowhere() -> AbstractAsyncContextManager[None]:
    """An address at which there is no database."""
    missing = {
        "postgresql": "postgresql+asyncpg://nobody@127.0.0.1:1/nothing",
        "sqlite": "sqlite+aiosqlite:////nowhere/at/all.db",
    }
    url = missing.get(database(), "mysql+aiomysql://nobody@127.0.0.1:1/nothing")
    return with_settings(database_url=url)


def unknown() -> AbstractAsyncContextManager[None]:
    """A database that the server does not have; for SQLite a file that is none."""
    known = settings.database_url
    url = "sqlite+aiosqlite:///pyproject.toml" if database() == "sqlite" else f"{known}_unknown"
    return with_settings(database_url=url)


@asynccontextmanager
async def exhausted() -> AsyncGenerator[None]:
    """A pool of one connection, which somebody has."""
    one = {"db_pool_size": 1, "db_max_overflow": 0, "db_pool_timeout": 0.1}
    async with with_settings(**one), transaction(read_only=True) as session:
        await CounterRepository(session).count()
        yield


class Trouble(NamedTuple):
    around: Callable[[], AbstractAsyncContextManager[None]]
    work: Work
    error: type[DatabaseError]
    type: str


TROUBLES = [
    Trouble(locked, lock, LockTimeout, "locked"),
    Trouble(nowhere, add, Unavailable, "unavailable"),
    Trouble(unknown, add, Unavailable, "unavailable"),
    Trouble(exhausted, add, Unavailable, "unavailable"),
]
troubles = pytest.mark.parametrize("trouble", TROUBLES, ids=lambda case: case.around.__name__)


@troubles
async def test_trouble_is_told_by_its_class(isolated: None, trouble: Trouble) -> None:
    async with trouble.around():
        with pytest.raises(trouble.error):
            async with transaction() as session:
                await trouble.work(session)
    async with transaction() as session:
        await add(session)


@troubles
async def test_trouble_is_answered_by_503(isolated: None, trouble: Trouble) -> None:
    async with trouble.around():
        (answer,) = await post(trouble.work)
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
    assert answer.json()["type"] == f"urn:problem:{trouble.type}"


async def test_a_deadlock_is_answered_by_503(isolated: None) -> None:
    async with transaction() as session:
        await CounterRepository(session).add_many([{"name": name, "value": 0} for name in "ab"])
    met = asyncio.Barrier(2)

    def opposite(first: str, second: str) -> Work:
        async def work(session: AsyncSession) -> None:
            counters = CounterRepository(session)
            await counters.update_where(name=first, values={"value": 1})
            if database() != "sqlite":  # where the second cannot begin
                await met.wait()
            await counters.update_where(name=second, values={"value": 2})

        return work

    answers = await post(opposite("a", "b"), opposite("b", "a"))
    if database() == "sqlite":
        assert [answer.status_code for answer in answers] == [200, 200]
    else:
        assert sorted(answer.status_code for answer in answers) == [200, 503]
        (refused,) = [answer for answer in answers if answer.status_code == 503]
        assert refused.json()["type"] == "urn:problem:conflict"
        assert int(refused.headers["retry-after"]) > 0


async def test_a_lost_race_under_serializable_is_a_conflict(isolated: None) -> None:
    """Two units read a row and write it; the second to write has read what is no more."""
    async with transaction() as session:
        await CounterRepository(session).add(Counter(name="a", value=0))
    both_read = asyncio.Barrier(2)

    async def increment() -> str:
        try:
            async with transaction(isolation_level="SERIALIZABLE") as session:
                row = await CounterRepository(session).get_one("a")
                if database() != "sqlite":  # where the second cannot begin
                    await both_read.wait()
                row.value += 1
        except Conflict:
            return "conflict"
        return "done"

    results = sorted(await asyncio.gather(increment(), increment()))
    async with transaction(read_only=True) as session:
        value = (await CounterRepository(session).get_one("a")).value
    assert (results, value) == (
        (["done", "done"], 2) if database() == "sqlite" else (["conflict", "done"], 1)
    )


KILL = {
    "postgresql": ("SELECT pg_backend_pid()", "SELECT pg_terminate_backend({})"),
    "mysql": ("SELECT CONNECTION_ID()", "KILL {}"),
    "mariadb": ("SELECT CONNECTION_ID()", "KILL {}"),
}


async def test_a_connection_that_is_lost_is_told_and_replaced(isolated: None) -> None:
    if database() == "sqlite":
        return  # has no connection to lose
    who, kill = KILL[database()]
    with pytest.raises(Unavailable):
        async with transaction() as session:
            await add(session)
            number = await session.scalar(text(who))
            async with transaction() as other:
                await other.execute(text(kill.format(number)))
            await CounterRepository(session).count()
    async with transaction() as session:
        assert await CounterRepository(session).count() == 0
        await add(session)


async def test_a_file_that_another_process_writes_is_locked(isolated: None) -> None:
    if database() != "sqlite":
        return  # has no file
    path = make_url(settings.database_url).database
    async with with_settings(db_statement_timeout=0.1):
        with closing(sqlite3.connect(str(path))) as other:
            other.execute("BEGIN IMMEDIATE")
            with pytest.raises(LockTimeout):
                async with transaction() as session:
                    await add(session)
            (answer,) = await post(add)
    assert answer.status_code == 503
    assert answer.json()["type"] == "urn:problem:locked"


async def test_what_was_read_before_another_write_cannot_be_written(isolated: None) -> None:
    if database() != "sqlite":
        return  # whose other databases are asked by the lost race
    with pytest.raises(Conflict):
        async with transaction(read_only=True) as session:
            await CounterRepository(session).count()
            async with transaction() as other:
                await add(other)
            await session.execute(text("UPDATE counters SET value = 2"))
