"""Law 7: a stream returns every row or raises, whatever runs between its batches."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Counter, Seat
from my_service.apps.lab.repository import CounterRepository, SeatRepository
from my_service.core.db import Duplicate, prepare, prepare_insert, savepoint

from .support import database, undone

pytestmark = pytest.mark.commits


@dataclass
class CounterRead:
    name: str
    value: int


READ = prepare(select(Counter).order_by(Counter.name), CounterRead)
ADD = prepare_insert(Counter, CounterRead)


async def read(session: AsyncSession) -> None:
    assert [row.name for row in await READ.all()] == ["a"]


async def read_in_the_session(session: AsyncSession) -> None:
    assert await CounterRepository(session).count() == 1


async def insert(session: AsyncSession) -> None:
    await ADD.one(name="b", value=1)
    await CounterRepository(session).delete_where(name="b")


async def add(session: AsyncSession) -> None:
    row = await CounterRepository(session).add(Counter(name="c", value=1))
    await CounterRepository(session).delete(row)


async def fail(session: AsyncSession) -> None:
    with pytest.raises(Duplicate):
        async with savepoint(session):
            await ADD.one(name="a", value=1)


async def stream(session: AsyncSession) -> None:
    async with aclosing(CounterRepository(session).stream(batch=1)) as rows:
        assert [row.name async for row in rows] == ["a"]


BETWEEN = [read, read_in_the_session, insert, add, fail, stream]


async def streamed(session: AsyncSession, batch: int) -> AsyncGenerator[Any]:
    rows = SeatRepository(session).stream(order_by=[Seat.row], batch=batch)
    async with aclosing(rows):
        async for row in rows:
            yield row


@given(
    rows=st.integers(0, 12),
    batch=st.integers(1, 5),
    between=st.dictionaries(st.integers(0, 11), st.sampled_from(BETWEEN), max_size=3),
)
async def test_a_stream_returns_every_row_or_raises(
    isolated: None, rows: int, batch: int, between: dict[int, Any]
) -> None:
    async with undone() as session:
        await ADD.one(name="a", value=0)
        await SeatRepository(session).add_many([{"row": n, "letter": "a"} for n in range(rows)])
        found: list[int] = []
        try:
            async with aclosing(streamed(session, batch)) as seats:
                async for seat in seats:
                    found.append(seat.row)
                    if seat.row in between:
                        await between[seat.row](session)
        except RuntimeError:
            assert database() in ("mysql", "mariadb")
            assert between
        else:
            assert found == list(range(rows))
