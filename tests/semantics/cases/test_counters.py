"""What the cookbook's page on tests shows."""

import asyncio

import pytest
from httpx import AsyncClient
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Counter
from my_service.apps.lab.repository import CounterRepository
from my_service.core.db import transaction


async def test_a_counter_is_created(client: AsyncClient, session: AsyncSession) -> None:
    response = await client.post("/api/counters", json={"name": "a", "value": 1})
    assert response.status_code == 201
    assert (await CounterRepository(session).get_one("a")).value == 1


@pytest.fixture
async def counter(session: AsyncSession) -> Counter:
    return await CounterRepository(session).add(Counter(name="a", value=1))


async def test_a_name_is_used_once(client: AsyncClient, counter: Counter) -> None:
    response = await client.post("/api/counters", json={"name": counter.name, "value": 2})
    assert response.status_code == 409


@pytest.mark.commits
async def test_increments_at_once_are_all_counted(isolated: None) -> None:
    async with transaction() as session:
        await CounterRepository(session).add(Counter(name="a", value=0))

    async def increment() -> None:
        async with transaction() as session:
            (row,) = await CounterRepository(session).lock("a")
            row.value += 1

    await asyncio.gather(*(increment() for _ in range(4)))
    async with transaction() as session:
        assert (await CounterRepository(session).get_one("a")).value == 4
