"""Locks on rows: who waits, who is turned away, who goes around."""

import asyncio
from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Author, Book, Counter
from my_service.apps.lab.repository import BookRepository, CounterRepository
from my_service.core.db import (
    Conflict,
    LockTimeout,
    NotFound,
    StaleData,
    retry_on_conflict,
    savepoint,
    transaction,
)

from .support import database, held, names, watched

pytestmark = pytest.mark.commits

NAMES = ["a", "b", "c", "d"]


@pytest.fixture
async def counters(isolated: None) -> None:
    async with transaction() as session:
        await CounterRepository(session).add_many([{"name": name, "value": 0} for name in NAMES])


async def test_locked_rows_come_in_the_order_of_their_keys(counters: None) -> None:
    async with transaction() as session:
        with watched() as seen:
            rows = await CounterRepository(session).lock("c", "a", "b")
        assert names(rows) == ["c", "a", "b"]
        assert len(seen) == 1


async def test_a_row_that_does_not_exist_is_not_found(counters: None) -> None:
    with pytest.raises(NotFound):
        async with transaction() as session:
            await CounterRepository(session).lock("a", "nobody")


async def test_who_comes_second_waits_and_sees_the_change(counters: None) -> None:
    locked, done = asyncio.Event(), asyncio.Event()

    async def first() -> None:
        async with transaction() as session:
            (row,) = await CounterRepository(session).lock("a")
            row.value = 1
            locked.set()
            await done.wait()

    async def second() -> int:
        async with transaction() as session:
            (row,) = await CounterRepository(session).lock("a")
            return row.value

    holder = asyncio.create_task(first())
    await locked.wait()
    waiter = asyncio.create_task(second())
    finished, _ = await asyncio.wait([waiter], timeout=0.2)
    done.set()
    assert not finished
    assert await waiter == 1
    await holder


async def test_a_locked_row_is_read_as_it_is_now(counters: None) -> None:
    """Even when the session has it already, from before somebody else's change."""
    async with transaction(read_only=True) as session:
        stale = await CounterRepository(session).get_one("a")
    async with transaction() as session:
        await CounterRepository(session).update_where(name="a", values={"value": 5})
    async with transaction() as session:
        session.add(stale)
        assert (await CounterRepository(session).lock("a")) == [stale]
        assert stale.value == 5


@pytest.mark.parametrize("nowait", [True, False])
async def test_a_lock_that_is_not_to_be_had_is_a_typed_error(counters: None, nowait: bool) -> None:
    async with held("a"):
        with pytest.raises(LockTimeout):
            async with transaction() as session:
                await CounterRepository(session).lock("a", nowait=nowait)
    async with transaction() as session:
        (row,) = await CounterRepository(session).lock("a", nowait=nowait)
        assert row.value == 1


async def test_workers_share_a_queue(counters: None) -> None:
    """Each takes a row that nobody else has: none twice, and none is left."""
    taken: list[str] = []

    async def work() -> None:
        while True:
            async with transaction() as session:
                statement = (
                    select(Counter)
                    .where(Counter.value == 0)
                    .order_by(Counter.name)
                    .limit(1)
                    .with_for_update(skip_locked=True)
                )
                row = await session.scalar(statement)
                if row is None:
                    return
                row.value = 1
                await session.flush()
                taken.append(row.name)
                await asyncio.sleep(0)

    await asyncio.gather(*(work() for _ in range(4)))
    async with transaction(read_only=True) as session:
        left = await CounterRepository(session).count(value=0)
    assert sorted(taken) == NAMES
    assert left == 0


async def test_skip_locked_goes_around_locked_rows(counters: None) -> None:
    """SQLite has one lock for all, and turns away instead: a typed error, no other answer."""
    found: list[str] = []
    async with held("a", "b"):
        try:
            async with transaction() as session:
                found = names(await CounterRepository(session).lock(*NAMES, skip_locked=True))
        except LockTimeout:
            assert database() == "sqlite"
        else:
            assert found == ["c", "d"]


async def opposite(
    first: str, second: str, meet: Callable[[], Awaitable[object]], session: AsyncSession
) -> None:
    """Change two rows, one after the other."""
    counters = CounterRepository(session)
    await counters.update_where(name=first, values={"value": Counter.value + 1})
    await meet()
    await counters.update_where(name=second, values={"value": Counter.value + 1})


def meeting() -> Callable[[], Awaitable[object]]:
    """A place where two units wait for each other, once; SQLite lets no second one begin."""
    barrier = asyncio.Barrier(2)
    visitors: list[int] = []

    async def meet() -> None:
        visitors.append(1)
        if database() != "sqlite" and len(visitors) <= 2:
            await barrier.wait()

    return meet


async def test_a_deadlock_is_a_conflict_for_one(counters: None) -> None:
    meet = meeting()

    async def run(first: str, second: str) -> str:
        try:
            async with transaction() as session:
                await opposite(first, second, meet, session)
        except Conflict:
            return "conflict"
        return "done"

    results = await asyncio.gather(run("a", "b"), run("b", "a"))
    expected = ["done", "done"] if database() == "sqlite" else ["conflict", "done"]
    assert sorted(results) == expected


async def test_a_deadlock_in_a_part_is_a_conflict_of_the_whole(counters: None) -> None:
    """MySQL and MariaDB have then undone the savepoint too, and cannot go back to it."""
    meet = meeting()

    async def work(first: str, second: str, session: AsyncSession) -> None:
        async with savepoint(session):
            await opposite(first, second, meet, session)

    await asyncio.gather(
        retry_on_conflict(lambda session: work("a", "b", session)),
        retry_on_conflict(lambda session: work("b", "a", session)),
    )
    async with transaction(read_only=True) as session:
        rows = await CounterRepository(session).find(Counter.name.in_(["a", "b"]))
    assert names(rows, "value") == [2, 2]


async def test_a_deadlock_is_tried_again(counters: None) -> None:
    meet = meeting()
    await asyncio.gather(
        retry_on_conflict(lambda session: opposite("a", "b", meet, session)),
        retry_on_conflict(lambda session: opposite("b", "a", meet, session)),
    )
    async with transaction(read_only=True) as session:
        rows = await CounterRepository(session).find(Counter.name.in_(["a", "b"]))
    assert names(rows, "value") == [2, 2]


async def test_rows_locked_in_one_order_do_not_deadlock(counters: None) -> None:
    async def run(*keys: str) -> None:
        for _ in range(10):
            async with transaction() as session:
                for row in await CounterRepository(session).lock(*keys):
                    row.value += 1

    await asyncio.gather(run("a", "b"), run("b", "a"), run("b", "a"), run("a", "b"))
    async with transaction(read_only=True) as session:
        rows = await CounterRepository(session).find(Counter.name.in_(["a", "b"]))
    assert names(rows, "value") == [40, 40]


async def test_of_two_edits_of_one_version_one_is_stale(isolated: None) -> None:
    async with transaction() as session:
        book = await BookRepository(session).add(Book(title="0", author=Author(name="Ada")))
    async with transaction(read_only=True) as session:
        copies = [await BookRepository(session).get_one(book.id)]
    async with transaction(read_only=True) as session:
        copies.append(await BookRepository(session).get_one(book.id))

    async def edit(copy: Book, title: str) -> None:
        async with transaction() as session:
            session.add(copy)
            await BookRepository(session).update(copy, {"title": title})

    results = await asyncio.gather(
        *(edit(copy, f"{n}") for n, copy in enumerate(copies, 1)), return_exceptions=True
    )
    assert [type(result) for result in results if result] == [StaleData]
    async with transaction(read_only=True) as session:
        assert (await BookRepository(session).get_one(book.id)).version == 2


async def test_a_version_that_the_caller_saw_is_compared(isolated: None) -> None:
    async with transaction() as session:
        books = BookRepository(session)
        book = await books.add(Book(title="old", author=Author(name="Ada")))
        await books.update(book, {"title": "new", "version": 1})
        assert (book.title, book.version) == ("new", 2)
        with pytest.raises(StaleData):
            await books.update(book, {"title": "newer", "version": 1})
        assert book.title == "new"
