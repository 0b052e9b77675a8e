"""Recurring tasks under an injected clock."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random

import pytest
from sqlalchemy import func, select

from my_service.apps.errands import tasks
from my_service.core.db import transaction
from my_service.core.jobs import schedule as schedule_module
from my_service.core.jobs.models import JobSchedule, QueuedJob
from my_service.core.jobs.schedule import Schedule
from my_service.core.jobs.task import registry

pytestmark = pytest.mark.commits

START = datetime(2028, 2, 29, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


async def due_times() -> list[datetime]:
    async with transaction(read_only=True) as session:
        found = select(JobSchedule.run_at).order_by(JobSchedule.run_at)
        return list(await session.scalars(found))


async def enqueued() -> int:
    async with transaction(read_only=True) as session:
        return await session.scalar(select(func.count()).select_from(QueuedJob)) or 0


async def test_a_new_task_first_runs_at_its_next_due_time(isolated: None) -> None:
    schedule = Schedule()
    assert [await schedule.enqueue(START + MINUTE * n) for n in range(3)] == [0, 1, 1]


async def test_each_due_time_is_enqueued_once_by_five_workers(isolated: None) -> None:
    schedules = [Schedule() for _ in range(5)]
    for minute in range(8):
        moment = START + MINUTE * minute
        counts = await asyncio.gather(*(schedule.enqueue(moment) for schedule in schedules))
        assert sum(counts) == (minute > 0)
    assert await enqueued() == 7


async def test_missed_times_run_once(isolated: None) -> None:
    await Schedule().enqueue(START)
    assert await Schedule().enqueue(START + MINUTE * 500) == 1
    assert await enqueued() == 1


async def test_a_changed_schedule_makes_up_for_no_time_before_the_last_run(
    isolated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [await Schedule().enqueue(START + MINUTE * n) for n in range(2)] == [0, 1]
    changed = replace(tasks.every_minute, schedule="30 11 29 2 *")
    monkeypatch.setitem(registry, changed.name, changed)
    assert await Schedule().enqueue(START + MINUTE * 2) == 0


async def test_a_task_that_cannot_be_enqueued_does_not_end_the_worker(
    isolated: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """Its function `unique` raises, or a default does not fit its type."""

    def unique() -> str:
        raise tasks.Refused("no key")

    broken = replace(tasks.every_minute, name="errands.broken", unique=unique)
    others = {broken.name: broken, tasks.every_minute.name: tasks.every_minute}
    monkeypatch.setattr(schedule_module, "registry", others)
    schedule = Schedule()
    assert [await schedule.enqueue(START + MINUTE * n) for n in (0, 1, 1)] == [0, 1, 0]
    assert caplog.messages == ["errands.broken is not enqueued when it is due"]
    assert await enqueued() == 1


async def test_a_clock_set_back_repeats_nothing(isolated: None) -> None:
    schedule = Schedule()
    moments = (0, 1, 2, 3, 1, 2, 3, 4)
    counts = [await schedule.enqueue(START + MINUTE * minute) for minute in moments]
    assert counts == [0, 1, 1, 1, 0, 0, 0, 1]


async def test_a_clock_that_jumps_enqueues_each_due_time_at_most_once(isolated: None) -> None:
    random, minute = Random("jumps"), 0
    schedules = [Schedule() for _ in range(5)]
    seen: set[int] = set()
    for _ in range(40):
        minute += random.choice((0, 1, 1, 1, 2, 30, -1, -20))
        seen.add(minute)
        schedules[random.randrange(5)] = Schedule()  # one was killed, another has started
        moment = START + MINUTE * minute
        await asyncio.gather(*(schedule.enqueue(moment) for schedule in schedules))
    due = await due_times()
    assert len(set(due)) == len(due) == len(seen)
    assert await enqueued() == len(seen) - 1
