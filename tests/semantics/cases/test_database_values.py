"""Values that the database computes: complete after the write, and equal to what is bound."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Column, Integer, MetaData, SmallInteger, String, Table, func, select, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.schema import CreateTable

from my_service.apps.lab.models import Draft, Event
from my_service.apps.lab.repository import DraftRepository, EventRepository
from my_service.core.db import Base, Listing, get_engine, transaction

from .support import database, watched


@dataclass
class EventRead:
    id: int
    at: datetime


EVENTS = Listing(select(Event), EventRead, order_by=[Event.at, Event.id])


async def test_a_row_is_complete_after_add(session: AsyncSession) -> None:
    event = await EventRepository(session).add(Event(name="a", size=4))
    assert event.level == 3
    assert abs(event.at - datetime.now(UTC)) < timedelta(minutes=5)


async def test_a_flush_completes_rows_too(isolated: None) -> None:
    async with transaction() as session:
        events = [Event(name=name) for name in "abc"]
        session.add_all(events)
        await session.flush()
        assert [event.level for event in events] == [3] * 3


async def test_a_row_without_such_values_is_one_insert(session: AsyncSession) -> None:
    with watched() as seen:
        await DraftRepository(session).add(Draft(name="a"))
    assert len(seen) == 1


async def test_the_databases_time_equals_itself(session: AsyncSession) -> None:
    events = EventRepository(session)
    event = await events.add(Event(name="a"))
    assert await events.count(at=event.at) == 1
    assert await events.count(Event.at > event.at) == 0
    await session.execute(update(Event).values(at=func.now()))
    session.expunge_all()
    again = await events.get_one(event.id)
    assert await events.count(at=again.at) == 1


async def test_a_scroll_by_the_databases_time_ends(session: AsyncSession) -> None:
    await EventRepository(session).add_many([{"name": f"{n}"} for n in range(7)])
    by_session: list[int] = []
    by_listing: list[int] = []
    cursor: str | None = None
    for _ in range(9):
        part = await EventRepository(session).scroll(order_by=[Event.at], limit=2, cursor=cursor)
        by_session += [event.id for event in part.items]
        cursor = part.next_cursor
        if cursor is None:
            break
    for _ in range(9):
        listed = await EVENTS.scroll(limit=2, cursor=cursor)
        by_listing += [event.id for event in listed.items]
        cursor = listed.next_cursor
        if cursor is None:
            break
    assert by_session == by_listing == sorted(by_session)
    assert len(by_session) == 7


def ddl(metadata: MetaData) -> Any:
    table = Table(
        "foreign_things",
        metadata,
        Column("id", Integer, primary_key=True),
        Column("name", String(5)),
        Column("size", Integer),
        Column("rank", SmallInteger),
    )
    return str(CreateTable(table).compile(dialect=get_engine().dialect))


async def test_another_librarys_tables_are_its_own(isolated: None) -> None:
    assert "CHECK" not in ddl(MetaData())
    ours = ddl(MetaData(naming_convention=Base.metadata.naming_convention))
    assert ours.count("CHECK") == (4 if database() == "sqlite" else 0)
