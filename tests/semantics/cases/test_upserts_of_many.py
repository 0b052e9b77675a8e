"""Upserts of many rows: few statements on the wire, right values and counts, rows of any size."""

from uuid import UUID

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Counter, Sample
from my_service.apps.lab.repository import CounterRepository, SampleRepository
from my_service.core.db import Statement, on_statement

from .support import database, names


async def inserts(session: AsyncSession) -> int:
    """Return how many INSERTs the server has run for this session."""
    status = await session.execute(text("SHOW SESSION STATUS LIKE 'Com_insert'"))
    return int(status.one()[1])


async def test_rows_are_sent_together(session: AsyncSession) -> None:
    counters = CounterRepository(session)
    server = database() in ("mysql", "mariadb")  # PostgreSQL gets rows of one prepared statement
    for add in (0, 1000):
        before = await inserts(session) if server else 0
        rows = [{"name": f"{n:04} 50%s", "value": n + add} for n in range(1500)]
        await counters.upsert_many(rows, by=["name"])
        if server:
            assert await inserts(session) == before + 1
    found = await counters.find(order_by=[Counter.name])
    assert names(found, "value") == [n + 1000 for n in range(1500)]
    assert found[-1].name == "1499 50%s"


async def test_rows_of_any_size_are_sent(session: AsyncSession) -> None:
    samples = SampleRepository(session)
    keys = [UUID(int=n + 1) for n in range(40)]
    for letter in "'é":
        statements: list[Statement] = []
        stop = on_statement(statements.append)
        rows = [{"id": key, "story": letter * 30_000, "number": n} for n, key in enumerate(keys)]
        await samples.upsert_many(rows, by=["id"])
        stop()
        (seen,) = [statement for statement in statements if "INSERT" in statement.sql]
        changed = 2 if letter == "é" and database() in ("mysql", "mariadb") else 1  # as they count
        assert seen.rows in (None, changed * len(rows))
        session.expunge_all()
        found = await samples.find(order_by=[Sample.number])
        assert [row.story for row in found] == [letter * 30_000] * 40
