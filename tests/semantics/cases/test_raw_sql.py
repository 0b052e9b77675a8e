"""SQL written by hand: values are bound, never pasted, and typed where they are told to be."""

from datetime import UTC, datetime
from decimal import Decimal
from uuid import UUID

import pytest
from sqlalchemy import CursorResult, bindparam, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Book, Counter, Sample
from my_service.apps.lab.repository import CounterRepository, SampleRepository
from my_service.core.db import Duplicate, transaction

from .library import fill
from .support import watched

HOSTILE = ["'", "'; DROP TABLE counters; --", '"', "\\", "\\'", "%s", ":name", "?", "{}", "💣", "`"]


async def test_values_are_bound(session: AsyncSession) -> None:
    insert = text("INSERT INTO counters (name, value) VALUES (:name, :value)")
    sought = text("SELECT value FROM counters WHERE name = :name AND value = :value")
    for value, name in enumerate(HOSTILE):
        await session.execute(insert, {"name": name, "value": value})
        found = await session.scalars(sought, {"name": name, "value": value})
        assert found.all() == [value]
    assert await CounterRepository(session).count() == len(HOSTILE)


async def test_signs_of_a_placeholder_may_stand_in_the_text(session: AsyncSession) -> None:
    statement = text(r"SELECT '\:name', '%', '%%', '?', :name")
    row = (await session.execute(statement, {"name": "Ada"})).one()
    assert tuple(row) == (":name", "%", "%%", "?", "Ada")


async def test_rows_have_names(session: AsyncSession) -> None:
    await fill(session)
    result = await session.execute(
        text("SELECT title, price IS NULL AS free FROM books WHERE title = :title"),
        {"title": "Gamma"},
    )
    row = result.mappings().one()
    assert (row["title"], bool(row["free"])) == ("Gamma", True)


async def test_a_list_of_values_expands(session: AsyncSession) -> None:
    await fill(session)
    statement = text("SELECT title FROM books WHERE title IN :titles ORDER BY title")
    statement = statement.bindparams(bindparam("titles", expanding=True, type_=Book.title.type))
    for titles in (["Alpha", "Beta", "none"], ["Zeta"], []):
        found = await session.scalars(statement, {"titles": titles})
        assert found.all() == [title for title in titles if title != "none"]


async def test_columns_and_values_have_the_types_that_they_are_told(session: AsyncSession) -> None:
    noon = datetime(2024, 7, 1, 12, 0, 0, 1, UTC)
    sample = Sample(at=noon, price=Decimal("0.10"), ref=UUID(int=7), meta={"a": [1]}, flag=True)
    await SampleRepository(session).add(sample)
    statement = (
        text("SELECT at, price, ref, meta, flag FROM samples WHERE at = :at AND ref = :ref")
        .bindparams(bindparam("at", type_=Sample.at.type), bindparam("ref", type_=Sample.ref.type))
        .columns(Sample.at, Sample.price, Sample.ref, Sample.meta, Sample.flag)
    )
    row = (await session.execute(statement, {"at": noon, "ref": UUID(int=7)})).one()
    assert tuple(row) == (noon, Decimal("0.10"), UUID(int=7), {"a": [1]}, True)


async def test_entities_come_from_sql_by_hand(session: AsyncSession) -> None:
    await fill(session)
    statement = select(Book).from_statement(
        text("SELECT * FROM books WHERE price > 0 ORDER BY price DESC, title LIMIT :most")
    )
    books = (await session.scalars(statement, {"most": 2})).all()
    assert [(book.title, book.price) for book in books] == [
        ("Beta", Decimal("20.50")),
        ("Alpha", Decimal("10.00")),
    ]


async def test_rows_are_counted_truly(session: AsyncSession) -> None:
    await CounterRepository(session).add_many([{"name": name, "value": 1} for name in "abc"])
    for statement, expected in (
        ("UPDATE counters SET value = 1 WHERE name < :name", 2),
        ("UPDATE counters SET value = 2 WHERE name = :name", 1),
        ("DELETE FROM counters WHERE name >= :name", 1),
        ("DELETE FROM counters WHERE name >= :name", 0),
    ):
        result = await session.execute(text(statement), {"name": "c"})
        assert isinstance(result, CursorResult)
        assert result.rowcount == expected


async def test_errors_are_the_same_as_of_any_statement(isolated: None) -> None:
    with pytest.raises(Duplicate):
        async with transaction() as session:
            insert = text("INSERT INTO counters (name, value) VALUES (:name, 1)")
            await session.execute(insert, [{"name": "a"}, {"name": "a"}])
    async with transaction(read_only=True) as session:
        assert await CounterRepository(session).count() == 0


async def test_a_statement_by_hand_sees_what_the_session_wrote(session: AsyncSession) -> None:
    """A session writes what is pending before it runs a statement."""
    session.add(Counter(name="a", value=1))
    with watched() as seen:
        assert await session.scalar(text("SELECT value FROM counters")) == 1
    assert len(seen) == 2
