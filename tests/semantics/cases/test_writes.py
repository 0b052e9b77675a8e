"""Prepared updates and deletions: one row by its key, the same inside a unit of work and outside."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import bindparam, select

from my_service.apps.lab.models import Author, Book, Counter, Draft, Seat, Setting
from my_service.core.db import (
    DatabaseError,
    Duplicate,
    ForeignKeyViolated,
    NotFound,
    Required,
    StaleData,
    get_engine,
    prepare,
    prepare_delete,
    prepare_insert,
    prepare_update,
    transaction,
    utc_now,
)

from .support import PLACES, count, held, watched

pytestmark = pytest.mark.commits


@dataclass
class SettingRead:
    id: int
    name: str
    value: str | None
    version: int
    created_at: datetime
    updated_at: datetime


@dataclass
class SeatRead:
    row: int
    letter: str
    guest: str | None
    rank: int


@dataclass
class DraftRead:
    id: int
    name: str
    text: str | None
    touched_at: datetime | None
    state: str


@dataclass
class CounterRead:
    name: str
    value: int
    note: str | None


ADD = prepare_insert(Setting, SettingRead)
READ = prepare(select(Setting).where(Setting.id == bindparam("id")), SettingRead)
ALL = prepare(select(Setting).order_by(Setting.id), SettingRead, include_deleted=True)
CHANGE = prepare_update(Setting, SettingRead)
CHANGE_OF = prepare_update(Setting, SettingRead, Setting.value == bindparam("owner"))
DELETE = prepare_delete(Setting)
DELETE_OF = prepare_delete(Setting, Setting.value == bindparam("owner"))
ERASE = prepare_delete(Setting, hard=True)

ADD_SEAT = prepare_insert(Seat, SeatRead)
CHANGE_SEAT = prepare_update(Seat, SeatRead)
DELETE_SEAT = prepare_delete(Seat)
SEATS = prepare(select(Seat), SeatRead)

ADD_DRAFT = prepare_insert(Draft, DraftRead)
CHANGE_DRAFT = prepare_update(Draft, DraftRead)

ADD_COUNTER = prepare_insert(Counter, CounterRead)
CHANGE_COUNTER = prepare_update(Counter, CounterRead)
DELETE_COUNTER = prepare_delete(Counter)

places = pytest.mark.parametrize("place", PLACES)
Place = Callable[..., Any]


def rereads() -> int:
    """How many statements more an update needs, where the database returns no row."""
    return 0 if get_engine().dialect.update_returning else 1


@places
async def test_an_update_sets_what_it_names(isolated: None, place: Place) -> None:
    async def work() -> None:
        added = await ADD.one(name="a", value="old")
        changed = await CHANGE.one(added.id, {"value": "new"})
        assert (changed.id, changed.name, changed.value) == (added.id, "a", "new")
        assert (changed.version, changed.created_at) == (2, added.created_at)
        assert changed.updated_at > added.updated_at
        assert await READ.one(id=added.id) == changed
        emptied = await CHANGE.one(added.id, {"value": None, "name": "b", "version": 2})
        assert (emptied.name, emptied.value, emptied.version) == ("b", None, 3)

    await place(work)


@places
async def test_without_changes_a_row_is_only_read(isolated: None, place: Place) -> None:
    async def work() -> None:
        added = await ADD.one(name="a")
        with watched() as seen:
            assert await CHANGE.one(added.id, {}) == added
            assert await CHANGE.one(added.id, {"version": 1}) == added
            assert await CHANGE.one(added.id, {"version": None}) == added
        assert len(seen) == 3
        with pytest.raises(StaleData):
            await CHANGE.one(added.id, {"version": 2})
        with pytest.raises(NotFound):
            await CHANGE.one(added.id + 1, {})

    await place(work)


Fault = Callable[[SettingRead], Awaitable[Any]]
FAULTS: dict[str, tuple[Fault, type[DatabaseError]]] = {
    "missing": (lambda row: CHANGE.one(row.id + 99, {"value": "new"}), NotFound),
    "missing and stale": (
        lambda row: CHANGE.one(row.id + 99, {"value": "n", "version": 9}),
        NotFound,
    ),
    "stale": (lambda row: CHANGE.one(row.id, {"value": "new", "version": 9}), StaleData),
    "another's": (lambda row: CHANGE_OF.one(row.id, {"name": "new"}, owner="eve"), NotFound),
    "another's and stale": (
        lambda row: CHANGE_OF.one(row.id, {"name": "new", "version": 9}, owner="eve"),
        NotFound,
    ),
    "one's own and stale": (
        lambda row: CHANGE_OF.one(row.id, {"name": "new", "version": 9}, owner="old"),
        StaleData,
    ),
    "another's, unchanged": (lambda row: CHANGE_OF.one(row.id, {}, owner="eve"), NotFound),
    "missing, deleted": (lambda row: DELETE.one(row.id + 99), NotFound),
    "stale, deleted": (lambda row: DELETE.one(row.id, version=9), StaleData),
    "another's, deleted": (lambda row: DELETE_OF.one(row.id, owner="eve"), NotFound),
    "missing, erased": (lambda row: ERASE.one(row.id + 99), NotFound),
    "stale, erased": (lambda row: ERASE.one(row.id, version=9), StaleData),
}


@places
@pytest.mark.parametrize("name", FAULTS)
async def test_why_no_row_is_written_is_told_apart(isolated: None, name: str, place: Place) -> None:
    fault, error = FAULTS[name]

    async def work() -> None:
        added = await ADD.one(name="a", value="old")
        with pytest.raises(error) as caught:
            await fault(added)
        assert type(caught.value) is error
        assert await ALL.all() == [added]

    await place(work)


BREACHES: dict[str, tuple[dict[str, Any], type[DatabaseError]]] = {
    "unique": ({"name": "b"}, Duplicate),
    "required": ({"name": None}, Required),
}


@pytest.mark.parametrize("place", PLACES[::2])
@pytest.mark.parametrize("name", BREACHES)
async def test_a_violated_constraint_has_its_error(isolated: None, name: str, place: Place) -> None:
    changes, error = BREACHES[name]

    async def work() -> None:
        added = [await ADD.one(name=name) for name in "ab"]
        with pytest.raises(error):
            await CHANGE.one(added[0].id, changes)
        assert await ALL.all() == added

    await place(work)


@places
async def test_a_deletion_marks_a_row_once(isolated: None, place: Place) -> None:
    async def work() -> None:
        added = await ADD.one(name="a")
        await DELETE.one(added.id, version=1)
        (marked,) = await ALL.all()
        assert (marked.id, marked.version) == (added.id, 2)
        assert marked.updated_at > added.updated_at
        for again in (
            DELETE.one(added.id),
            CHANGE.one(added.id, {"value": "x"}),
            READ.one(id=added.id),
        ):
            with pytest.raises(NotFound):
                await again
        assert await ALL.all() == [marked]

    await place(work)


@places
async def test_a_hard_deletion_removes_a_row(isolated: None, place: Place) -> None:
    async def work() -> None:
        added = [await ADD.one(name=name, value=name) for name in "abc"]
        await ERASE.one(added[0].id, version=1)
        await DELETE_OF.one(added[1].id, owner="b")
        with pytest.raises(NotFound):
            await ERASE.one(added[0].id)
        assert [row.name for row in await ALL.all()] == ["b", "c"]

    await place(work)


@places
async def test_a_composite_key_is_a_tuple_or_a_mapping(isolated: None, place: Place) -> None:
    async def work() -> None:
        for row in (1, 2):
            for letter in "ab":
                await ADD_SEAT.one(row=row, letter=letter)
        changed = await CHANGE_SEAT.one((1, "b"), {"guest": "Ada"})
        assert changed == SeatRead(1, "b", "Ada", 0)
        changed = await CHANGE_SEAT.one({"letter": "b", "row": 1}, {"rank": 3})
        assert changed == SeatRead(1, "b", "Ada", 3)
        await DELETE_SEAT.one((2, "a"))
        with pytest.raises(NotFound):
            await CHANGE_SEAT.one((2, "a"), {"rank": 3})
        with pytest.raises(ValueError, match=r"give \(row, letter\)"):
            await CHANGE_SEAT.one(1, {"rank": 3})
        rest = sorted((seat.row, seat.letter, seat.rank) for seat in await SEATS.all())
        assert rest == [(1, "a", 0), (1, "b", 3), (2, "b", 0)]

    await place(work)


@places
async def test_columns_with_onupdate_are_set(isolated: None, place: Place) -> None:
    async def work() -> None:
        before = utc_now()
        added = await ADD_DRAFT.one(name="a")
        assert (added.state, added.touched_at) == ("new", None)
        changed = await CHANGE_DRAFT.one(added.id, {"text": "x"})
        assert (changed.text, changed.state) == ("x", "changed")
        assert changed.touched_at is not None
        assert changed.touched_at >= before
        changed = await CHANGE_DRAFT.one(added.id, {"state": "given", "touched_at": None})
        assert (changed.state, changed.touched_at) == ("given", None)

    await place(work)


MISTAKES: dict[str, tuple[Callable[[int], Awaitable[Any]], str]] = {
    "unknown attribute": (lambda key: CHANGE.one(key, {"nope": 1}), "'nope'"),
    "part of the key": (lambda key: CHANGE.one(key, {"id": 1}), "part of the key"),
    "missing argument": (lambda key: CHANGE_OF.one(key, {"name": "b"}), "missing argument 'owner'"),
    "unknown argument": (lambda key: CHANGE.one(key, {"name": "b"}, by=1), "unknown argument 'by'"),
    "missing, deleted": (lambda key: DELETE_OF.one(key), "missing argument 'owner'"),
    "unknown, deleted": (lambda key: DELETE.one(key, by=1), "unknown argument 'by'"),
    "no version": (lambda key: DELETE_COUNTER.one(key, version=1), "version"),
}


@places
@pytest.mark.parametrize("name", MISTAKES)
async def test_a_mistake_in_the_arguments_is_named(isolated: None, name: str, place: Place) -> None:
    mistake, message = MISTAKES[name]

    async def work() -> None:
        added = await ADD.one(name="a")
        with pytest.raises(TypeError, match=message):
            await mistake(added.id)
        assert await ALL.all() == [added]

    await place(work)


async def test_an_argument_with_the_name_of_a_column_is_refused() -> None:
    with pytest.raises(TypeError, match="'value' of a condition has the name of a column"):
        prepare_update(Setting, SettingRead, Setting.value == bindparam("value"))
    with pytest.raises(TypeError, match="'guest_name' of a condition"):
        prepare_delete(Seat, Seat.guest == bindparam("guest_name"))


async def test_a_prepared_write_alone_is_one_statement(isolated: None) -> None:
    added = await ADD.one(name="a")
    with watched() as seen:
        await CHANGE.one(added.id, {"value": "new", "version": 1})
    assert len(seen) == 1 + rereads()
    with watched() as seen, pytest.raises(StaleData):
        await CHANGE.one(added.id, {"value": "new", "version": 1})
    assert len(seen) == 2
    with watched() as seen:
        await ERASE.one(added.id)
    assert len(seen) == 1


async def test_a_condition_is_any_expression(isolated: None) -> None:
    await ADD_COUNTER.one(name="a", value=1)
    deeper = prepare_update(
        Counter,
        CounterRead,
        Counter.value < bindparam("most"),
        ~select(Setting.id).where(Setting.name == bindparam("stop")).exists(),
    )
    assert (await deeper.one("a", {"note": "x"}, most=2, stop="b")).note == "x"
    stop = await ADD.one(name="b")
    with pytest.raises(NotFound):
        await deeper.one("a", {"note": "y"}, most=2, stop="b")
    await DELETE.one(stop.id)
    assert (await deeper.one("a", {"note": "y"}, most=2, stop="b")).note == "y"


async def test_one_of_two_changes_of_a_version_wins(isolated: None) -> None:
    added = await ADD.one(name="a")
    tries = [CHANGE.one(added.id, {"value": str(n), "version": 1}) for n in range(8)]
    results = await asyncio.gather(*tries, return_exceptions=True)
    (won,) = [result for result in results if isinstance(result, SettingRead)]
    assert all(isinstance(result, StaleData) for result in results if result is not won)
    assert await READ.one(id=added.id) == won
    assert won.version == 2


async def test_a_write_that_was_given_up_is_not_committed(isolated: None) -> None:
    for name in "ab":
        await ADD_COUNTER.one(name=name, value=1)
    async with held("a", "b"):
        for work in (CHANGE_COUNTER.one("a", {"note": "late"}), DELETE_COUNTER.one("b")):
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.2):
                    await work
    for name in "ab":
        changed = await CHANGE_COUNTER.one(name, {"value": 9})  # waits for what holds the row
        assert changed == CounterRead(name, 9, None)


async def test_a_row_that_others_refer_to_is_not_deleted(isolated: None) -> None:
    async with transaction() as session:
        author = Author(name="Ada")
        session.add(Book(title="Alpha", author=author))
    with pytest.raises(ForeignKeyViolated):
        await prepare_delete(Author).one(author.id)
    async with transaction(read_only=True) as session:
        assert await count(session, Author) == 1
