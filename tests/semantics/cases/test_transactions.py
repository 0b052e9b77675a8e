"""Units of work: all of it or nothing, seen by others when it is committed."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Counter
from my_service.apps.lab.repository import CounterRepository
from my_service.core.db import (
    Conflict,
    DatabaseError,
    Duplicate,
    ReadOnly,
    UnitFailed,
    get_engine,
    on_commit,
    retry_on_conflict,
    savepoint,
    transaction,
)

from .support import Undone, database, watched

pytestmark = pytest.mark.commits

LEVELS = {
    "postgresql": "SHOW transaction_isolation",
    "mysql": "SELECT @@transaction_isolation",
    "mariadb": "SELECT @@tx_isolation",
}


async def write(session: AsyncSession, name: str, value: int = 0) -> Counter:
    return await CounterRepository(session).add(Counter(name=name, value=value))


async def written() -> str:
    """The names that another unit of work sees, in order."""
    async with transaction(read_only=True) as session:
        counters = await CounterRepository(session).find(order_by=[Counter.name])
        return " ".join(counter.name for counter in counters)


async def value_of(name: str) -> int:
    async with transaction(read_only=True) as session:
        return (await CounterRepository(session).get_one(name)).value


async def test_a_block_commits_at_its_end(isolated: None) -> None:
    async with transaction() as session:
        await write(session, "a")
        assert await written() == ""
    assert await written() == "a"


async def test_a_block_that_fails_leaves_nothing(isolated: None) -> None:
    with pytest.raises(Undone):
        async with transaction() as session:
            await write(session, "a")
            raise Undone
    assert await written() == ""


async def test_a_block_that_is_cancelled_leaves_nothing(isolated: None) -> None:
    started = asyncio.Event()

    async def work() -> None:
        async with transaction() as session:
            await write(session, "a")
            started.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(work())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await written() == ""
    async with transaction() as session:
        await write(session, "b")


async def test_a_commit_that_fails_leaves_nothing(isolated: None) -> None:
    async with transaction() as session:
        await write(session, "a")
    with pytest.raises(Duplicate):
        async with transaction() as session:
            await write(session, "b")
            session.add(Counter(name="a", value=1))
    assert await written() == "a"


async def test_a_unit_is_one_transaction(isolated: None) -> None:
    with watched() as seen:
        async with transaction() as session:
            await write(session, "a")
            await write(session, "b")
            await CounterRepository(session).find()
    assert (seen.begins, seen.commits, len(seen)) == (1, 1, 3)


async def test_a_unit_without_a_statement_takes_no_connection(isolated: None) -> None:
    with watched() as seen:
        async with transaction():
            pass
    assert (seen.begins, len(seen)) == (0, 0)


async def test_a_part_that_fails_is_undone_alone(isolated: None) -> None:
    async with transaction() as session:
        await write(session, "a")
        with pytest.raises(Duplicate):
            async with savepoint(session):
                await write(session, "b")
                await CounterRepository(session).add_many([{"name": "a", "value": 1}])
        await write(session, "c")
    assert await written() == "a c"


Attempt = Callable[[AsyncSession], Awaitable[object]]
REFUSED: list[Attempt] = [
    lambda session: CounterRepository(session).add_many([{"name": "a", "value": 2}]),
    lambda session: CounterRepository(session).update_where(values={"value": 2**70}),
    lambda session: session.execute(text("SELECT nothing FROM nowhere")),
]


@pytest.mark.parametrize("refused", REFUSED, ids=["duplicate", "invalid", "mistake"])
async def test_a_unit_is_not_committed_after_an_error(isolated: None, refused: Attempt) -> None:
    """Some databases would commit a part of it then, and PostgreSQL nothing, without a word."""
    with pytest.raises(UnitFailed):
        async with transaction() as session:
            await write(session, "a")
            with pytest.raises((DatabaseError, DBAPIError)):
                await refused(session)
    assert await written() == ""
    async with transaction() as session:
        await write(session, "c")
    assert await written() == "c"


@pytest.mark.parametrize("refused", REFUSED, ids=["duplicate", "invalid", "mistake"])
async def test_a_unit_goes_on_after_a_part_that_failed(isolated: None, refused: Attempt) -> None:
    async with transaction() as session:
        await write(session, "a")
        with pytest.raises((DatabaseError, DBAPIError)):
            async with savepoint(session):
                await refused(session)
        with pytest.raises(UnitFailed):
            async with savepoint(session):
                with pytest.raises((DatabaseError, DBAPIError)):
                    await refused(session)
        await write(session, "b")
    assert await written() == "a b"


async def test_parts_nest(isolated: None) -> None:
    async with transaction() as session:
        async with savepoint(session):
            await write(session, "a")
            with pytest.raises(Undone):
                async with savepoint(session):
                    await write(session, "b")
                    async with savepoint(session):
                        await write(session, "c")
                    raise Undone
        await write(session, "d")
    assert await written() == "a d"


async def test_a_part_that_succeeded_is_undone_with_the_whole(isolated: None) -> None:
    with pytest.raises(Undone):
        async with transaction() as session:
            async with savepoint(session):
                await write(session, "a")
            raise Undone
    assert await written() == ""


async def test_hooks_are_called_in_order_after_the_commit(isolated: None) -> None:
    told: list[str] = []

    async def tell(name: str) -> None:
        told.append(f"{name}: {await written()}")

    async with transaction() as session:
        on_commit(session, lambda: tell("first"))
        await write(session, "a")
        on_commit(session, lambda: tell("second"))
        assert told == []
    assert told == ["first: a", "second: a"]


async def test_hooks_are_not_called_after_a_rollback(isolated: None) -> None:
    told: list[str] = []

    async def tell() -> None:
        told.append("told")

    with pytest.raises(Undone):
        async with transaction() as session:
            await write(session, "a")
            on_commit(session, tell)
            raise Undone
    assert told == []


async def test_hooks_of_a_part_that_failed_are_not_called(isolated: None) -> None:
    told: list[str] = []

    async def tell(name: str) -> None:
        told.append(name)

    async with transaction() as session:
        on_commit(session, lambda: tell("whole"))
        async with savepoint(session):
            on_commit(session, lambda: tell("kept part"))
        with pytest.raises(Undone):
            async with savepoint(session):
                on_commit(session, lambda: tell("failed part"))
                async with savepoint(session):
                    on_commit(session, lambda: tell("part of it"))
                raise Undone
        await write(session, "a")
        on_commit(session, lambda: tell("end"))
    assert told == ["whole", "kept part", "end"]


async def test_a_unit_that_reads_refuses_to_write(isolated: None) -> None:
    attempts: list[Callable[[AsyncSession], Awaitable[object]]] = [
        lambda session: write(session, "a"),
        lambda session: CounterRepository(session).add_many([{"name": "a", "value": 1}]),
        lambda session: CounterRepository(session).update_where(values={"value": 1}),
        lambda session: CounterRepository(session).delete_where(name="a"),
        lambda session: CounterRepository(session).upsert({"name": "a", "value": 1}, by=["name"]),
    ]
    for attempt in attempts:
        with pytest.raises(ReadOnly):
            async with transaction(read_only=True) as session:
                await attempt(session)
    assert await written() == ""


async def isolation(session: AsyncSession) -> str:
    statement = LEVELS.get(database())
    if statement is None:  # SQLite has one level
        return "SERIALIZABLE"
    level = str(await session.scalar(text(statement)))
    return level.upper().replace("-", " ")


async def test_a_level_of_isolation_is_for_one_transaction(isolated: None) -> None:
    async with transaction() as session:
        usual = await isolation(session)
    async with transaction(isolation_level="SERIALIZABLE") as session:
        assert await isolation(session) == "SERIALIZABLE"
    for _ in range(3):
        async with transaction() as session:
            assert await isolation(session) == usual


async def test_a_level_that_there_is_not_is_refused(isolated: None) -> None:
    with pytest.raises(ArgumentError, match="isolation"):
        async with transaction(isolation_level="CHAOS"):
            pass
    async with transaction() as session:
        await write(session, "a")


async def test_serializable_units_are_as_one_after_the_other(isolated: None) -> None:
    """Write skew: both read the sum, and each adds what the other one must not."""
    async with transaction() as session:
        await write(session, "a", 1)
        await write(session, "b", 1)
    both_began = asyncio.Barrier(2)
    tries: dict[str, int] = {"a": 0, "b": 0}

    async def take(name: str) -> None:
        async def work(session: AsyncSession) -> None:
            tries[name] += 1
            if tries[name] == 1 and database() != "sqlite":  # where the second cannot begin
                await CounterRepository(session).count()
                await both_began.wait()
            rows = await CounterRepository(session).find()
            if sum(row.value for row in rows) > 1:
                await CounterRepository(session).update_where(name=name, values={"value": 0})

        await retry_on_conflict(work, isolation_level="SERIALIZABLE")

    await asyncio.gather(take("a"), take("b"))
    assert await value_of("a") + await value_of("b") == 1


async def test_a_conflict_is_tried_again_from_the_start(isolated: None) -> None:
    sessions: list[AsyncSession] = []

    async def work(session: AsyncSession) -> str:
        sessions.append(session)
        await write(session, "a")
        if len(sessions) < 3:
            raise Conflict
        return "done"

    assert await retry_on_conflict(work) == "done"
    assert len(set(map(id, sessions))) == 3
    assert await written() == "a"


async def test_a_conflict_is_told_in_the_end(isolated: None) -> None:
    tries: list[int] = []

    async def work(session: AsyncSession) -> None:
        tries.append(len(tries))
        await write(session, "a")
        raise Conflict

    with pytest.raises(Conflict):
        await retry_on_conflict(work, attempts=3)
    assert tries == [0, 1, 2]
    assert await written() == ""


async def test_other_errors_are_not_tried_again(isolated: None) -> None:
    tries: list[int] = []

    async def work(session: AsyncSession) -> None:
        tries.append(len(tries))
        await CounterRepository(session).add_many([{"name": "a", "value": 1}] * 2)

    with pytest.raises(Duplicate):
        await retry_on_conflict(work)
    assert tries == [0]


async def test_no_connection_is_kept(isolated: None) -> None:
    async with transaction() as session:
        await write(session, "a")
    pool: Any = get_engine().pool
    assert pool.checkedout() == 0
