"""Who gets a connection when there are fewer than are wanted."""

import asyncio
from contextvars import Context
from typing import Any

import pytest
from sqlalchemy import event, text

from my_service.core.db import Unavailable, get_engine, transaction

from .support import with_settings

pytestmark = pytest.mark.commits

ONE: dict[str, Any] = {"db_pool_size": 1, "db_max_overflow": 0}


class Service:
    """Takes a connection for each who asks, and notes who had one."""

    def __init__(self) -> None:
        self.served: list[int] = []

    async def ask(self, number: int) -> None:
        async with transaction(read_only=True) as session:
            await session.execute(text("SELECT 1"))
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


async def test_who_has_waited_longest_is_next(isolated: None) -> None:
    service = Service()

    async def ask_twice(number: int) -> None:
        await service.ask(number)
        await service.ask(number + 20)

    async with with_settings(**ONE):
        await asyncio.gather(*map(ask_twice, range(20)))
    assert service.served == list(range(40))


@pytest.mark.parametrize("called", [False, True], ids=["in line", "called"])
async def test_who_leaves_the_line_holds_nobody_up(isolated: None, called: bool) -> None:
    service = Service()
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


async def test_a_line_is_left_after_a_while(isolated: None) -> None:
    service = Service()
    async with with_settings(**ONE, db_pool_timeout=0.1):
        async with transaction(read_only=True) as session:
            await session.execute(text("SELECT 1"))
            waiting = [service.ask_apart(number) for number in range(3)]
            errors = await asyncio.gather(*waiting, return_exceptions=True)
        assert [type(error) for error in errors] == [Unavailable] * 3
        await service.ask(3)
    assert service.served == [3]


async def test_who_waits_may_open_what_another_could_not(
    isolated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    service = Service()
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
