"""Law 10: a connection whose server refuses writes is replaced."""

from collections.abc import Awaitable, Callable

import pytest
from sqlalchemy import select, text

from my_service.apps.lab.models import Counter
from my_service.apps.lab.repository import CounterRepository
from my_service.core.db import (
    ReadOnly,
    WritesRefused,
    dispose_engine,
    get_engine,
    ping,
    prepare_insert,
    transaction,
)
from my_service.core.web import Schema

from .support import database

pytestmark = pytest.mark.commits

# What lets one connection's server refuse writes, as a standby does.
REFUSE = {
    "postgresql": "SET default_transaction_read_only = on",
    "mariadb": "SET SESSION TRANSACTION READ ONLY",
    "mysql": "SET SESSION TRANSACTION READ ONLY",
    "sqlite": "PRAGMA query_only = ON",
}


class CounterRead(Schema):
    name: str


ADD = prepare_insert(Counter, CounterRead)


async def prepared() -> None:
    await ADD.one(name="a", value=1)


async def in_a_unit() -> None:
    async with transaction() as session:
        await CounterRepository(session).add(Counter(name="a", value=1))


async def refuse_writes() -> None:
    """Let the pool's only connection refuse writes."""
    await dispose_engine()  # earlier cases may have opened several
    await ping()
    async with get_engine().connect() as connection:
        await connection.exec_driver_sql(REFUSE[database()])
        await connection.commit()


@pytest.mark.parametrize("write", [prepared, in_a_unit])
async def test_the_next_write_is_on_another_connection(
    isolated: None, write: Callable[[], Awaitable[None]]
) -> None:
    await refuse_writes()
    with pytest.raises(WritesRefused):
        await write()
    await write()
    async with transaction(read_only=True) as session:
        assert (await session.scalars(select(Counter.name))).all() == ["a"]


async def test_a_write_in_a_read_only_unit_is_a_mistake_of_the_program(isolated: None) -> None:
    await refuse_writes()
    with pytest.raises(ReadOnly):
        async with transaction(read_only=True) as session:
            await session.execute(text("INSERT INTO counters (name, value) VALUES ('a', 1)"))
    with pytest.raises(WritesRefused):  # the connection is kept
        await prepared()
