"""Random histories of units of work on the table of counters, and the rows that they should leave."""

import asyncio
from abc import ABC, abstractmethod
from contextlib import aclosing, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import strategies as st
from sqlalchemy import Integer, bindparam, column, literal_column, select
from sqlalchemy.exc import DBAPIError, InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Counter
from my_service.apps.lab.repository import CounterRepository
from my_service.core.db import (
    Duplicate,
    Listing,
    NotFound,
    ReadOnly,
    UnitFailed,
    get_engine,
    prepare,
    prepare_delete,
    prepare_insert,
    prepare_update,
    savepoint,
    transaction,
)
from my_service.core.db.errors import OtherTask

from .support import Undone, database

Rows = dict[str, int]

NAMES = st.sampled_from(["a", "b", "c"])
NUMBERS = st.integers(0, 3)


@dataclass
class CounterRead:
    name: str
    value: int


@dataclass
class Value:
    value: int


COUNTERS = prepare(select(Counter).order_by(Counter.name), CounterRead)
COUNTER = prepare(select(Counter).where(Counter.name == bindparam("name")), CounterRead)
LISTED = Listing(select(Counter), CounterRead, order_by=[Counter.name])
ADD = prepare_insert(Counter, CounterRead)
CHANGE = prepare_update(Counter, CounterRead)
DELETE = prepare_delete(Counter)


BROKEN = prepare(
    select(literal_column("missing", Integer).label("value")).select_from(Counter), Value
)
FAILURES = (Duplicate, DBAPIError)


@dataclass(frozen=True)
class Sent:
    """A statement that a step sends: its verb, its number of rows or None, and its error."""

    verb: str
    rows: int | None = None
    error: BaseException | None = None


journal: ContextVar[list[Sent]] = ContextVar("the statements that the steps should send")


class Single(ABC):
    """A step that is one call."""

    async def run(self, session: AsyncSession | None, rows: Rows) -> None:
        """Make the call, and note the statements that it should send."""
        before, sent = dict(rows), journal.get()
        try:
            await self.call(session, rows)
        except FAILURES as error:
            sent.append(Sent(self.sends(before, inside=True)[0].verb, error=error))
            raise
        sent += self.sends(before, inside=session is not None)

    @abstractmethod
    async def call(self, session: AsyncSession | None, rows: Rows) -> None:
        """Make the call."""

    @abstractmethod
    def sends(self, rows: Rows, *, inside: bool) -> list[Sent]:
        """The statements of a call that succeeds."""


@dataclass(frozen=True)
class Insert(Single):
    """Insert a row, which fails if the name exists."""

    by: str  # "prepared", "session", "many" or "import"
    name: str
    value: int

    async def call(self, session: AsyncSession | None, rows: Rows) -> None:
        values: dict[str, Any] = {"name": self.name, "value": self.value}
        try:
            if session is None or self.by == "prepared":
                await ADD.one(**values)
            elif self.by == "session":
                await CounterRepository(session).add(Counter(**values))
            elif self.by == "many":
                await CounterRepository(session).add_many([values])
            else:
                assert await CounterRepository(session).import_many([values]) == 1
        except Duplicate:
            assert self.name in rows
            raise
        assert self.name not in rows
        rows[self.name] = self.value

    def sends(self, rows: Rows, *, inside: bool) -> list[Sent]:
        if inside and self.by == "import" and database() == "postgresql":
            return [Sent("COPY", 1)]
        prepared = not inside or self.by == "prepared"
        written, read = Sent("INSERT", 1), Sent("SELECT", 1)
        if not prepared or database() != "mysql":
            return [written]
        return [written, read] if inside else [read, written]  # reported after its commit


@dataclass(frozen=True)
class Change(Single):
    """Write a row by its name, whether or not it exists."""

    by: str  # "upsert", "missing", "update" or "delete"
    name: str
    value: int

    async def call(self, session: AsyncSession | None, rows: Rows) -> None:
        if session is None:
            return
        counters, row = CounterRepository(session), {"name": self.name, "value": self.value}
        if self.by == "upsert":
            await counters.upsert(row, by=["name"])
            rows[self.name] = self.value
        elif self.by == "missing":
            await counters.add_missing([row], by=["name"])
            rows.setdefault(self.name, self.value)
        elif self.by == "update":
            done = await counters.update_where(name=self.name, values={"value": self.value})
            assert done == (self.name in rows)
            rows |= {name: self.value for name in rows if name == self.name}
        else:
            assert await counters.delete_where(name=self.name) == (self.name in rows)
            rows.pop(self.name, None)

    def sends(self, rows: Rows, *, inside: bool) -> list[Sent]:
        exists = int(self.name in rows)
        if not inside:
            return []
        if self.by in ("update", "delete"):
            return [Sent(self.by.upper(), exists)]
        number = 1
        if self.by == "missing" and database() in ("postgresql", "sqlite"):
            number = 1 - exists
        elif self.by == "upsert" and database() == "mysql":  # which counts a changed row twice
            number = 2 if exists and rows[self.name] != self.value else 1
        reread = [Sent("SELECT", 1)] if self.by == "upsert" and database() == "mysql" else []
        return [Sent("INSERT", number), *reread]


@dataclass(frozen=True)
class Write(Single):
    """Change or delete a row by a prepared statement, whether or not it exists."""

    by: str  # "update" or "delete"
    name: str
    value: int

    async def call(self, session: AsyncSession | None, rows: Rows) -> None:
        if self.name not in rows:
            with pytest.raises(NotFound):
                await self.write()
            return
        await self.write()
        del rows[self.name]
        if self.by == "update":
            rows[self.name] = self.value

    async def write(self) -> None:
        if self.by == "delete":
            await DELETE.one(self.name)
        else:
            changed = await CHANGE.one(self.name, {"value": self.value})
            assert changed == CounterRead(self.name, self.value)

    def sends(self, rows: Rows, *, inside: bool) -> list[Sent]:
        if self.name not in rows:
            return [Sent(self.by.upper(), 0), Sent("SELECT", 0)]
        written, read = Sent(self.by.upper(), 1), Sent("SELECT", 1)
        if self.by == "delete" or get_engine().dialect.update_returning:
            return [written]
        return [written, read] if inside else [read, written]  # reported after its commit


@dataclass(frozen=True)
class Fail(Single):
    """Send a statement that fails."""

    by: str  # "prepared" or "session"

    async def call(self, session: AsyncSession | None, rows: Rows) -> None:
        if session is None or self.by == "prepared":
            await BROKEN.all()
        else:
            await session.execute(select(column("missing", Integer)).select_from(Counter))

    def sends(self, rows: Rows, *, inside: bool) -> list[Sent]:
        return [Sent("SELECT")]


@dataclass(frozen=True)
class Read(Single):
    """Read the rows, which are those of the model."""

    by: str  # "prepared", "first", "listing", "session" or "stream"

    async def call(self, session: AsyncSession | None, rows: Rows) -> None:
        if session is not None and self.by == "session":
            statement = select(Counter.name, Counter.value)
            found = {row.name: row.value for row in await session.execute(statement)}
        elif session is not None and self.by == "stream":
            async with aclosing(CounterRepository(session).stream(batch=1)) as counters:
                found = {row.name: row.value async for row in counters}
        elif self.by == "first":
            names = [*rows, "z"]
            each = [await COUNTER.first(name=name) for name in names]
            found = {row.name: row.value for row in each if row is not None}
        elif self.by == "listing":
            page = await LISTED.page(page=1, per_page=9)
            assert page.total == len(rows)
            found = {row.name: row.value for row in page.items}
        else:
            found = {row.name: row.value for row in await COUNTERS.all()}
        assert found == rows

    def sends(self, rows: Rows, *, inside: bool) -> list[Sent]:
        if self.by == "first":
            return [*(Sent("SELECT", 1) for _ in rows), Sent("SELECT", 0)]
        return [Sent("SELECT", len(rows))]


@dataclass(frozen=True)
class Part:
    """A savepoint, which is kept or rolled back."""

    steps: list[Single]
    keeps: bool

    async def run(self, session: AsyncSession | None, rows: Rows) -> None:
        if session is None:
            return
        inner = dict(rows)
        try:
            async with savepoint(session):
                for step in self.steps:
                    await step.run(session, inner)
                if not self.keeps:
                    raise Undone
        except (Undone, *FAILURES):
            return
        rows.clear()
        rows |= inner


@dataclass(frozen=True)
class InTask:
    """A step of another task, which cannot use the unit."""

    step: Single

    async def run(self, session: AsyncSession | None, rows: Rows) -> None:
        if session is None:
            return

        async def work() -> None:
            with pytest.raises(OtherTask):
                await self.step.run(None, dict(rows))

        await asyncio.create_task(work())


Step = Single | Part | InTask


@dataclass(frozen=True)
class Unit:
    """A unit of work."""

    steps: list[Step]
    ends: str = "commits"  # or "raises"
    read_only: bool = False
    isolation: str | None = None
    later: Single | None = None  # of a task that it starts, and which runs after it

    async def run(self, rows: Rows) -> None:
        inner, ended, tasks = dict(rows), asyncio.Event(), list[asyncio.Task[None]]()
        try:
            async with transaction(
                read_only=self.read_only, isolation_level=self.isolation
            ) as session:
                if self.later is not None:
                    tasks.append(asyncio.create_task(after(ended, self.later, rows)))
                await self.run_steps(session, inner)
                if self.ends == "raises":
                    raise Undone
            rows.clear()
            rows |= inner
        except Undone:
            pass
        finally:
            ended.set()
            await asyncio.gather(*tasks)

    async def run_steps(self, session: AsyncSession, inner: Rows) -> None:
        """Run the steps. After one that failed, the unit refuses to commit."""
        for step in self.steps:
            try:
                await step.run(session, inner)
            except ReadOnly:
                assert self.read_only
                raise Undone from None
            except FAILURES:
                if isinstance(step, Insert) and step.by == "import":
                    continue  # it has a savepoint
                if self.ends == "commits" and not self.read_only:
                    with pytest.raises((UnitFailed, InvalidRequestError)):
                        await session.commit()
                raise Undone from None
            assert not self.read_only or isinstance(step, Read | InTask | Part)


async def after(ended: asyncio.Event, step: Single, rows: Rows) -> None:
    await ended.wait()
    with suppress(*FAILURES):
        await step.run(None, rows)


@dataclass(frozen=True)
class Alone:
    """A statement outside any unit of work."""

    step: Single

    async def run(self, rows: Rows) -> None:
        with suppress(*FAILURES):
            await self.step.run(None, rows)


INSERTS = st.builds(
    Insert, st.sampled_from(["prepared", "session", "many", "import"]), NAMES, NUMBERS
)
READS = st.builds(Read, st.sampled_from(["prepared", "first", "listing", "session", "stream"]))
FAILS = st.builds(Fail, st.sampled_from(["prepared", "session"]))
CHANGES = st.builds(
    Change, st.sampled_from(["upsert", "missing", "update", "delete"]), NAMES, NUMBERS
)
WRITES = st.builds(Write, st.sampled_from(["update", "delete"]), NAMES, NUMBERS)
SIMPLE = INSERTS | CHANGES | WRITES | READS | FAILS
PARTS = st.builds(Part, st.lists(SIMPLE, max_size=3), st.booleans())
ALONE = INSERTS | WRITES | READS | FAILS
STEPS = SIMPLE | PARTS | st.builds(InTask, ALONE)
UNITS = st.builds(
    Unit,
    st.lists(STEPS, max_size=5),
    st.sampled_from(["commits", "raises"]),
    st.booleans(),
    st.sampled_from([None, "SERIALIZABLE"]),
    st.none() | ALONE,
)
HISTORIES = st.lists(UNITS | st.builds(Alone, ALONE), max_size=8)


async def play(history: list[Unit | Alone]) -> Rows:
    """Run a history on an empty table, and return the rows that it should leave.

    The statements that it should send are added to the `journal`.
    """
    rows: Rows = {}
    journal.set(journal.get([]))
    for part in history:
        await part.run(rows)
        await Read("prepared").run(None, rows)
    return rows
