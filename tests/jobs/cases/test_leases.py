"""Runs under a lease that was lost."""

import asyncio
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import delete, update

from my_service.apps.errands import tasks
from my_service.core.db import transaction
from my_service.core.jobs import JobState, claims
from my_service.core.jobs.models import JobWorker, QueuedJob

from .support import enqueue, jobs, nothing_is_left, take_leases, until, working

pytestmark = pytest.mark.commits


async def test_a_job_taken_before_the_worker_registers_again_is_cancelled(
    isolated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It belongs to the lost lease, and another worker may run it."""
    take, beat, register = claims.take, claims.beat, claims.register
    lost, logs = asyncio.Event(), list[list[str]]()

    async def take_too_late(*arguments: Any) -> Any:
        monkeypatch.setattr(claims, "take", take)
        async with transaction() as session:  # as another worker does after the lease
            await session.execute(delete(JobWorker))
        await lost.wait()
        return await take(*arguments)

    async def notice(worker: UUID) -> Any:
        states = await beat(worker)
        if states is None:
            lost.set()
        return states

    async def register_and_log(*arguments: Any) -> UUID:
        key = await register(*arguments)
        logs.append(tasks.log.copy())
        return key

    monkeypatch.setattr(claims, "take", take_too_late)
    monkeypatch.setattr(claims, "beat", notice)
    monkeypatch.setattr(claims, "register", register_and_log)
    await enqueue(tasks.unwilling, "late")
    async with working():
        await until(lambda: len(logs) == 2)
        tasks.gate.set()
    assert logs == [[], ["late", "cancelled"]]


async def test_a_job_runs_again_while_its_cancelled_run_has_not_ended(
    isolated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The heartbeats compare only the runs of the new lease."""
    beat, beats = claims.beat, list[UUID]()

    async def count(worker: UUID) -> Any:
        states = await beat(worker)
        beats.append(worker)
        return states

    monkeypatch.setattr(claims, "beat", count)
    await enqueue(tasks.unwilling, "held")
    async with working():
        await until(lambda: tasks.log == ["held"])
        await take_leases()
        await until(lambda: tasks.log == ["held", "cancelled", "held"])
        before = len(beats)
        await until(lambda: len(beats) > before + 1)
        tasks.gate.set()
        await until(nothing_is_left)
    assert tasks.log == ["held", "cancelled", "held"]


async def test_a_claim_without_an_answer_does_not_cost_the_lease(
    isolated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its jobs are taken, but the worker does not know for longer than a lease."""
    take, beat, beats = claims.take, claims.beat, list[dict[UUID, Any]]()

    async def take_without_an_answer(*arguments: Any) -> Any:
        taken = await take(*arguments)
        await until(lambda: len(beats) > 8)  # six are sent within a lease
        return taken

    async def count(worker: UUID) -> Any:
        states = await beat(worker)
        if "held" in tasks.log:
            beats.append(states or {})
        return states

    await enqueue(tasks.wait, "held")
    async with working():
        await until(lambda: tasks.log == ["held"])
        monkeypatch.setattr(claims, "take", take_without_an_answer)
        monkeypatch.setattr(claims, "beat", count)
        await enqueue(tasks.wait, "late")
        await until(lambda: "late" in tasks.log)
        assert tasks.log == ["held", "late"]
        theirs = [job.attempts for job in await jobs() if job.task == tasks.wait.name]
        assert theirs == [1, 1]
        tasks.gate.set()
        await until(nothing_is_left)


async def test_a_job_taken_by_a_lost_answer_returns_to_the_queue(isolated: None) -> None:
    async with working() as worker:
        before = worker.lease
        await until(lambda: worker.lease != before)
        async with transaction() as session:
            await tasks.named.using(run_after=timedelta(days=1)).enqueue(session, "lost")
            values = {"state": JobState.RUNNING, "worker_id": worker.lease, "attempts": 1}
            await session.execute(update(QueuedJob).values(values))
        await until(lambda: tasks.log == ["lost"])
