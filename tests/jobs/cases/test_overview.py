"""Jobs that people cancel, retry, purge, or write by hand."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text, update

from my_service.apps.errands import tasks
from my_service.core.db import transaction, utc_now
from my_service.core.jobs import JobState, claims
from my_service.core.jobs.cleaning import purge
from my_service.core.jobs.models import QueuedJob
from my_service.core.management import job_overview as overview
from my_service.settings import settings

from .support import drain, enqueue, jobs, states, until, working

pytestmark = pytest.mark.commits


async def is_cancelled() -> bool:
    return await states() == [JobState.CANCELLED]


async def test_jobs_are_cancelled_and_retried_in_small_transactions(
    isolated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overview, "MANY", 2)
    for name in "abcde":
        await enqueue(tasks.named, name)
    assert await overview.cancel(overview.Filter(task="errands.named")) == 5
    assert set(await states()) == {JobState.CANCELLED}
    assert await overview.retry(overview.Filter()) == 5
    await drain()
    assert sorted(tasks.log) == list("abcde")


async def test_a_waiting_job_can_be_cancelled(isolated: None) -> None:
    job = await enqueue(tasks.named, "unwanted")
    assert await overview.cancel(overview.Filter(ids=[job.id])) == 1
    await drain()
    assert tasks.log == []
    assert await states() == [JobState.CANCELLED]


async def test_a_running_job_can_be_cancelled(isolated: None) -> None:
    job = await enqueue(tasks.wait, "running")
    async with working():
        await until(lambda: tasks.log == ["running"])
        assert await overview.cancel(overview.Filter(ids=[job.id])) == 1
        assert await states() == [JobState.CANCELLING]
        await until(is_cancelled)


async def test_a_cancelled_job_that_fails_before_it_is_stopped_is_not_retried(
    isolated: None,
) -> None:
    job = await enqueue(tasks.reluctant, "running")
    async with working():
        await until(lambda: tasks.log == ["running"])
        assert await overview.cancel(overview.Filter(ids=[job.id])) == 1
        tasks.gate.set()
        await until(is_cancelled)
    assert tasks.log == ["running"]


async def test_a_job_that_is_taken_while_jobs_are_cancelled_is_cancelled_too(
    isolated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    change = overview.change

    async def take_before(wanted: Any, condition: Any, values: Any) -> int:
        if values["state"] is JobState.CANCELLED:  # of the jobs that wait
            await claims.take(uuid4(), ["default"], 1)
        return await change(wanted, condition, values)

    monkeypatch.setattr(overview, "change", take_before)
    await enqueue(tasks.named, "unwanted")
    assert await overview.cancel(overview.Filter()) == 1
    assert await states() == [JobState.CANCELLING]


async def test_a_cancelled_job_that_would_be_due_later_is_purged(isolated: None) -> None:
    await enqueue(tasks.named.using(run_after=timedelta(days=1)), "later")
    await overview.cancel(overview.Filter())
    assert await purge(JobState.CANCELLED, utc_now()) == 1


def dashed_capitals(key: UUID) -> str:
    return str(key).upper()


def capitals(key: UUID) -> str:
    return key.hex.upper()


@pytest.mark.parametrize("state", [JobState.READY, JobState.SCHEDULED])
@pytest.mark.parametrize("form", [str, dashed_capitals, capitals])
async def test_a_job_written_by_hand_with_another_form_of_its_id_runs_once(
    isolated: None, state: JobState, form: Callable[[UUID], str]
) -> None:
    """SQLite stores ids as text, and other databases in one form."""
    job = await enqueue(tasks.named, "by hand")
    async with transaction() as session:
        await session.execute(update(QueuedJob).values(state=state))
        if settings.database_url.startswith("sqlite"):
            await session.execute(text("UPDATE job SET id = :id"), {"id": form(job.id)})
    await drain()
    assert tasks.log == ["by hand"]
    assert await jobs() == []


@pytest.mark.parametrize("state", [JobState.READY, JobState.SCHEDULED, JobState.DONE])
async def test_a_job_written_by_hand_with_an_id_that_is_no_uuid_gets_another(
    isolated: None, state: JobState
) -> None:
    """SQLite stores any text."""
    await enqueue(tasks.named, "by hand")
    if settings.database_url.startswith("sqlite"):
        async with transaction() as session:
            values = {"state": state, "finished_at": utc_now() - timedelta(days=9)}
            await session.execute(update(QueuedJob).values(values))
            await session.execute(text("UPDATE job SET id = 'job 1'"))
    await enqueue(tasks.named, "another")
    await drain()
    assert "another" in tasks.log
    assert await jobs() == []


async def test_a_running_job_that_no_worker_has_runs_again(isolated: None) -> None:
    await enqueue(tasks.named, "by hand")
    await enqueue(tasks.wait, "without retries")
    async with transaction() as session:
        await session.execute(update(QueuedJob).values(state=JobState.RUNNING))
    await drain()
    assert tasks.log == ["by hand"]
    [job] = await jobs()
    assert (job.state, job.error) == (JobState.FAILED, "The worker that ran it was lost.")


async def test_a_failed_job_can_be_retried(isolated: None) -> None:
    job = await enqueue(tasks.endless)
    await drain()
    assert await states() == [JobState.FAILED]
    assert await overview.retry(overview.Filter(ids=[job.id])) == 1
    assert await states() == [JobState.READY]


async def test_a_retried_job_of_a_unique_task_is_unique_again(isolated: None) -> None:
    weights = {"b": 1.0, "aa": 2.0}
    job = await enqueue(tasks.picky, weights)
    await drain()
    assert await overview.retry(overview.Filter(task="errands.picky")) == 1
    again = await enqueue(tasks.picky, weights)
    assert (again.id, again.is_new) == (job.id, False)


async def test_a_failed_job_of_a_unique_task_waits_for_its_successor(isolated: None) -> None:
    failed = await enqueue(tasks.picky, {"a": 1.0})
    await drain()
    successor = await enqueue(tasks.picky, {"a": 1.0})
    assert successor.is_new
    assert await overview.retry(overview.Filter()) == 0
    assert {job.id: job.state for job in await jobs()} == {
        failed.id: JobState.FAILED,
        successor.id: JobState.READY,
    }


async def test_a_failed_job_whose_arguments_no_longer_fit_is_not_retried(isolated: None) -> None:
    await enqueue(tasks.picky, {"a": 1.0})
    await drain()
    async with transaction() as session:
        await session.execute(update(QueuedJob).values(arguments={"weights": "heavy"}))
    assert await overview.retry(overview.Filter()) == 0
    assert await states() == [JobState.FAILED]
