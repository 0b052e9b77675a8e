"""Soft deletes: rows are marked, left out everywhere, brought back, or gone for good."""

from dataclasses import dataclass

import pytest
from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased, selectinload

from my_service.apps.lab.models import Author, Book, Setting
from my_service.apps.lab.repository import AuthorRepository, BookRepository, SettingRepository
from my_service.core.db import Duplicate, NotFound, prepare, transaction, utc_now

from .library import fill
from .support import count, names, stored, watched


@dataclass
class SettingRead:
    name: str


@pytest.fixture
async def settings(session: AsyncSession) -> SettingRepository:
    """Three settings: b is deleted."""
    repository = SettingRepository(session)
    rows = [await repository.add(Setting(name=name)) for name in "abc"]
    await repository.delete(rows[1])
    session.expunge_all()
    return repository


async def test_a_soft_delete_is_one_update(session: AsyncSession) -> None:
    row = await SettingRepository(session).add(Setting(name="a"))
    before = utc_now()
    with watched() as seen:
        await SettingRepository(session).delete(row)
        assert row.deleted_at is not None
        assert before <= row.deleted_at <= utc_now()
    assert [statement.split()[0] for statement in seen.statements] == ["UPDATE"]
    assert row.version == 2


async def test_deleted_rows_are_left_out_of_every_read(settings: SettingRepository) -> None:
    session = settings.session
    every = [Setting.name]
    assert names(await settings.find(order_by=every)) == ["a", "c"]
    assert await settings.find_one(name="b") is None
    assert not await settings.exists(name="b")
    assert await settings.count() == 2
    assert (await settings.page(page=1, per_page=9)).total == 2
    assert names((await settings.scroll(order_by=every, limit=9)).items) == ["a", "c"]
    assert [row.name async for row in settings.stream(order_by=every)] == ["a", "c"]
    assert (await session.scalars(select(Setting.name).order_by(Setting.name))).all() == ["a", "c"]
    assert await session.scalar(select(func.count()).select_from(Setting)) == 2
    other = aliased(Setting)
    pairs = select(Setting.name, other.name).join(other, other.name > Setting.name)
    assert (await session.execute(pairs)).all() == [("a", "c")]
    assert [row.name for row in await prepare(select(Setting), SettingRead).all()] == ["a", "c"]


async def test_deleted_rows_are_left_out_by_key(settings: SettingRepository) -> None:
    (gone,) = await settings.find(name="b", include_deleted=True)
    assert await settings.get(gone.id) is None
    with pytest.raises(NotFound):
        await settings.get_one(gone.id)
    settings.session.expunge_all()
    assert await settings.get(gone.id) is None
    assert await settings.get_many([gone.id]) == []
    with pytest.raises(NotFound):
        await settings.lock(gone.id)


async def test_deleted_rows_are_left_out_of_writes(settings: SettingRepository) -> None:
    session = settings.session
    assert await settings.update_where(values={"value": "x"}) == 2
    assert await settings.delete_where(name="b", hard=True) == 0
    await session.execute(update(Setting).values(value="y"))
    await session.execute(delete(Setting).where(Setting.name == "b"))
    session.expunge_all()
    rows = await settings.find(include_deleted=True, order_by=[Setting.name])
    assert names(rows, "value") == ["y", None, "y"]


async def test_deleted_rows_are_there_for_who_asks(settings: SettingRepository) -> None:
    (gone,) = await settings.find(name="b", include_deleted=True)
    assert (await settings.get_one(gone.id, include_deleted=True)) is gone
    every = select(Setting.name).order_by(Setting.name)
    found = await settings.session.scalars(every.execution_options(include_deleted=True))
    assert found.all() == ["a", "b", "c"]
    rows = await prepare(every, SettingRead, include_deleted=True).all()
    assert [row.name for row in rows] == ["a", "b", "c"]


async def test_deleted_rows_are_left_out_of_joins_and_subqueries(session: AsyncSession) -> None:
    await fill(session)
    books = BookRepository(session)
    await books.delete_where(Book.title.in_(["Alpha", "Zeta"]))
    statement = (
        select(Author.name, func.count(Book.id))
        .outerjoin(Author.books)
        .group_by(Author.name)
        .order_by(Author.name)
    )
    rows = [tuple(row) for row in await session.execute(statement)]
    assert rows == [("Ada", 2), ("Bob", 2), ("Cyd", 0), ("Dee", 0)]
    authors = AuthorRepository(session)
    assert names(await authors.find(~Author.books.any(), order_by=[Author.name])) == ["Cyd", "Dee"]
    assert not await authors.exists(exists().where(Book.author_id == Author.id), name="Cyd")


async def test_rows_deleted_by_a_filter_are_counted_once(settings: SettingRepository) -> None:
    assert await settings.delete_where() == 2
    assert await settings.delete_where() == 0
    assert await count(settings.session, Setting) == 3


async def test_a_deleted_row_is_restored(settings: SettingRepository) -> None:
    (gone,) = await settings.find(name="b", include_deleted=True)
    with watched() as seen:
        await settings.restore(gone)
    assert len(seen) == 1
    assert (await stored(settings.session, gone)).deleted_at is None
    assert await settings.count() == 3


async def test_a_hard_delete_is_for_good(settings: SettingRepository) -> None:
    (row,) = await settings.find(name="a")
    await settings.delete(row, hard=True)
    assert await settings.delete_where(name="c", hard=True) == 1
    assert await count(settings.session, Setting) == 1


async def test_deleted_children_are_left_out_of_a_refresh(isolated: None) -> None:
    """Of a new row too, which no statement has loaded."""
    async with transaction() as session:
        author = Author(name="Ada", books=[Book(title="one"), Book(title="two")])
        session.add(author)
        await session.flush()
        await BookRepository(session).delete(author.books[0])
        with watched() as seen:
            await session.refresh(author, ["books"])
            assert names(author.books, "title") == ["two"]
        assert seen.statements[-1].count("deleted_at IS NULL") == 1
        session.expunge_all()
        again = await AuthorRepository(session).get_one(author.id)
        with watched() as seen:
            await session.refresh(again, ["books"])
            assert names(again.books, "title") == ["two"]
        assert seen.statements[-1].count("deleted_at IS NULL") == 1
        every = await AuthorRepository(session).get_one(
            author.id, options=[selectinload(Author.books)], include_deleted=True
        )
        assert every is again


async def test_a_deleted_row_keeps_its_unique_values(isolated: None) -> None:
    async with transaction() as session:
        settings = SettingRepository(session)
        await settings.delete(await settings.add(Setting(name="a")))
    with pytest.raises(Duplicate):
        async with transaction() as session:
            await SettingRepository(session).add(Setting(name="a"))
