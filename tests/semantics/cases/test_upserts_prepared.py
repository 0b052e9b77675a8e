"""Prepared upserts, and inserts of several rows: the same inside a unit of work and outside."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select

from my_service.apps.lab.models import Counter, Draft, Link, Seat, Setting
from my_service.apps.lab.repository import SettingRepository
from my_service.core.db import (
    Duplicate,
    ReadOnly,
    Required,
    get_engine,
    prepare,
    prepare_delete,
    prepare_insert,
    prepare_upsert,
    transaction,
    utc_now,
)

from .support import PLACES, Undone, held, watched

pytestmark = pytest.mark.commits


@dataclass
class SettingRead:
    id: int
    name: str
    value: str | None
    version: int
    created_at: datetime
    updated_at: datetime
    deleted_at: datetime | None


@dataclass
class SeatRead:
    row: int
    letter: str
    guest: str | None
    rank: int


@dataclass
class DraftRead:
    name: str
    text: str | None
    touched_at: datetime | None
    state: str
    length: int | None


@dataclass
class LinkRead:
    one: int
    other: int


@dataclass
class CounterRead:
    name: str
    value: int
    note: str | None


ADD = prepare_insert(Setting, SettingRead)
PUT = prepare_upsert(Setting, SettingRead, by=["name"])
PUT_VALUE = prepare_upsert(Setting, SettingRead, by=["name"], update=["value"])
ALL = prepare(select(Setting).order_by(Setting.name), SettingRead, include_deleted=True)
DELETE = prepare_delete(Setting)

ADD_SEAT = prepare_insert(Seat, SeatRead)
PUT_SEAT = prepare_upsert(Seat, SeatRead, by=["row", "letter"])
SEATS = prepare(select(Seat).order_by(Seat.row, Seat.letter), SeatRead)

PUT_DRAFT = prepare_upsert(Draft, DraftRead, by=["name"])
PUT_LINK = prepare_upsert(Link, LinkRead, by=["one", "other"])

PUT_COUNTER = prepare_upsert(Counter, CounterRead, by=["name"])
ADD_COUNTER = prepare_insert(Counter, CounterRead)
COUNTERS = prepare(select(Counter).order_by(Counter.name), CounterRead)

places = pytest.mark.parametrize("place", PLACES)
Place = Callable[..., Any]


def returns_rows() -> bool:
    return get_engine().dialect.insert_returning


# One upsert


@places
async def test_an_upsert_inserts_and_then_updates(isolated: None, place: Place) -> None:
    async def work() -> None:
        first = await PUT.one(name="a", value="1")
        assert (first.value, first.version) == ("1", 1)
        other = await PUT.one(name="b", value="1")
        again = await PUT.one(name="a", value="2")
        assert (again.id, again.created_at) == (first.id, first.created_at)
        assert (again.value, again.version) == ("2", 2)
        assert again.updated_at > first.updated_at
        assert await ALL.all() == [again, other]

    await place(work)


@places
async def test_an_upsert_restores_a_deleted_row(isolated: None, place: Place) -> None:
    async def work() -> None:
        first = await PUT.one(name="a", value="1")
        await DELETE.one(first.id)
        again = await PUT.one(name="a", value="2")
        assert (again.id, again.value, again.deleted_at) == (first.id, "2", None)

    await place(work)


@places
async def test_an_upsert_by_a_composite_key(isolated: None, place: Place) -> None:
    async def work() -> None:
        await PUT_SEAT.one(row=1, letter="a", guest="Ada")
        await PUT_SEAT.one(row=1, letter="b", guest="Bob", rank=2)
        assert await PUT_SEAT.one(row=1, letter="a", guest="Eve") == SeatRead(1, "a", "Eve", 0)
        assert await SEATS.all() == [SeatRead(1, "a", "Eve", 0), SeatRead(1, "b", "Bob", 2)]

    await place(work)


@places
async def test_an_upsert_sets_what_every_update_sets(isolated: None, place: Place) -> None:
    async def work() -> None:
        assert await PUT_DRAFT.one(name="a", text="1") == DraftRead("a", "1", None, "new", None)
        moments = [utc_now()]
        for text in ("22", "333"):
            row = await PUT_DRAFT.one(name="a", text=text)
            assert (row.text, row.state, row.length) == (text, "changed", len(text))
            assert row.touched_at is not None
            assert moments[-1] <= row.touched_at <= utc_now()
            moments.append(utc_now())
        row = await PUT_DRAFT.one(name="a", state="given", length=9)
        assert (row.state, row.length) == ("given", 9)

    await place(work)


@places
async def test_an_upsert_with_nothing_to_change_reads_the_row(isolated: None, place: Place) -> None:
    async def work() -> None:
        for _ in range(2):
            assert await PUT_LINK.one(one=1, other=2) == LinkRead(1, 2)
            assert await PUT_DRAFT.one(name="a") == DraftRead("a", None, None, "new", None)

    await place(work)


@places
async def test_an_upsert_changes_only_what_it_names(isolated: None, place: Place) -> None:
    async def work() -> None:
        first = await PUT_VALUE.one(name="a", value="1", created_at=utc_now())
        again = await PUT_VALUE.one(name="a", value="2", created_at=utc_now())
        assert (again.value, again.created_at) == ("2", first.created_at)

    await place(work)


async def test_an_upsert_alone_is_one_statement(isolated: None) -> None:
    for value in "12":
        with watched() as seen:
            await PUT.one(name="a", value=value)
        assert len(seen) == (1 if returns_rows() else 2)


async def test_a_loaded_row_has_what_an_upsert_wrote(isolated: None) -> None:
    async with transaction() as session:
        settings = SettingRepository(session)
        one, other = [await settings.add(Setting(name=name, value="old")) for name in "ab"]
        one.value = "unsaved"
        put = await PUT.one(name="a", value="new")
        assert (one.value, one.version, other.value) == ("new", put.version, "old")
        await settings.update(one, {"value": "last"})
    assert [(row.value, row.version) for row in await ALL.all()] == [("last", 4), ("old", 1)]


async def test_upserts_at_once_do_not_collide(isolated: None) -> None:
    await asyncio.gather(*(PUT_COUNTER.one(name=f"{n % 5}", value=n) for n in range(60)))
    assert [row.name for row in await COUNTERS.all()] == list("01234")


async def test_an_upsert_is_rolled_back_with_its_unit(isolated: None) -> None:
    added = await PUT.one(name="a", value="1")
    with pytest.raises(Undone):
        async with transaction():
            await PUT.one(name="a", value="2")
            await ADD.many([{"name": "b"}])
            raise Undone
    assert await ALL.all() == [added]


MISTAKES: dict[str, tuple[Callable[[], Any], str]] = {
    "unknown": (lambda: PUT.one(name="a", nope=1), "unknown argument 'nope'"),
    "missing": (lambda: PUT.one(value="a"), "missing argument 'name'"),
    "unknown of many": (lambda: ADD.many([{"name": "a"}, {"nope": 1}]), "unknown argument 'nope'"),
}


@places
@pytest.mark.parametrize("name", MISTAKES)
async def test_a_mistake_in_the_arguments_is_named(isolated: None, name: str, place: Place) -> None:
    mistake, message = MISTAKES[name]

    async def work() -> None:
        with pytest.raises(TypeError, match=message):
            await mistake()

    await place(work)
    assert await ALL.all() == []


def test_an_upsert_by_an_unknown_attribute_is_refused_at_import() -> None:
    with pytest.raises(TypeError, match="unknown argument 'nope'"):
        prepare_upsert(Setting, SettingRead, by=["nope"])
    with pytest.raises(TypeError, match="unknown argument 'nope'"):
        prepare_upsert(Setting, SettingRead, by=["name"], update=["nope"])


async def test_a_violated_constraint_of_an_upsert_has_its_error(isolated: None) -> None:
    with pytest.raises(Required):
        await PUT_COUNTER.one(name="a", value=None)
    assert await COUNTERS.all() == []


# Several rows


@places
async def test_several_rows_are_inserted_in_order(isolated: None, place: Place) -> None:
    async def work() -> None:
        assert await ADD.many([]) == []
        rows = [{"name": f"{n:02}", "value": str(-n)} for n in reversed(range(30))]
        rows += [{"name": "x"}, {"name": "y"}]
        added = await ADD.many(rows)
        assert [row.name for row in added] == [row["name"] for row in rows]
        assert [row.value for row in added] == [row.get("value") for row in rows]
        assert sorted(added, key=lambda row: row.name) == await ALL.all()
        seats = await ADD_SEAT.many([{"row": 2, "letter": letter} for letter in "ba"])
        assert seats == [SeatRead(2, "b", None, 0), SeatRead(2, "a", None, 0)]

    await place(work)


@places
async def test_several_rows_are_inserted_all_or_none(isolated: None, place: Place) -> None:
    async def work() -> None:
        with pytest.raises(Duplicate):
            await ADD_COUNTER.many([{"name": name, "value": 1} for name in "aba"])

    await (place(work) if place in PLACES[::2] else work())
    assert await COUNTERS.all() == []


async def test_several_rows_are_one_statement_where_rows_are_returned(isolated: None) -> None:
    await COUNTERS.all()
    with watched() as seen:
        await ADD_COUNTER.many([{"name": f"{n}", "value": n} for n in range(20)])
    assert len(seen) == (1 if returns_rows() else 40)
    assert seen.commits == 1


@pytest.mark.parametrize("begun", [True, False])
async def test_a_read_only_unit_refuses_them(isolated: None, begun: bool) -> None:
    for work in (
        lambda: PUT.one(name="a"),
        lambda: ADD.many([{"name": "a"}]),
    ):
        with pytest.raises(ReadOnly):
            async with transaction(read_only=True):
                if begun:
                    await ALL.all()
                await work()
    assert await ALL.all() == []


async def test_what_was_given_up_is_not_committed(isolated: None) -> None:
    for name in "ab":
        await ADD_COUNTER.one(name=name, value=1)
    async with held("a", "b"):
        for work in (
            PUT_COUNTER.one(name="a", value=2, note="late"),
            ADD_COUNTER.many([{"name": "c", "value": 1}, {"name": "b", "value": 2}]),
        ):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await work
    for name in "ab":  # waits for what holds the row
        assert (await PUT_COUNTER.one(name=name, value=9)).note is None
    assert [row.name for row in await COUNTERS.all()] == ["a", "b"]
