"""Upserts: insert or change, in one statement that cannot collide with another of its kind."""

import asyncio
from typing import Any

import pytest
from sqlalchemy import Sequence
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from my_service.apps.lab.models import Author, Book, Counter, Draft, Link, Setting
from my_service.apps.lab.repository import (
    BookRepository,
    ChapterRepository,
    CounterRepository,
    DraftRepository,
    LinkRepository,
    SettingRepository,
)
from my_service.core.db import Duplicate, Repository, get_engine, transaction, utc_now

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


async def test_an_upsert_sets_what_every_update_sets(session: AsyncSession) -> None:
    """`onupdate=` with and without a default for the insert; attributes with other names."""
    drafts = DraftRepository(session)
    row = await drafts.upsert({"name": "a", "text": "1"}, by=["name"])
    assert (row.text, row.touched_at, row.state) == ("1", None, "new")
    before = utc_now()
    row = await drafts.upsert({"name": "a", "text": "2"}, by=["name"])
    assert (row.text, row.state, row.length) == ("2", "changed", 1)
    assert row.touched_at is not None
    assert before <= row.touched_at <= utc_now()
    before = utc_now()
    rows = [{"name": name, "text": "3"} for name in ("a", "b")]
    await drafts.upsert_many(rows, by=["name"], update=["text"])
    session.expunge_all()
    old, new = await drafts.find(order_by=[Draft.name])
    assert (old.text, old.state, new.text, new.state) == ("3", "changed", "3", "new")
    assert new.touched_at is None
    assert old.touched_at is not None
    assert before <= old.touched_at


async def test_an_upsert_may_give_what_an_update_sets(session: AsyncSession) -> None:
    drafts = DraftRepository(session)
    for state in ("one", "two"):
        row = await drafts.upsert({"name": "a", "state": state}, by=["name"])
        assert row.state == state


async def test_rows_of_an_upsert_may_have_different_attributes(session: AsyncSession) -> None:
    counters = CounterRepository(session)
    for value in (1, 2):
        await counters.upsert_many(
            [
                {"name": "a", "value": value, "note": "first"},
                {"name": "b", "value": value},
                {"name": "c", "value": value, "note": None},
            ],
            by=["name"],
        )
        await counters.update_where(name="b", values={"note": "kept"})
    found = await counters.find(order_by=[Counter.name])
    assert [(row.value, row.note) for row in found] == [(2, "first"), (2, "kept"), (2, None)]


async def test_missing_rows_are_added_and_existing_ones_left_alone(session: AsyncSession) -> None:
    settings = SettingRepository(session)
    one = await settings.add(Setting(name="one", value="1"))
    gone = await settings.add(Setting(name="gone", value="1"))
    await settings.delete(gone)
    before = await stored(session, one)
    with watched() as seen:
        await settings.add_missing(
            [{"name": name, "value": "new"} for name in ("one", "two", "gone", "two")], by=["name"]
        )
        await settings.add_missing([], by=["name"])
    assert len(seen) == 1
    session.expunge_all()
    found = await settings.find(order_by=[Setting.name], include_deleted=True)
    assert [(row.name, row.value) for row in found] == [
        ("gone", "1"),
        ("one", "1"),
        ("two", "new"),
    ]
    assert (found[1].version, found[1].updated_at) == (before.version, before.updated_at)
    assert found[0].deleted_at is not None


async def test_an_upsert_of_nothing_but_its_key_leaves_an_existing_row_alone(
    session: AsyncSession,
) -> None:
    drafts = DraftRepository(session)
    first = await drafts.upsert({"name": "a"}, by=["name"])
    again = await drafts.upsert({"name": "a"}, by=["name"])
    assert again is first
    assert (again.touched_at, again.state) == (None, "new")


async def test_an_upsert_by_a_column_that_is_not_unique_is_refused(isolated: None) -> None:
    with pytest.raises(ValueError if database() in ("mysql", "mariadb") else DBAPIError):
        async with transaction() as session:
            await CounterRepository(session).upsert({"name": "a", "value": 1}, by=["value"])


async def test_an_upsert_that_names_another_rows_key_is_refused(isolated: None) -> None:
    """MySQL and MariaDB would change the row that has the key."""
    with pytest.raises(ValueError if database() in ("mysql", "mariadb") else Duplicate):
        async with transaction() as session:
            settings = SettingRepository(session)
            one = await settings.add(Setting(name="one"))
            await settings.upsert({"id": one.id, "name": "two"}, by=["name"])


@pytest.mark.commits
async def test_missing_links_are_added_at_once_without_a_collision(isolated: None) -> None:
    async def add(number: int) -> None:
        async with transaction() as session:
            links = LinkRepository(session)
            pair = {"one": number % 5, "other": 1}
            if number % 2:
                await links.add_missing([pair], by=["one", "other"])
            else:
                await links.upsert(pair, by=["one", "other"])

    await asyncio.gather(*(add(number) for number in range(60)))
    async with transaction(read_only=True) as session:
        assert await count(session, Link) == 5


class Scratch(DeclarativeBase):
    """A table of this test alone."""


class Numbered(Scratch):
    __tablename__ = "scratch_numbered"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    number: Mapped[int] = mapped_column(onupdate=Sequence("numbers"))


any_repository: Any = Repository  # of models apart from the application's


async def test_a_sequence_that_no_update_applies_is_refused(session: AsyncSession) -> None:
    repository: Any = any_repository(session)
    repository.model = Numbered
    message = (
        r"number has onupdate=Sequence\('numbers'\).*write `onupdate=sequence\.next_value\(\)`"
    )
    with pytest.raises(TypeError, match=message):
        await repository.upsert({"id": 1, "name": "a"}, by=["id"])
    with pytest.raises(TypeError, match=message):
        await repository.update_where(values={"name": "a"})
