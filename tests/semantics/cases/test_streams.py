"""A stream returns every row, or raises."""

from contextlib import aclosing
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Counter
from my_service.apps.lab.repository import CounterRepository
from my_service.core.db import transaction

from .support import database

pytestmark = pytest.mark.commits

ONE_AT_A_TIME = ("mysql", "mariadb")


@pytest.fixture
async def fifty(isolated: None) -> None:
    async with transaction() as session:
        rows = [{"name": f"{n:02}", "value": 0} for n in range(50)]
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
async def test_a_stream_returns_every_row_or_raises(fifty: None, stream: Any) -> None:
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
    assert changed == (0 if database() in ONE_AT_A_TIME else 50)


async def test_changes_are_written_after_the_stream(fifty: None) -> None:
    async with transaction() as session:
        async for row in CounterRepository(session).stream(batch=10):
            row.value = 1
    async with transaction(read_only=True) as session:
        assert await CounterRepository(session).count(value=1) == 50


async def test_a_closed_stream_leaves_the_session_free(fifty: None) -> None:
    async with transaction() as session:
        async with aclosing(CounterRepository(session).stream(batch=10)) as rows:
            async for _ in rows:
                break
        assert await CounterRepository(session).count() == 50
