"""Laws 1, 3, 8 and 9: what a history of statements leaves in the database, and what it reports."""

from typing import Any

import pytest
from hypothesis import example, given
from sqlalchemy import NullPool, delete, select

from my_service.apps.lab.models import Counter
from my_service.core.db import Statement, make_engine, on_statement, transaction
from my_service.core.db.session import everything_rolled_back
from my_service.settings import settings

from .histories import (
    HISTORIES,
    Alone,
    Fail,
    Insert,
    Part,
    Read,
    Rows,
    Sent,
    Unit,
    journal,
    play,
)

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
@example(history=[Alone(Fail("prepared")), Unit([Insert("session", "a", 1)])])
async def test_a_history_is_the_same_under_the_fixture(isolated: None, history: list[Any]) -> None:
    async with everything_rolled_back():
        await play(history)
    assert await committed() == {}


@given(history=HISTORIES)
@example(history=[Unit([Insert("import", "a", 1)]), Unit([Insert("import", "a", 2)])])
@example(history=[Alone(Fail("prepared")), Unit([Fail("session")], read_only=True)])
async def test_each_statement_of_a_history_is_reported_once(
    isolated: None, history: list[Any]
) -> None:
    reported: list[Statement] = []
    sent: list[Sent] = []
    token, stop = journal.set(sent), on_statement(reported.append)
    try:
        await play(history)
    finally:
        stop()
        journal.reset(token)
        async with transaction() as session:
            await session.execute(delete(Counter))
    of_steps = [statement for statement in reported if "counters" in statement.sql]
    assert [statement.sql.split()[0] for statement in of_steps] == [each.verb for each in sent]
    for statement, expected in zip(of_steps, sent, strict=True):
        assert statement.error is expected.error, statement
        assert statement.rows in (None, expected.rows), (statement, expected)
