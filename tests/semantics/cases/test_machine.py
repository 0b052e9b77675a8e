"""The repository is held against a plain dict, through commits and rollbacks."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from concurrent.futures import Future
from contextlib import AsyncExitStack
from contextvars import Context
from dataclasses import dataclass, replace
from typing import Any, TypeVar

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete

from my_service.apps.lab.models import Setting
from my_service.apps.lab.repository import SettingRepository
from my_service.core.db import Duplicate, StaleData, savepoint, transaction

from .support import Undone

pytestmark = pytest.mark.commits

Result = TypeVar("Result")

NAMES = st.sampled_from(["a", "A", "b", "á", "a "])
VALUES = st.none() | st.sampled_from(["1", "2", ""])


@dataclass(frozen=True)
class Row:
    """What a row should be."""

    value: str | None
    version: int = 1
    deleted: bool = False

    def changed(self, **changes: Any) -> "Row":
        return replace(self, version=self.version + 1, **changes)


class RepositoryMachine(RuleBasedStateMachine):
    """Rules run in a thread; what they do in the database is done in the test's event loop."""

    loop: asyncio.AbstractEventLoop

    def __init__(self) -> None:
        super().__init__()
        self.context = Context()
        self.rows: dict[str, Row] = {}
        self.committed: dict[str, Row] = {}

    def run(self, work: Coroutine[Any, Any, Result]) -> Result:
        done: Future[Result] = Future()

        def finish(task: asyncio.Task[Result]) -> None:
            error = task.exception()
            if error is None:
                done.set_result(task.result())
            else:
                done.set_exception(error)

        def start() -> None:
            self.loop.create_task(work, context=self.context).add_done_callback(finish)

        self.loop.call_soon_threadsafe(start)
        return done.result(timeout=60)

    async def begin(self) -> None:
        self.unit = AsyncExitStack()
        self.repository = SettingRepository(await self.unit.enter_async_context(transaction()))

    async def end(self, error: BaseException | None = None) -> None:
        if error is None:
            await self.unit.aclose()
        else:
            await self.unit.__aexit__(type(error), error, None)

    @initialize()
    def start(self) -> None:
        self.run(self.begin())

    @rule()
    def commit(self) -> None:
        self.run(self.end())
        self.committed = dict(self.rows)
        self.run(self.begin())

    @rule()
    def roll_back(self) -> None:
        with pytest.raises(Undone):
            self.run(self.raise_undone())
        self.rows = dict(self.committed)
        self.run(self.begin())

    async def raise_undone(self) -> None:
        error = Undone()
        await self.end(error)
        raise error

    async def attempt(self, work: Callable[[], Awaitable[object]]) -> bool:
        """Do something in a savepoint; whether it was no duplicate."""
        try:
            async with savepoint(self.repository.session):
                await work()
        except Duplicate:
            return False
        return True

    async def loaded(self, name: str) -> Setting | None:
        return await self.repository.find_one(name=name, include_deleted=True)

    @rule(name=NAMES, value=VALUES)
    def add(self, name: str, value: str | None) -> None:
        setting = Setting(name=name, value=value)
        added = self.run(self.attempt(lambda: self.repository.add(setting)))
        assert added is (name not in self.rows)
        self.rows.setdefault(name, Row(value))

    @rule(names=st.lists(NAMES, max_size=3), value=VALUES)
    def add_many(self, names: list[str], value: str | None) -> None:
        rows = [{"name": name, "value": value} for name in names]
        added = self.run(self.attempt(lambda: self.repository.add_many(rows)))
        assert added is (len(set(names) - self.rows.keys()) == len(names))
        if added:
            self.rows |= {name: Row(value) for name in names}

    @rule(name=NAMES, value=VALUES, seen=st.none() | st.integers(0, 3))
    def update(self, name: str, value: str | None, seen: int | None) -> None:
        async def work() -> bool | None:
            setting = await self.loaded(name)
            if setting is None:
                return None
            try:
                await self.repository.update(setting, {"value": value, "version": seen})
            except StaleData:
                return False
            return True

        row = self.rows.get(name)
        done = self.run(work())
        assert done is (None if row is None else seen in (None, row.version))
        if row is not None and done and row.value != value:
            self.rows[name] = row.changed(value=value)

    @rule(names=st.lists(NAMES, max_size=3), value=VALUES)
    def update_where(self, names: list[str], value: str | None) -> None:
        met = self.run(
            self.repository.update_where(Setting.name.in_(names), values={"value": value})
        )
        there = [name for name in set(names) if name in self.rows and not self.rows[name].deleted]
        assert met == len(there)
        for name in there:
            self.rows[name] = self.rows[name].changed(value=value)

    @rule(name=NAMES, hard=st.booleans())
    def delete(self, name: str, hard: bool) -> None:
        async def work() -> bool:
            setting = await self.repository.find_one(name=name)
            if setting is not None:
                await self.repository.delete(setting, hard=hard)
            return setting is not None

        row = self.rows.get(name)
        assert self.run(work()) is (row is not None and not row.deleted)
        if row is not None and not row.deleted:
            if hard:
                del self.rows[name]
            else:
                self.rows[name] = row.changed(deleted=True)

    @rule(names=st.lists(NAMES, max_size=3), hard=st.booleans())
    def delete_where(self, names: list[str], hard: bool) -> None:
        met = self.run(self.repository.delete_where(Setting.name.in_(names), hard=hard))
        there = [name for name in set(names) if name in self.rows and not self.rows[name].deleted]
        assert met == len(there)
        for name in there:
            if hard:
                del self.rows[name]
            else:
                self.rows[name] = self.rows[name].changed(deleted=True)

    @rule(name=NAMES)
    def restore(self, name: str) -> None:
        async def work() -> None:
            setting = await self.loaded(name)
            if setting is not None:
                await self.repository.restore(setting)

        self.run(work())
        row = self.rows.get(name)
        if row is not None and row.deleted:
            self.rows[name] = row.changed(deleted=False)

    @rule(name=NAMES, value=VALUES)
    def upsert(self, name: str, value: str | None) -> None:
        setting = self.run(self.repository.upsert({"name": name, "value": value}, by=["name"]))
        row = self.rows.get(name)
        self.rows[name] = Row(value) if row is None else row.changed(value=value, deleted=False)
        assert (setting.name, setting.value) == (name, value)
        assert setting.version == self.rows[name].version

    @rule(names=st.lists(NAMES, max_size=4), value=VALUES)
    def upsert_many(self, names: list[str], value: str | None) -> None:
        rows = [{"name": name, "value": value} for name in names]
        self.run(self.repository.upsert_many(rows, by=["name"]))
        self.repository.session.expire_all()
        for name in names:
            row = self.rows.get(name)
            self.rows[name] = Row(value) if row is None else row.changed(value=value, deleted=False)

    @rule(value=VALUES)
    def read(self, value: str | None) -> None:
        there = {name for name, row in self.rows.items() if not row.deleted and row.value == value}
        repository = self.repository

        async def work() -> None:
            found = await repository.find(value=value)
            assert {row.name for row in found} == there
            assert await repository.count(value=value) == len(there)
            assert await repository.exists(value=value) is bool(there)
            keys = [row.id for row in found]
            assert [row.id for row in await repository.get_many(keys[::-1])] == keys[::-1]
            for row in found:
                assert await repository.get(row.id) is row

        self.run(work())

    @invariant()
    def rows_are_those_of_the_dict(self) -> None:
        async def work() -> dict[str, Row]:
            found = await self.repository.find(include_deleted=True)
            return {
                row.name: Row(row.value, row.version, row.deleted_at is not None) for row in found
            }

        if hasattr(self, "repository"):
            assert self.run(work()) == self.rows

    def teardown(self) -> None:
        async def clear() -> None:
            await self.end()
            async with transaction() as session:
                await session.execute(delete(Setting).execution_options(include_deleted=True))

        if hasattr(self, "repository"):
            self.run(clear())


async def test_a_repository_is_a_dict_with_commits(isolated: None) -> None:
    machine = type("Machine", (RepositoryMachine,), {"loop": asyncio.get_running_loop()})
    steps = settings(settings(), stateful_step_count=30)
    await asyncio.to_thread(run_state_machine_as_test, machine, settings=steps)
