"""A stream returns every row, or raises."""

import asyncio
import gc
from collections.abc import AsyncGenerator, AsyncIterator, MutableMapping
from contextlib import aclosing
from contextvars import Context
from typing import Any, cast

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Counter
from my_service.apps.lab.repository import CounterRepository
from my_service.core.db import get_engine, transaction
from my_service.core.db.pool import Pool
from my_service.core.web import Router, create_app
from my_service.settings import settings

from .support import database

pytestmark = pytest.mark.commits

ONE_AT_A_TIME = ("mysql", "mariadb")


ROWS = 250  # more than SQLite's driver fetches with the statement


@pytest.fixture
async def many(isolated: None) -> None:
    async with transaction() as session:
        rows = [{"name": f"{n:03}", "value": 0} for n in range(ROWS)]
        await CounterRepository(session).add_many(rows)


def raw(session: AsyncSession) -> Any:
    """The same stream by the session's own method."""

    async def rows() -> Any:
        statement = select(Counter).execution_options(yield_per=10)
        async for row in await session.stream_scalars(statement):
            yield row

    return rows()


def by_repository(session: AsyncSession) -> Any:
    return CounterRepository(session).stream(batch=10)


@pytest.mark.parametrize("stream", [raw, by_repository])
async def test_a_stream_returns_every_row_or_raises(many: None, stream: Any) -> None:
    """MySQL's protocol has one result at a time; the other databases go on with the stream."""

    async def change_all() -> None:
        async with transaction() as session, aclosing(stream(session)) as rows:
            async for row in rows:
                row.value = 1
                await session.flush()

    if database() in ONE_AT_A_TIME:
        with pytest.raises(RuntimeError, match="a stream is open"):
            await change_all()
    else:
        await change_all()
    async with transaction(read_only=True) as session:
        changed = await CounterRepository(session).count(value=1)
    assert changed == (0 if database() in ONE_AT_A_TIME else ROWS)


@pytest.mark.parametrize("count", [0, 1, 99, 100, 101, 200, ROWS])
async def test_a_result_of_any_length_has_every_row(many: None, count: int) -> None:
    """Read at once, in parts of any size, and row by row."""
    statement = select(Counter.name).order_by(Counter.name).limit(count)
    expected = [f"{n:03}" for n in range(count)]
    async with transaction(read_only=True) as session:
        assert (await session.scalars(statement)).all() == expected
        for size in (1, 30, 100, 1000):
            rows = await session.stream_scalars(statement)
            assert [name async for part in rows.partitions(size) for name in part] == expected
        one_by_one = await session.stream_scalars(statement.execution_options(max_row_buffer=1))
        assert [name async for name in one_by_one] == expected


async def test_changes_are_written_after_the_stream(many: None) -> None:
    async with transaction() as session:
        async for row in CounterRepository(session).stream(batch=10):
            row.value = 1
    async with transaction(read_only=True) as session:
        assert await CounterRepository(session).count(value=1) == ROWS


async def test_a_closed_stream_leaves_the_session_free(many: None) -> None:
    async with transaction() as session:
        async with aclosing(CounterRepository(session).stream(batch=10)) as rows:
            async for _ in rows:
                break
        assert await CounterRepository(session).count() == ROWS


async def test_an_abandoned_generator_returns_its_connection(many: None) -> None:
    """A client that closes an export leaves its generator to the event loop, in another context."""
    failures: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, failure: failures.append(failure))

    async def export(stream: Any) -> AsyncGenerator[str]:
        async with transaction(read_only=True) as session, aclosing(stream(session)) as rows:
            async for row in rows:
                yield row.name

    async def begin(stream: Any) -> None:
        assert await anext(export(stream))

    pool = cast("Pool", get_engine().pool)
    before = pool.checkedout()
    for stream in (raw, by_repository):
        await loop.create_task(begin(stream), context=Context())
    gc.collect()
    while closing := asyncio.all_tasks() - {asyncio.current_task()}:
        await asyncio.wait(closing)
    loop.set_exception_handler(None)
    assert (failures, pool.checkedout()) == ([], before)


async def test_a_client_that_goes_away_ends_the_route_s_generator(many: None) -> None:
    """All of it at once, not whenever the garbage collector finds its parts."""
    router = Router()
    seen: list[str] = []

    async def names() -> AsyncGenerator[str]:
        async with (
            transaction(read_only=True) as session,
            aclosing(by_repository(session)) as rows,
        ):
            async for row in rows:
                yield row.name
        seen.append("never")

    @router.get("/export")
    async def export() -> AsyncIterator[str]:
        try:
            async with aclosing(names()) as rows:
                async for name in rows:
                    yield name
        finally:
            seen.append("end")

    app = create_app(settings, title="Test")
    app.include_router(router)
    gone = asyncio.Event()

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message.get("body"):
            gone.set()
            await asyncio.sleep(0)

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/export",
        "scheme": "http",
        "query_string": b"",
        "headers": [(b"host", b"localhost")],
    }
    pool = cast("Pool", get_engine().pool)
    before = pool.checkedout()
    await asyncio.create_task(app(scope, receive, send), context=Context())
    assert (seen, pool.checkedout()) == (["end"], before)
