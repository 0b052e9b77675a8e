"""Upserts: insert or change, in one statement that cannot collide with another of its kind."""

import asyncio

import pytest
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Author, Book, Counter, Setting
from my_service.apps.lab.repository import (
    BookRepository,
    ChapterRepository,
    CounterRepository,
    SettingRepository,
)
from my_service.core.db import get_engine, transaction

from .support import count, database, names, stored, watched


def statements_of_one() -> int:
    """One; two where the database gives no rows back for an insert, as MySQL."""
    return 1 if get_engine().dialect.insert_returning else 2


async def test_an_upsert_inserts_and_then_updates(session: AsyncSession) -> None:
    counters = CounterRepository(session)
    for value in (1, 2):
        with watched() as seen:
            row = await counters.upsert({"name": "a", "value": value}, by=["name"])
            assert (row.name, row.value, row.note) == ("a", value, None)
        assert len(seen) == statements_of_one()
    assert await counters.count() == 1


async def test_an_upsert_by_a_unique_column_keeps_the_key(session: AsyncSession) -> None:
    settings = SettingRepository(session)
    first = await settings.upsert({"name": "a", "value": "1"}, by=["name"])
    before = (first.id, first.created_at, first.updated_at)
    assert (first.version, first.value) == (1, "1")
    await settings.upsert({"name": "b", "value": "1"}, by=["name"])
    again = await settings.upsert({"name": "a", "value": "2"}, by=["name"])
    assert again is first
    assert (again.id, again.created_at) == before[:2]
    assert again.updated_at > before[2]
    assert (again.version, again.value) == (2, "2")


async def test_an_upsert_changes_what_it_is_told_to(session: AsyncSession) -> None:
    counters = CounterRepository(session)
    await counters.upsert({"name": "a", "value": 1, "note": "first"}, by=["name"])
    values = {"name": "a", "value": 2, "note": "second"}
    row = await counters.upsert(values, by=["name"], update=["note"])
    assert (row.value, row.note) == (1, "second")


async def test_an_upsert_by_several_columns(session: AsyncSession) -> None:
    book = await BookRepository(session).add(Book(title="Notes", author=Author(name="Ada")))
    chapters = ChapterRepository(session)
    for title in ("draft", "final"):
        for number in (1, 2):
            row = await chapters.upsert(
                {"book_id": book.id, "number": number, "title": title}, by=["book_id", "number"]
            )
            assert (row.number, row.title) == (number, title)
    assert await chapters.count() == 2


async def test_an_upsert_brings_a_deleted_row_back(session: AsyncSession) -> None:
    settings = SettingRepository(session)
    row = await settings.upsert({"name": "a", "value": "1"}, by=["name"])
    await settings.delete(row)
    assert await settings.count() == 0
    again = await settings.upsert({"name": "a", "value": "2"}, by=["name"])
    assert (again.id, again.deleted_at, again.value) == (row.id, None, "2")


async def test_an_upsert_of_many_is_one_statement(session: AsyncSession) -> None:
    counters = CounterRepository(session)
    rows = [{"name": f"{n:02}", "value": n, "note": None if n % 2 else "even"} for n in range(50)]
    for add in (0, 100):
        with watched() as seen:
            await counters.upsert_many(
                [{**row, "value": n + add} for n, row in enumerate(rows)], by=["name"]
            )
        assert len(seen) == 1
        session.expunge_all()
        found = await counters.find(order_by=[Counter.name])
        assert names(found, "value") == [n + add for n in range(50)]
        assert names(found, "note")[:3] == ["even", None, "even"]


async def test_an_upsert_of_many_may_name_a_row_twice(session: AsyncSession) -> None:
    counters = CounterRepository(session)
    await counters.upsert_many([{"name": "a", "value": n} for n in (1, 2, 3)], by=["name"])
    assert names(await counters.find(), "value") == [3]


async def test_an_upsert_that_could_hit_a_wrong_row_is_refused_or_right(
    session: AsyncSession,
) -> None:
    """A table that is unique in two ways: MySQL and MariaDB cannot be told which one is meant."""
    settings = SettingRepository(session)
    one, two = [await settings.add(Setting(name=name, value=name)) for name in ("one", "two")]
    values = {"id": one.id, "name": "one", "value": "changed"}
    if database() in ("mysql", "mariadb"):
        with pytest.raises(ValueError, match="unique by name too"):
            await settings.upsert(values, by=["id"])
    else:
        await settings.upsert(values, by=["id"])
        assert (await stored(session, one)).value == "changed"
    assert (await stored(session, two)).value == "two"


@pytest.mark.commits
async def test_upserts_at_once_do_not_collide(isolated: None) -> None:
    async def upsert(number: int) -> None:
        async with transaction() as session:
            values = {"name": f"{number % 5}", "value": number}
            await CounterRepository(session).upsert(values, by=["name"])

    await asyncio.gather(*(upsert(number) for number in range(100)))
    async with transaction(read_only=True) as session:
        assert await count(session, Counter) == 5
