"""Prepared updates and deletions inside a unit of work are part of it."""

import asyncio
from dataclasses import dataclass

import pytest
from sqlalchemy import bindparam, inspect, select

from my_service.apps.lab.models import Setting
from my_service.apps.lab.repository import SettingRepository
from my_service.core.db import (
    Duplicate,
    ReadOnly,
    UnitFailed,
    prepare,
    prepare_delete,
    prepare_insert,
    prepare_update,
    transaction,
)
from my_service.core.db.errors import OtherTask

from .support import Undone

pytestmark = pytest.mark.commits


@dataclass
class SettingRead:
    id: int
    name: str
    value: str | None
    version: int


ADD = prepare_insert(Setting, SettingRead)
READ = prepare(select(Setting).where(Setting.id == bindparam("id")), SettingRead)
ALL = prepare(select(Setting).order_by(Setting.id), SettingRead, include_deleted=True)
CHANGE = prepare_update(Setting, SettingRead)
DELETE = prepare_delete(Setting)
ERASE = prepare_delete(Setting, hard=True)


async def test_a_unit_whose_update_failed_is_not_committed(isolated: None) -> None:
    added = [await ADD.one(name=name) for name in "ab"]
    with pytest.raises(UnitFailed):
        async with transaction():
            await CHANGE.one(added[1].id, {"value": "new"})
            with pytest.raises(Duplicate):
                await CHANGE.one(added[0].id, {"name": "b"})
    assert await ALL.all() == added
    assert (await CHANGE.one(added[0].id, {"value": "new"})).value == "new"


async def test_a_prepared_write_is_rolled_back_with_its_unit(isolated: None) -> None:
    added = [await ADD.one(name=name) for name in "ab"]
    with pytest.raises(Undone):
        async with transaction():
            await CHANGE.one(added[0].id, {"value": "new"})
            await DELETE.one(added[1].id)
            raise Undone
    assert await ALL.all() == added


@pytest.mark.parametrize("begun", [True, False])
async def test_a_read_only_unit_refuses_prepared_writes(isolated: None, begun: bool) -> None:
    added = await ADD.one(name="a")
    for work in (
        lambda: CHANGE.one(added.id, {"value": "new"}),
        lambda: DELETE.one(added.id),
        lambda: ERASE.one(added.id),
    ):
        with pytest.raises(ReadOnly):
            async with transaction(read_only=True):
                if begun:
                    await READ.one(id=added.id)
                await work()
    assert await ALL.all() == [added]


async def test_another_task_cannot_write_in_a_unit(isolated: None) -> None:
    added = await ADD.one(name="a")
    async with transaction():
        with pytest.raises(OtherTask):
            await asyncio.create_task(CHANGE.one(added.id, {"value": "new"}))
    assert await ALL.all() == [added]


async def test_a_loaded_row_has_what_was_written(isolated: None) -> None:
    added = [await ADD.one(name=name, value="old") for name in "ab"]
    async with transaction() as session:
        settings = SettingRepository(session)
        one, other = await settings.find(order_by=[Setting.id])
        one.value = "unsaved"
        await CHANGE.one(one.id, {"name": "new"})
        assert (one.name, one.value, one.version) == ("new", "unsaved", 3)
        await settings.update(one, {"value": "last"})
        await DELETE.one(other.id)
        assert other.deleted_at is not None
        await ERASE.one(one.id)
        assert inspect(one).detached
        assert await settings.get(one.id) is None
    assert [row.id for row in await ALL.all()] == [added[1].id]
