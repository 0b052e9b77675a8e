"""Laws of prepared statements: the same inside a unit of work and outside it."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum as PyEnum
from itertools import count
from typing import Any

import pytest
from pydantic import Field
from sqlalchemy import (
    BigInteger,
    Computed,
    Dialect,
    Enum,
    Integer,
    Numeric,
    String,
    bindparam,
    func,
    literal,
    select,
    text,
    type_coerce,
)
from sqlalchemy.exc import DBAPIError, InvalidRequestError, MultipleResultsFound
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import (
    DeclarativeBase,
    Mapped,
    aliased,
    column_property,
    mapped_column,
)
from sqlalchemy.types import UserDefinedType

from my_service.apps.lab.models import Counter
from my_service.core.db import (
    DatabaseError,
    Duplicate,
    InvalidValue,
    NotFound,
    Prepared,
    Required,
    Statement,
    dispose_engine,
    get_engine,
    on_statement,
    prepare,
    prepare_insert,
)
from my_service.core.web import Schema

from .support import PLACES, Work, database, outside, under_the_fixture

pytestmark = pytest.mark.commits


class Scratch(DeclarativeBase):
    """Tables of these tests alone."""


class Person(Scratch):
    """Attributes with other names than their columns, and some without a column."""

    __tablename__ = "scratch_people"

    key: Mapped[int] = mapped_column("person_id", Integer, primary_key=True)
    mail: Mapped[str] = mapped_column("email_address", String(80), unique=True)
    age: Mapped[int] = mapped_column("years", insert_default=18)
    share: Mapped[Decimal] = mapped_column(Numeric(10, 2), insert_default=Decimal(1))
    state: Mapped[str] = mapped_column(String(9), server_default="new")
    double: Mapped[int] = mapped_column(Integer, Computed("years * 2", persisted=True))

    @hybrid_property
    def older(self) -> int:
        return self.age + 1

    shouted: Mapped[str] = column_property(func.upper(mail))


class PersonRead(Schema):
    key: int
    mail: str
    age: int
    share: Decimal
    state: str
    double: int


class PersonMore(PersonRead):
    older: int
    shouted: str


PERSON = prepare(select(Person).where(Person.mail == bindparam("mail")), PersonMore)
any_insert: Any = prepare_insert  # of models apart from the application's
ADD_PERSON = any_insert(Person, PersonRead)


@dataclass
class CounterRead:
    name: str
    value: int
    note: str | None = None
    tags: list[str] = field(default_factory=list[str])


ADD = prepare_insert(Counter, CounterRead)
COUNTERS = prepare(select(Counter).order_by(Counter.name), CounterRead)


@pytest.fixture
async def scratch(isolated: None) -> AsyncGenerator[None]:
    async with get_engine().begin() as connection:
        await connection.run_sync(Scratch.metadata.create_all)
    yield
    async with get_engine().begin() as connection:
        await connection.run_sync(Scratch.metadata.drop_all)


places = pytest.mark.parametrize("place", PLACES)


# The same everywhere


@places
async def test_a_row_has_the_same_names_and_values(
    scratch: None, place: Callable[..., Any]
) -> None:
    async def work() -> list[Any]:
        added = await ADD_PERSON.one(mail="a@b.c", share=Decimal("1.5"))
        return [added, await PERSON.one(mail="a@b.c")]

    added, read = await place(work)
    expected = {
        "key": 1,
        "mail": "a@b.c",
        "age": 18,
        "share": Decimal("1.50"),
        "state": "new",
        "double": 36,
    }
    assert added.model_dump() == expected
    assert str(added.share) == str(read.share)
    assert read.model_dump() == {**expected, "older": 19, "shouted": "A@B.C"}


@dataclass
class Value:
    value: int


NOWHERE = prepare(select(literal(1).label("value")).select_from(text("nowhere")), Value)

MISTAKES: dict[str, tuple[Work, type[Exception]]] = {
    "missing argument": (lambda: PERSON.all(), TypeError),
    "unknown argument": (lambda: PERSON.all(mail="a", name="a"), TypeError),
    "unknown column": (lambda: ADD.one(name="a", value=1, email="a"), TypeError),
    "duplicate": (lambda: ADD.one(name="taken", value=1), Duplicate),
    "required": (lambda: ADD.one(name="other"), Required),
    "no row": (lambda: PERSON.one(mail="nobody"), NotFound),
    "several rows": (lambda: COUNTERS.one(), MultipleResultsFound),
    "unknown table": (lambda: NOWHERE.all(), DBAPIError),
}


@places
@pytest.mark.parametrize("name", MISTAKES)
async def test_a_mistake_is_the_same_error(
    scratch: None, name: str, place: Callable[..., Any]
) -> None:
    work, error = MISTAKES[name]
    for key in ("taken", "second"):
        await ADD.one(name=key, value=1)
    with pytest.raises(error) as caught:
        await place(work)
    assert error is DBAPIError or type(caught.value) is error
    assert isinstance(caught.value, DatabaseError) is issubclass(error, DatabaseError)
    assert "taken" not in str(caught.value)


@pytest.mark.parametrize("place", [outside, under_the_fixture])
async def test_statements_of_several_tasks_do_not_meet(
    isolated: None, place: Callable[..., Any]
) -> None:
    async def work() -> int:
        inserts = (ADD.one(name=f"{n}", value=n) for n in range(5))
        await asyncio.gather(*inserts, *(COUNTERS.all() for _ in range(5)))
        return len(await COUNTERS.all())

    assert await place(work) == 5


async def test_an_argument_of_another_type_is_the_same_error(isolated: None) -> None:
    """SQLite compares it, MySQL and MariaDB warn, PostgreSQL's driver refuses it."""
    prepared = prepare(select(Counter).where(Counter.value == bindparam("value")), CounterRead)
    results: list[object] = []
    for place in PLACES:
        try:
            results.append(await place(lambda: prepared.all(value="x")))
        except Exception as error:
            results.append(type(error))
    assert len(set(map(str, results))) == 1
    assert (results[0] is InvalidValue) is (database() == "postgresql")


async def test_an_error_of_the_server_is_sqlalchemys_with_the_statement(isolated: None) -> None:
    caught: list[DBAPIError] = []
    for place in PLACES:
        with pytest.raises(DBAPIError) as error:
            await place(lambda: NOWHERE.all())
        caught.append(error.value)
    assert len({type(error) for error in caught}) == 1
    assert len({type(error.orig) for error in caught}) == 1
    assert all("nowhere" in str(error.statement) for error in caught)


# What can work


@places
async def test_an_alias_gives_its_attributes(scratch: None, place: Callable[..., Any]) -> None:
    other = aliased(Person)
    pairs: Prepared[Any] = prepare(
        select(other, Person.mail.label("first")).join(Person, Person.key < other.key),
        type("Pair", (PersonMore,), {"__annotations__": {"first": str}}),
    )
    await ADD_PERSON.one(mail="a")
    await ADD_PERSON.one(mail="b")
    row = await place(pairs.one)
    assert (row.mail, row.first, row.shouted, row.older) == ("b", "a", "B", 19)


@places
async def test_a_callable_bind_is_called_each_time(
    isolated: None, place: Callable[..., Any]
) -> None:
    numbers = count(1)
    bound = bindparam("value", callable_=lambda: next(numbers), type_=BigInteger)
    prepared = prepare(select(Counter).where(Counter.value == bound), CounterRead)
    for value in (1, 2, 3):
        await ADD.one(name=f"{value}", value=value)
    assert [(await place(prepared.one)).value for _ in range(3)] == [1, 2, 3]


@places
async def test_a_literal_bind_is_rendered(isolated: None, place: Callable[..., Any]) -> None:
    bound = bindparam("value", type_=BigInteger, literal_execute=True)
    prepared = prepare(select(Counter).where(Counter.value == bound), CounterRead)
    await ADD.one(name="a", value=1)
    assert (await place(lambda: prepared.one(value=1))).name == "a"
    assert await place(lambda: prepared.first(value=2)) is None


class Unknown(UserDefinedType[int]):
    """A type that cannot read what the driver reports."""

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        raise InvalidRequestError(f"unknown type: {coltype}")


async def test_a_type_that_cannot_be_read_is_refused_each_time(isolated: None) -> None:
    values = prepare(
        select(Counter.name, type_coerce(Counter.value, Unknown()).label("value")), CounterRead
    )
    for _ in range(2):
        with pytest.raises(InvalidRequestError, match="unknown type"):
            await values.all()


class Aliased(Schema):
    label: str = Field(validation_alias="name")


@places
async def test_a_field_with_an_alias_reads_the_column_of_its_name(
    isolated: None, place: Callable[..., Any]
) -> None:
    prepared = prepare(select(Counter.name.label("label")), Aliased)
    await ADD.one(name="a", value=1)
    assert (await place(prepared.one)).label == "a"


@places
async def test_first_fetches_one_row(isolated: None, place: Callable[..., Any]) -> None:
    seen: list[int | None] = []

    def note(done: Statement) -> None:
        if "ORDER BY" in done.sql:
            seen.append(done.rows)

    for name in "bca":
        await ADD.one(name=name, value=1)
    stop = on_statement(note)
    try:
        row = await place(COUNTERS.first)
    finally:
        stop()
    assert row.name == "a"
    assert seen in ([1], [None])  # sqlite3 does not count what a session selects
    limited = prepare(
        select(Counter).order_by(Counter.name).limit(bindparam("most", type_=BigInteger)),
        CounterRead,
    )
    assert (await place(lambda: limited.first(most=2))).name == "a"


class Mood(PyEnum):
    SAD = "sad"
    OK = "ok"


class Mind(Scratch):
    __tablename__ = "scratch_minds"
    id: Mapped[int] = mapped_column(primary_key=True)
    mood: Mapped[Mood] = mapped_column(Enum(Mood, name="scratch_mood"))


@dataclass
class MindRead:
    mood: Mood


async def test_a_type_that_was_made_again_costs_no_error_of_the_driver(scratch: None) -> None:
    minds = prepare(select(Mind).where(Mind.mood == bindparam("mood")), MindRead)
    await minds.all(mood=Mood.OK)
    async with get_engine().begin() as connection:
        await connection.run_sync(Scratch.metadata.drop_all)
        await connection.run_sync(Scratch.metadata.create_all)
    for _ in range(3):
        try:
            await minds.all(mood=Mood.OK)
        except DatabaseError:
            continue
    assert await minds.all(mood=Mood.OK) == []
    await dispose_engine()
