"""Who gets a connection when there are fewer than are wanted."""

import asyncio
from collections.abc import Awaitable, Callable, Generator
from contextlib import contextmanager
from contextvars import Context
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import event, literal, select, text
from sqlalchemy.pool import ConnectionPoolEntry

from my_service.core.db import Unavailable, events, get_engine, prepare, transaction

from .support import database, kill, with_settings

pytestmark = pytest.mark.commits

Way = Callable[[], Awaitable[None]]

ONE: dict[str, Any] = {"db_pool_size": 1, "db_max_overflow": 0}


@dataclass
class Answer:
    answer: int


one = prepare(select(literal(1).label("answer")), Answer)


async def in_a_unit() -> None:
    async with transaction(read_only=True) as session:
        await session.execute(text("SELECT 1"))


async def prepared() -> None:
    assert await one.all() == [Answer(1)]


ways = pytest.mark.parametrize("way", [in_a_unit, prepared])


class Service:
    """Takes a connection for each who asks, and notes who had one."""

    def __init__(self, way: Way) -> None:
        self._way = way
        self.served: list[int] = []

    async def ask(self, number: int) -> None:
        await self._way()
        self.served.append(number)

    def ask_apart(self, number: int) -> asyncio.Task[None]:
        return asyncio.create_task(self.ask(number), context=Context())


async def stand_in_line() -> None:
    """Let the tasks that were made come to where they wait."""
    for _ in range(10):
        await asyncio.sleep(0)


def when_it_comes_back(what: Any) -> None:
    """Call something once a connection is given back, before anyone hears of it."""
    event.listen(
        get_engine().sync_engine,
        "checkin",
        lambda *_: asyncio.get_running_loop().call_soon(what),
        once=True,
    )


@ways
async def test_who_has_waited_longest_is_next(isolated: None, way: Way) -> None:
    service = Service(way)

    async def ask_twice(number: int) -> None:
        await service.ask(number)
        await service.ask(number + 20)

    async with with_settings(**ONE):
        await asyncio.gather(*map(ask_twice, range(20)))
    assert service.served == list(range(40))


@ways
@pytest.mark.parametrize("called", [False, True], ids=["in line", "called"])
async def test_who_leaves_holds_nobody_up(isolated: None, way: Way, called: bool) -> None:
    service = Service(way)
    async with with_settings(**ONE):
        async with transaction(read_only=True) as session:
            await session.execute(text("SELECT 1"))
            first, second = service.ask_apart(1), service.ask_apart(2)
            await stand_in_line()
            if called:
                when_it_comes_back(first.cancel)
            else:
                first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        await second
        await service.ask(3)
        pool: Any = get_engine().pool
        assert (pool.checkedin(), pool.checkedout()) == (1, 0)
    assert service.served == [2, 3]


@ways
async def test_a_line_is_left_after_a_while(isolated: None, way: Way) -> None:
    service = Service(way)
    async with with_settings(**ONE, db_pool_timeout=0.1):
        async with transaction(read_only=True) as session:
            await session.execute(text("SELECT 1"))
            waiting = [service.ask_apart(number) for number in range(3)]
            errors = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(error) for error in errors] == [Unavailable] * 3
        await service.ask(3)
    assert service.served == [3]


@ways
async def test_who_waits_may_open_what_another_could_not(
    isolated: None, way: Way, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service(way)
    async with with_settings(**ONE):
        dialect = get_engine().sync_engine.dialect

        def connect(*arguments: Any, **named: Any) -> None:
            monkeypatch.undo()
            raise OSError

        monkeypatch.setattr(dialect, "connect", connect)
        first, second = service.ask_apart(1), service.ask_apart(2)
        with pytest.raises(Unavailable):
            await first
        await second
    assert service.served == [2]


@ways
async def test_connections_beyond_the_size_are_closed_again(isolated: None, way: Way) -> None:
    service = Service(way)
    async with with_settings(db_pool_size=1, db_max_overflow=3):
        await asyncio.gather(*map(service.ask, range(4)))
        pool: Any = get_engine().pool
        assert (pool.checkedin(), pool.checkedout(), pool.overflow()) == (1, 0, 0)
        await service.ask(4)
    assert sorted(service.served) == list(range(5))


async def test_both_ways_share_the_connections(isolated: None) -> None:
    most = 3

    async def ask(number: int) -> None:
        for turn in range(10):
            await (prepared if (number + turn) % 2 else in_a_unit)()
            assert pool.checkedin() + pool.checkedout() <= most

    async with with_settings(db_pool_size=2, db_max_overflow=most - 2):
        pool: Any = get_engine().pool
        with opened() as connections:
            await asyncio.gather(*map(ask, range(12)))
        assert len(connections) >= most
        assert (pool.checkedin(), pool.checkedout()) == (2, 0)


async def test_a_connection_is_kept_until_it_is_old(isolated: None) -> None:
    async with with_settings(**ONE, db_pool_recycle=1):
        with opened() as connections:
            await prepared()
            await prepared()
            assert len(connections) == 1
            await asyncio.sleep(1.1)
            await prepared()
            assert len(connections) == 2


@pytest.mark.parametrize("idle", [True, False])
async def test_a_kept_connection_that_broke_costs_one_answer_at_most(
    isolated: None, monkeypatch: pytest.MonkeyPatch, idle: bool
) -> None:
    if database() == "sqlite":
        return  # has no connection to break
    async with with_settings(**ONE):
        with opened() as connections:
            await prepared()
        (connection,) = connections
        await kill(number_of(connection))
        if idle:
            monkeypatch.setattr(events, "IDLE", 0)
        failed = 0
        for _ in range(3):
            try:
                await prepared()
            except Unavailable:
                failed += 1
        assert failed == (0 if idle else 1)


@contextmanager
def opened() -> Generator[list[Any]]:
    """The drivers' connections that are opened meanwhile."""
    connections: list[Any] = []

    def note(connection: object, record: ConnectionPoolEntry) -> None:
        connections.append(record.driver_connection)

    engine = get_engine().sync_engine
    event.listen(engine, "connect", note)
    yield connections
    event.remove(engine, "connect", note)


def number_of(connection: Any) -> int:
    """What the server calls a connection."""
    own = connection.get_server_pid if database() == "postgresql" else connection.thread_id
    return int(own())
