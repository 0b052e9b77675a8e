"""Laws of units of work: what is part of one, who may use it, and what is kept after a commit."""

import asyncio
import gc
import logging
from collections.abc import Awaitable, Callable, Coroutine
from contextvars import Context
from typing import Any

import httpx
import pytest
from sqlalchemy import bindparam, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker

from my_service.apps.lab.models import Author, Book, Counter
from my_service.apps.lab.repository import BookRepository, CounterRepository
from my_service.core.db import (
    Conflict,
    Listing,
    ReadOnly,
    get_engine,
    on_commit,
    open_session,
    prepare,
    prepare_insert,
    retry_on_conflict,
    savepoint,
    transaction,
)
from my_service.core.db.errors import NestedWrite, OtherTask
from my_service.core.web import Router, Schema, SessionDep, create_app
from my_service.settings import settings

from .support import Undone, database, watched, with_settings

pytestmark = pytest.mark.commits


class CounterRead(Schema):
    name: str
    value: int


ADD = prepare_insert(Counter, CounterRead)
READ = prepare(select(Counter).where(Counter.name == bindparam("name")), CounterRead)
LIST = Listing(select(Counter), CounterRead, order_by=[Counter.name])

LEVELS = ["SERIALIZABLE", "AUTOCOMMIT"]


async def stored() -> list[str]:
    """The names that a connection apart from all units sees, in order."""
    async with get_engine().connect() as connection:
        statement = select(Counter.name).order_by(Counter.name)
        return list((await connection.scalars(statement)).all())


async def apart(work: Coroutine[Any, Any, Any]) -> Any:
    """Run something in a task that inherits nothing."""
    return await asyncio.create_task(work, context=Context())


# What is part of a unit


async def test_a_prepared_insert_first_in_a_unit_is_rolled_back_with_it(isolated: None) -> None:
    with pytest.raises(Undone):
        async with transaction():
            await ADD.one(name="a", value=1)
            assert (await READ.one(name="a")).value == 1
            raise Undone
    assert await stored() == []


async def test_a_prepared_insert_first_in_a_unit_is_retried_with_it(isolated: None) -> None:
    tries: list[int] = []

    async def work(session: AsyncSession) -> None:
        tries.append(len(tries))
        await ADD.one(name=f"{len(tries)}", value=1)
        if len(tries) < 3:
            raise Conflict

    await retry_on_conflict(work)
    assert await stored() == ["3"]


@pytest.mark.parametrize("begun", [True, False])
async def test_a_read_only_unit_refuses_a_prepared_insert(isolated: None, begun: bool) -> None:
    with pytest.raises(ReadOnly):
        async with transaction(read_only=True):
            if begun:
                await READ.first(name="a")
            await ADD.one(name="a", value=1)
    assert await stored() == []


@pytest.mark.parametrize("read", ["first", "all", "page"])
async def test_a_prepared_read_first_in_a_unit_begins_it(isolated: None, read: str) -> None:
    async with transaction() as session:
        session.add(Counter(name="a", value=1))
        if read == "page":
            assert (await LIST.page(page=1, per_page=9)).total == 1
        else:
            assert await getattr(READ, read)(name="a")
        assert session.in_transaction()


@pytest.mark.parametrize("level", [None, "SERIALIZABLE", "AUTOCOMMIT"])
async def test_a_part_of_a_unit_that_reads_may_fail_by_itself(level: str | None) -> None:
    async with transaction(read_only=True, isolation_level=level) as session:
        with pytest.raises(DBAPIError):
            async with savepoint(session):
                await session.execute(text("SELECT nothing FROM nowhere"))
        assert await session.scalar(text("SELECT 1")) == 1


async def test_a_prepared_statement_that_failed_fails_the_unit_until_its_savepoint(
    isolated: None,
) -> None:
    await ADD.one(name="a", value=1)
    async with transaction() as session:
        with pytest.raises(Exception, match="already exists"):
            async with savepoint(session):
                await ADD.one(name="a", value=1)
        await ADD.one(name="b", value=1)
    assert await stored() == ["a", "b"]


@pytest.mark.parametrize("level", LEVELS)
async def test_a_level_of_isolation_leaves_nothing_behind_on_its_connection(
    isolated: None, level: str
) -> None:
    async with with_settings(db_pool_size=1, db_max_overflow=0):
        async with transaction(isolation_level=level) as session:
            await CounterRepository(session).count()
        await ADD.one(name="a", value=1)
        async with transaction(read_only=True) as session:
            await CounterRepository(session).count()
        await retry_on_conflict(
            lambda session: CounterRepository(session).count(), isolation_level="SERIALIZABLE"
        )
        await ADD.one(name="b", value=1)
    assert await stored() == ["a", "b"]


# Which task may use a unit


async def in_a_group(work: Callable[[], Coroutine[Any, Any, object]]) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(work())


async def gathered(work: Callable[[], Coroutine[Any, Any, object]]) -> None:
    await asyncio.gather(work(), work())


async def waited_for(work: Callable[[], Coroutine[Any, Any, object]]) -> None:
    await asyncio.wait_for(asyncio.shield(work()), 5)  # a task on every Python


@pytest.mark.parametrize("run", [in_a_group, gathered, waited_for])
@pytest.mark.parametrize("begun", [True, False])
@pytest.mark.parametrize("writes", [True, False])
async def test_another_task_cannot_use_a_unit_through_the_context(
    isolated: None, run: Callable[..., Awaitable[None]], begun: bool, writes: bool
) -> None:
    async def work() -> None:
        with pytest.raises(OtherTask, match=r"transaction\(\).*session.*asyncio.timeout"):
            await (ADD.one(name="b", value=1) if writes else READ.all(name="a"))

    async with transaction() as session:
        if begun:
            await CounterRepository(session).add(Counter(name="a", value=1))
        await run(work)
        await ADD.one(name="c", value=1)
    assert await stored() == (["a", "c"] if begun else ["c"])


async def test_a_time_limit_in_the_same_task_is_part_of_the_unit(isolated: None) -> None:
    async with transaction():
        async with asyncio.timeout(5):
            await ADD.one(name="a", value=1)
        assert (await READ.one(name="a")).value == 1
    assert await stored() == ["a"]


async def test_a_task_may_open_a_unit_of_its_own(isolated: None) -> None:
    async def work(name: str) -> None:
        async with transaction():
            await ADD.one(name=name, value=1)

    with pytest.raises(Undone):
        async with transaction(read_only=True) as session:
            await CounterRepository(session).count()
            async with asyncio.TaskGroup() as group:
                group.create_task(work("a"))
                group.create_task(work("b"))
            raise Undone
    assert await stored() == ["a", "b"]


async def test_a_task_that_outlives_the_unit_runs_on_its_own(isolated: None) -> None:
    closed = asyncio.Event()

    async def work() -> None:
        await closed.wait()
        await ADD.one(name="b", value=1)
        assert (await READ.one(name="b")).value == 1

    tasks = list[asyncio.Task[None]]()
    with pytest.raises(Undone):
        async with transaction() as session:
            await CounterRepository(session).add(Counter(name="a", value=1))
            tasks.append(asyncio.create_task(work()))
            raise Undone
    closed.set()
    await asyncio.gather(*tasks)
    assert await stored() == ["b"]


async def test_a_task_that_meets_the_commit_is_refused_and_harms_nothing(isolated: None) -> None:
    outcomes: list[object] = []

    async def work(number: int) -> None:
        for _ in range(number):
            await asyncio.sleep(0)
        try:
            outcomes.append(await READ.all(name="a"))
        except OtherTask as error:
            outcomes.append(error)

    async with asyncio.TaskGroup() as group, transaction() as session:
        session.add(Counter(name="a", value=1))
        for number in range(20):
            group.create_task(work(number))
    assert len(outcomes) == 20
    assert await stored() == ["a"]


async def test_a_unit_whose_task_has_ended_belongs_to_the_next(isolated: None) -> None:
    """As a fixture's, which is opened in one task, used in another and closed in a third."""
    context, unit = Context(), transaction()
    session = await asyncio.create_task(unit.__aenter__(), context=context)

    async def use() -> None:
        await ADD.one(name="a", value=1)
        assert session.in_transaction()

    async def close() -> None:
        assert not await unit.__aexit__(Undone, Undone(), None)

    await asyncio.create_task(use(), context=context)
    await asyncio.create_task(close(), context=context)
    assert await stored() == []


async def test_tasks_of_a_route_do_not_join_its_unit(isolated: None) -> None:
    router = Router()

    @router.post("/{way}")
    async def route(way: str, session: SessionDep) -> None:
        await CounterRepository(session).add(Counter(name=way, value=1))
        if way == "inherited":
            await asyncio.gather(ADD.one(name="lost", value=1))
        elif way == "passed":
            await asyncio.gather(CounterRepository(session).add(Counter(name="b", value=1)))
        else:
            await ADD.one(name="c", value=1)

    app = create_app(settings, title="Tasks")
    app.include_router(router)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        answers = [await client.post(f"/{way}") for way in ("inherited", "passed", "same task")]
    assert [answer.status_code for answer in answers] == [500, 200, 200]
    assert await stored() == ["b", "c", "passed", "same task"]


async def test_a_write_inside_a_write_waits_for_nobody(isolated: None) -> None:
    """SQLite has one lock, which the outer unit holds: the inner one is refused at once."""

    async def nested() -> None:
        async with transaction() as session:
            await CounterRepository(session).add(Counter(name="a", value=1))
            async with transaction() as other:
                await CounterRepository(other).add(Counter(name="b", value=1))

    if database() == "sqlite":
        async with asyncio.timeout(5):
            with pytest.raises(NestedWrite, match="savepoint"):
                await nested()
        assert await stored() == []
    else:
        await nested()
        assert await stored() == ["a", "b"]
    async with transaction():
        await ADD.one(name="c", value=1)


# After the commit


async def test_every_hook_runs_and_a_failing_one_is_logged(
    isolated: None, caplog: pytest.LogCaptureFixture
) -> None:
    router, called = Router(), list[str]()

    async def fail() -> None:
        called.append("failed")
        raise ZeroDivisionError

    async def succeed() -> None:
        called.append("succeeded")

    @router.post("/counters")
    async def route(session: SessionDep) -> None:
        await CounterRepository(session).add(Counter(name="a", value=1))
        for hook in (fail, succeed, fail, succeed):
            on_commit(session, hook)

    app = create_app(settings, title="Hooks")
    app.include_router(router)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    with caplog.at_level(logging.ERROR, logger="my_service"):
        async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
            answer = await client.post("/counters")
    assert answer.status_code == 200
    assert called == ["failed", "succeeded", "failed", "succeeded"]
    assert len([record for record in caplog.records if record.exc_info]) == 2
    assert await stored() == ["a"]


async def test_a_session_that_calls_no_hooks_refuses_them(isolated: None) -> None:
    async def hook() -> None:
        raise AssertionError

    async with open_session() as session:
        with pytest.raises(TypeError, match="transaction"):
            on_commit(session, hook)


# Sessions and errors that the unit did not make


async def test_a_sessionmaker_on_the_engine_keeps_the_rules(isolated: None) -> None:
    make = async_sessionmaker(get_engine(), expire_on_commit=False)
    async with make() as session:
        books = BookRepository(session)
        kept, gone = [
            await books.add(Book(title=title, author=Author(name="Ada"))) for title in "ab"
        ]
        await books.delete(gone)
        assert await books.find() == [kept]
        with pytest.raises(Undone):
            async with savepoint(session):
                await books.delete(kept)
                raise Undone
        await session.commit()
    async with make() as session:
        assert [book.title for book in await BookRepository(session).find()] == ["a"]


@pytest.mark.filterwarnings("ignore:coroutine:RuntimeWarning")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
async def test_an_attribute_that_is_not_loaded_does_not_fail_the_unit(isolated: None) -> None:
    async with transaction() as session:
        book = await BookRepository(session).add(Book(title="a", author=Author(name="Ada")))
        await session.execute(text("SELECT 1"))
        session.expire(book, ["title"])
        with pytest.raises(Exception, match="greenlet_spawn has not been called"):
            print(book.title)
        await CounterRepository(session).add(Counter(name="a", value=1))
    assert await stored() == ["a"]
    gc.collect()  # what the driver was not waited for


async def test_an_error_of_the_program_still_fails_the_unit(isolated: None) -> None:
    with pytest.raises(Exception, match="savepoint"):
        async with transaction() as session:
            with pytest.raises(DBAPIError):
                await session.execute(text("SELECT nothing FROM nowhere"))
    with watched() as seen:
        assert await stored() == []
    assert len(seen) == 1
