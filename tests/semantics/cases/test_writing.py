"""Writing: what is written is there, counted truly, and costs the statements that it should."""

import asyncio
import sys
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Author, Book, Chapter, Counter, Draft, Setting
from my_service.apps.lab.repository import (
    AuthorRepository,
    BookRepository,
    CounterRepository,
    DraftRepository,
    SettingRepository,
)
from my_service.core.db import StaleData, transaction, utc_now

from .library import fill
from .support import names, stored, watched


@pytest.fixture
async def counters(session: AsyncSession) -> CounterRepository:
    """Ten counters, a to j, of 0 to 9."""
    repository = CounterRepository(session)
    await repository.add_many([{"name": name, "value": n} for n, name in enumerate("abcdefghij")])
    return repository


async def test_a_row_is_complete_after_its_insert(session: AsyncSession) -> None:
    """Keys and defaults are known without another statement."""
    before = utc_now()
    with watched() as seen:
        setting = await SettingRepository(session).add(Setting(name="a"))
        assert (setting.version, setting.deleted_at, setting.value) == (1, None, None)
        assert before <= setting.created_at <= setting.updated_at <= utc_now()
        assert setting.id > 0
    assert len(seen) == 1
    again = await stored(session, setting)
    assert again.created_at == setting.created_at


async def test_an_update_writes_what_changed(session: AsyncSession) -> None:
    setting = await SettingRepository(session).add(Setting(name="a", value="1"))
    before = setting.updated_at
    with watched() as seen:
        await SettingRepository(session).update(setting, {"value": "2"})
        assert (setting.version, setting.value) == (2, "2")
        assert setting.updated_at > before
    assert len(seen) == 1
    assert "name" not in seen.statements[0].partition("WHERE")[0]
    again = await stored(session, setting)
    assert (again.value, again.version, again.updated_at) == ("2", 2, setting.updated_at)


async def test_an_update_that_changes_nothing_costs_nothing(session: AsyncSession) -> None:
    setting = await SettingRepository(session).add(Setting(name="a", value="1"))
    with watched() as seen:
        await SettingRepository(session).update(setting, {"value": "1"})
    assert len(seen) == 0
    assert setting.version == 1


async def test_rows_are_updated_by_a_filter(counters: CounterRepository) -> None:
    with watched() as seen:
        changed = await counters.update_where(
            Counter.value >= 7, values={"value": Counter.value * 10, "note": "big"}
        )
    assert (changed, len(seen)) == (3, 1)
    found = await counters.find(note="big", order_by=[Counter.name])
    assert names(found, "value") == [70, 80, 90]


async def test_loaded_rows_see_an_update_by_a_filter(counters: CounterRepository) -> None:
    loaded = (await counters.find(name="j"))[0]
    await counters.update_where(Counter.value > 5, values={"note": "big"})
    assert loaded.note == "big"
    await counters.delete_where(name="j")
    assert await counters.get("j") is None


@pytest.mark.parametrize("name", ["a", "nobody"])
async def test_a_count_of_rows_is_of_those_that_were_met(
    counters: CounterRepository, name: str
) -> None:
    """A row that had the value already counts: it was met."""
    met = 0 if name == "nobody" else 1
    for _ in range(2):
        assert await counters.update_where(name=name, values={"note": "same"}) == met
    assert await counters.delete_where(name=name) == met
    assert await counters.delete_where(name=name) == 0


async def test_an_update_by_a_filter_is_a_change_like_any_other(session: AsyncSession) -> None:
    """It bumps versions and times, so that a stale copy cannot overwrite it."""
    settings = SettingRepository(session)
    setting = await settings.add(Setting(name="a", value="1"))
    before = setting.updated_at
    assert await settings.update_where(name="a", values={"value": "2"}) == 1
    again = await stored(session, setting)
    assert (again.version, again.value) == (2, "2")
    assert again.updated_at > before


async def test_loaded_rows_are_complete_after_an_update_by_a_filter(isolated: None) -> None:
    """Versions, times and values that only the database can compute are there without a query."""
    async with transaction() as session:
        settings = SettingRepository(session)
        rows = [await settings.add(Setting(name=name, value="x")) for name in "abc"]
        await settings.delete(rows[2])
        before = rows[0].updated_at
        with watched() as seen:
            await settings.update_where(values={"value": "y"})
        assert len(seen) == 1
        assert (rows[0].version, rows[0].value) == (2, "y")
        assert rows[0].updated_at > before
        assert rows[0].updated_at == (await stored(session, rows[0])).updated_at
    async with transaction() as session:
        settings = SettingRepository(session)
        rows = list(await settings.find(order_by=[Setting.name]))
        with watched() as seen:
            await settings.update_where(
                values={"value": func.upper(Setting.value), "name": Setting.name + "!"}
            )
        assert len(seen) == 2
        assert [(row.name, row.value, row.version) for row in rows] == [
            ("a!", "Y", 3),
            ("b!", "Y", 3),
        ]
        rows[0].value = "last"
    async with transaction(read_only=True) as session:
        assert await SettingRepository(session).count(value="last", version=4) == 1


async def test_an_update_by_a_filter_knows_other_names(session: AsyncSession) -> None:
    drafts = DraftRepository(session)
    row = await drafts.add(Draft(name="a"))
    assert await drafts.update_where(name="a", values={"text": "x"}) == 1
    assert (row.text, row.state, row.touched_at is None) == ("x", "changed", False)


async def test_rows_of_an_update_by_a_filter_are_had_by_their_keys(
    counters: CounterRepository,
) -> None:
    statement = select(Counter.name).where(Counter.value > 7).with_for_update()
    keys = (await counters.session.scalars(statement)).all()
    await counters.update_where(Counter.name.in_(keys), values={"value": Counter.value + 100})
    rows = await counters.find(Counter.name.in_(keys), order_by=[Counter.name])
    assert names(rows, "value") == [108, 109]


async def test_a_row_is_deleted(counters: CounterRepository) -> None:
    row = (await counters.find(name="a"))[0]
    with watched() as seen:
        await counters.delete(row)
    assert len(seen) == 1
    assert await counters.count() == 9


async def test_a_row_that_is_gone_cannot_be_written(isolated: None) -> None:
    with pytest.raises(StaleData):
        async with transaction() as session:
            row = await CounterRepository(session).add(Counter(name="a", value=1))
            unseen = {"synchronize_session": False}
            await session.execute(delete(Counter), execution_options=unseen)
            await CounterRepository(session).update(row, {"value": 2})


async def test_rows_are_deleted_by_a_filter(counters: CounterRepository) -> None:
    with watched() as seen:
        assert await counters.delete_where(Counter.name.in_(["a", "b", "z"])) == 2
    assert len(seen) == 1
    assert await counters.count() == 8


async def test_many_rows_are_inserted_by_one_statement(session: AsyncSession) -> None:
    with watched() as seen:
        await SettingRepository(session).add_many(
            [{"name": f"{n}", "value": None if n % 2 else "even"} for n in range(500)]
        )
    assert len(seen) == 1
    found = await SettingRepository(session).find(order_by=[Setting.id])
    assert names(found) == [f"{n}" for n in range(500)]
    assert {(row.version, row.value is None) for row in found} == {(1, True), (1, False)}


async def test_no_rows_are_inserted_by_no_statement(session: AsyncSession) -> None:
    with watched() as seen:
        await CounterRepository(session).add_many([])
        await CounterRepository(session).upsert_many([], by=["name"])
    assert len(seen) == 0


async def test_more_rows_than_a_statement_has_arguments_for(session: AsyncSession) -> None:
    rows = [{"name": f"{n}", "value": n, "note": "x"} for n in range(12_000)]
    await CounterRepository(session).add_many(rows)
    assert await CounterRepository(session).count() == 12_000


async def test_many_rows_are_updated_by_their_keys(counters: CounterRepository) -> None:
    changes = [{"name": name, "value": 100 + n} for n, name in enumerate("abc")]
    with watched() as seen:
        await counters.session.execute(update(Counter), changes)
    assert len(seen) == 1
    counters.session.expunge_all()
    found = await counters.find(Counter.value >= 100, order_by=[Counter.name])
    assert names(found, "value") == [100, 101, 102]


async def test_many_objects_are_written_by_one_unit_of_work(session: AsyncSession) -> None:
    session.add_all(
        Author(name=f"{a}", books=[Book(title=f"{a}{b}") for b in "xyz"]) for a in range(20)
    )
    with watched() as seen:
        await session.flush()
    assert len(seen) == 2
    assert await BookRepository(session).count() == 60


async def test_a_detached_object_is_merged(isolated: None) -> None:
    async with transaction() as session:
        author = await AuthorRepository(session).add(Author(name="Ada"))
        book = await BookRepository(session).add(Book(title="old", author_id=author.id))
    book.title = "new"
    async with transaction() as session:
        with watched() as seen:
            merged = await session.merge(book)
            await session.flush()
        assert len(seen) == 2
        assert merged is not book
    async with transaction() as session:
        again = await BookRepository(session).get_one(book.id)
        assert (again.title, again.version) == ("new", 2)


async def test_a_detached_object_that_is_stale_is_not_merged(isolated: None) -> None:
    async with transaction() as session:
        book = await BookRepository(session).add(Book(title="old", author=Author(name="Ada")))
    async with transaction() as session:
        loaded = await BookRepository(session).get_one(book.id)
        await BookRepository(session).update(loaded, {"title": "newer"})
    book.title = "new"
    with pytest.raises(StaleData):
        async with transaction() as session:
            await session.merge(book)


async def test_an_expression_is_computed_by_the_database(session: AsyncSession) -> None:
    await fill(session)
    books = BookRepository(session)
    book = (await books.find(title="Beta"))[0]
    changes: dict[str, Any] = {"price": Book.price + Decimal("0.01")}
    await books.update_where(Book.price.is_not(None), values=changes)
    assert (await stored(session, book)).price == Decimal("20.51")


async def test_timestamps_are_of_the_clients_clock(session: AsyncSession) -> None:
    author = await AuthorRepository(session).add(Author(name="Ada"))
    assert utc_now() - author.created_at < timedelta(minutes=1)
    assert (await stored(session, author)).created_at == author.created_at


async def test_children_of_a_bulk_insert_refer_to_their_parent(session: AsyncSession) -> None:
    book = await BookRepository(session).add(Book(title="Long", author=Author(name="Ada")))
    await session.execute(
        insert(Chapter),
        [{"book_id": book.id, "number": n, "title": f"{n}"} for n in (1, 2)],
    )
    numbers = select(Chapter.number).where(Chapter.book_id == book.id).order_by(Chapter.number)
    assert (await session.scalars(numbers)).all() == [1, 2]


async def test_the_first_object_of_a_process_has_its_key() -> None:
    program = "from my_service.apps.lab.models import Author; assert Author(name='Ada').id"
    process = await asyncio.create_subprocess_exec(sys.executable, "-c", program)
    assert await process.wait() == 0
