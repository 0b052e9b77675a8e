"""Laws 1, 3 and 8: a history of statements leaves exactly the rows of a model in memory."""

from typing import Any

import pytest
from hypothesis import example, given
from sqlalchemy import NullPool, delete, select

from my_service.apps.lab.models import Counter
from my_service.core.db import make_engine, transaction
from my_service.core.db.session import everything_rolled_back
from my_service.settings import settings

from .histories import HISTORIES, Part, Read, Rows, Unit, play

pytestmark = pytest.mark.commits


async def committed() -> Rows:
    """The rows that another connection sees."""
    other = make_engine(settings.database_url, poolclass=NullPool)
    async with other.connect() as connection:
        return {row.name: row.value for row in await connection.execute(ROWS)}


ROWS = select(Counter.name, Counter.value)


@given(history=HISTORIES)
@example(history=[Unit([Part([Read("session")], keeps=True)], read_only=True)])
async def test_a_history_leaves_the_rows_of_its_model(isolated: None, history: list[Any]) -> None:
    try:
        rows = await play(history)
        assert await committed() == rows
    finally:
        async with transaction() as session:
            await session.execute(delete(Counter))


@given(history=HISTORIES)
@example(history=[Unit([Read("session")], isolation="SERIALIZABLE")])
async def test_a_history_is_the_same_under_the_fixture(isolated: None, history: list[Any]) -> None:
    async with everything_rolled_back():
        await play(history)
    assert await committed() == {}
