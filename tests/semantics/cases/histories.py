"""Random histories of units of work on the table of counters, and the rows that they should leave."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import strategies as st
from sqlalchemy import bindparam, select
from sqlalchemy.exc import InvalidRequestError
from sqlalchemy.ext.asyncio import AsyncSession

from my_service.apps.lab.models import Counter
from my_service.apps.lab.repository import CounterRepository
from my_service.core.db import (
    Duplicate,
    Listing,
    ReadOnly,
    UnitFailed,
    prepare,
    prepare_insert,
    savepoint,
    transaction,
)
from my_service.core.db.errors import OtherTask

from .support import Undone

Rows = dict[str, int]

NAMES = st.sampled_from(["a", "b", "c"])
NUMBERS = st.integers(0, 3)


@dataclass
class CounterRead:
    name: str
    value: int


COUNTERS = prepare(select(Counter).order_by(Counter.name), CounterRead)
COUNTER = prepare(select(Counter).where(Counter.name == bindparam("name")), CounterRead)
LISTED = Listing(select(Counter), CounterRead, order_by=[Counter.name])
ADD = prepare_insert(Counter, CounterRead)


@dataclass(frozen=True)
class Insert:
    """Insert a row, which fails if the name exists."""

    by: str  # "prepared", "session" or "many"
    name: str
    value: int

    async def run(self, session: AsyncSession | None, rows: Rows) -> None:
        values: dict[str, Any] = {"name": self.name, "value": self.value}
        try:
            if session is None or self.by == "prepared":
                await ADD.one(**values)
            elif self.by == "session":
                await CounterRepository(session).add(Counter(**values))
            else:
                await CounterRepository(session).add_many([values])
        except Duplicate:
            assert self.name in rows
            raise
        assert self.name not in rows
        rows[self.name] = self.value


@dataclass(frozen=True)
class Change:
    """Write a row by its name, whether or not it exists."""

    by: str  # "upsert", "missing", "update" or "delete"
    name: str
    value: int

    async def run(self, session: AsyncSession | None, rows: Rows) -> None:
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


@dataclass(frozen=True)
class Read:
    """Read the rows, which are those of the model."""

    by: str  # "prepared", "first", "listing" or "session"

    async def run(self, session: AsyncSession | None, rows: Rows) -> None:
        if session is not None and self.by == "session":
            statement = select(Counter.name, Counter.value)
            found = {row.name: row.value for row in await session.execute(statement)}
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


@dataclass(frozen=True)
class Part:
    """A savepoint, which is kept or rolled back."""

    steps: list["Insert | Change | Read"]
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
        except (Undone, Duplicate):
            return
        rows.clear()
        rows |= inner


@dataclass(frozen=True)
class InTask:
    """A step of another task, which cannot use the unit."""

    step: Insert | Read

    async def run(self, session: AsyncSession | None, rows: Rows) -> None:
        if session is None:
            return

        async def work() -> None:
            with pytest.raises(OtherTask):
                await self.step.run(None, dict(rows))

        await asyncio.create_task(work())


Step = Insert | Change | Read | Part | InTask


@dataclass(frozen=True)
class Unit:
    """A unit of work."""

    steps: list[Step]
    ends: str = "commits"  # or "raises"
    read_only: bool = False
    isolation: str | None = None
    later: Insert | None = None  # of a task that it starts, and which runs after it

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
            except Duplicate:
                if self.ends == "commits":
                    with pytest.raises((UnitFailed, InvalidRequestError)):
                        await session.commit()
                raise Undone from None
            assert not self.read_only or isinstance(step, Read | InTask | Part)


async def after(ended: asyncio.Event, step: Insert, rows: Rows) -> None:
    await ended.wait()
    with suppress(Duplicate):
        await step.run(None, rows)


@dataclass(frozen=True)
class Alone:
    """A statement outside any unit of work."""

    step: Insert | Read

    async def run(self, rows: Rows) -> None:
        with suppress(Duplicate):
            await self.step.run(None, rows)


INSERTS = st.builds(Insert, st.sampled_from(["prepared", "session", "many"]), NAMES, NUMBERS)
READS = st.builds(Read, st.sampled_from(["prepared", "first", "listing", "session"]))
CHANGES = st.builds(
    Change, st.sampled_from(["upsert", "missing", "update", "delete"]), NAMES, NUMBERS
)
SIMPLE = INSERTS | CHANGES | READS
PARTS = st.builds(Part, st.lists(SIMPLE, max_size=3), st.booleans())
STEPS = SIMPLE | PARTS | st.builds(InTask, INSERTS | READS)
UNITS = st.builds(
    Unit,
    st.lists(STEPS, max_size=5),
    st.sampled_from(["commits", "raises"]),
    st.booleans(),
    st.sampled_from([None, "SERIALIZABLE"]),
    st.none() | INSERTS,
)
HISTORIES = st.lists(UNITS | st.builds(Alone, INSERTS | READS), max_size=8)


async def play(history: list[Unit | Alone]) -> Rows:
    """Run a history on an empty table, and return the rows that it should leave."""
    rows: Rows = {}
    for part in history:
        await part.run(rows)
        await Read("prepared").run(None, rows)
    return rows
