"""Workers with real commits: order, limits, leases, cancellation, stopping."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, func, select, update

from my_service.apps.errands import tasks
from my_service.core.db import transaction, utc_now
from my_service.core.jobs import JobState, claims, queue_sql
from my_service.core.jobs import worker as worker_module
from my_service.core.jobs.models import JobWorker, QueuedJob
from my_service.core.jobs.worker import EXPIRED, Reason, Worker
from my_service.core.management import job_overview as overview
from my_service.settings import settings

from .support import (
    drain,
    effects,
    enqueue,
    jobs,
    nothing_is_left,
    states,
    take_leases,
    until,
    working,
)

pytestmark = pytest.mark.commits


async def workers() -> int:
    async with transaction(read_only=True) as session:
        return await session.scalar(select(func.count()).select_from(JobWorker)) or 0


async def has_ended() -> bool:
    return not {JobState.READY, JobState.RUNNING} & set(await states())


async def test_a_worker_runs_all_jobs_and_leaves_nothing(isolated: None) -> None:
    async with transaction() as session:
        for number in range(50):
            await tasks.deed.enqueue(session, number)
    await drain()
    assert await effects("deed") == list(range(50))
    assert await jobs() == []
    assert await workers() == 0


async def test_two_workers_run_each_job_once(isolated: None) -> None:
    async with transaction() as session:
        for number in range(60):
            await tasks.deed.enqueue(session, number)
    await asyncio.gather(drain(), drain(), drain())
    assert await effects("deed") == list(range(60))


async def test_a_higher_priority_runs_first(isolated: None) -> None:
    async with transaction() as session:
        for priority in (0, 5, -5, 5, 0):
            name = f"{priority}"
            await tasks.named.using(priority=priority).enqueue(session, name)
    await drain(concurrency=1)
    assert tasks.log == ["5", "5", "0", "0", "-5"]


async def test_jobs_of_one_priority_run_in_order(isolated: None) -> None:
    for name in "abcdef":
        await enqueue(tasks.named, name)
    await drain(concurrency=1)
    assert tasks.log == list("abcdef")


async def test_a_queue_with_concurrency_1_runs_one_job_at_a_time(isolated: None) -> None:
    async with transaction() as session:
        for number in range(12):
            await tasks.narrow.enqueue(session, number)
    async with working(), working():
        await until(nothing_is_left)
    assert await effects("narrow") == list(range(12))
    assert set(tasks.log) == {"at once: 1"}


async def test_workers_do_not_wait_for_each_other_at_queues_with_a_limit(
    isolated: None, caplog: pytest.LogCaptureFixture
) -> None:
    async with transaction() as session:
        for number in range(40):
            for queue in (tasks.one_at_a_time, "narrow too"):
                await tasks.deed.using(queue=queue).enqueue(session, number)
    async with working(), working(), working():
        await until(nothing_is_left)
    assert await effects("deed") == sorted([*range(40)] * 2)
    assert "tries again" not in caplog.text


async def test_a_flood_in_one_queue_does_not_starve_another(isolated: None) -> None:
    async with transaction() as session:
        for _ in range(40):
            await tasks.named.using(queue="a").enqueue(session, "flood")
        for _ in range(3):
            await tasks.named.using(queue="b").enqueue(session, "drop")
    await drain(concurrency=2)
    assert len(tasks.log) == 43
    assert tasks.log.index("drop") <= 4
    assert "drop" not in tasks.log[12:]


async def test_queues_take_turns_however_long_their_jobs_take(
    isolated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker_module, "POLL", 0.0)  # a look at the queues before each job
    async with transaction() as session:
        for _ in range(4):
            for name in "abc":
                await tasks.named.using(queue=name).enqueue(session, name)
    await drain(concurrency=1)
    turns = [sorted(tasks.log[turn : turn + 3]) for turn in range(0, 12, 3)]
    assert turns == [["a", "b", "c"]] * 4  # the database chooses which queue is first


async def test_a_worker_serves_only_its_queues(isolated: None) -> None:
    async with transaction() as session:
        await tasks.named.using(queue="a").enqueue(session, "a")
        await tasks.named.using(queue="b").enqueue(session, "b")
    await Worker(queues=["b"], concurrency=1, once=True).run()
    assert tasks.log == ["b"]
    assert [job.queue for job in await jobs()] == ["a"]


async def test_a_scheduled_job_runs_when_it_is_due(isolated: None) -> None:
    async with transaction() as session:
        await tasks.named.using(run_after=timedelta(seconds=0.3)).enqueue(session, "soon")
        await tasks.named.using(run_after=datetime(2100, 1, 1, tzinfo=UTC)).enqueue(session, "x")
    async with working():
        await until(lambda: tasks.log == ["soon"])
        await until(has_ended)
    assert await states() == [JobState.SCHEDULED]


async def test_a_job_enqueued_while_the_worker_waits_is_run(isolated: None) -> None:
    async with working():
        await enqueue(tasks.named, "first")
        await until(lambda: tasks.log == ["first"])
        await enqueue(tasks.named, "second")
        await until(lambda: tasks.log == ["first", "second"])


async def test_on_postgresql_a_notification_starts_a_job(
    isolated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if settings.database_url.startswith("postgresql"):
        monkeypatch.setattr(worker_module, "POLL", 1000.0)  # seconds
    async with working(), asyncio.timeout(30):
        for _ in ("found by the first look", "noticed"):
            tasks.log.clear()
            while not tasks.log:  # perhaps the worker does not listen yet
                await enqueue(tasks.named, "a job")
                await asyncio.sleep(0.1)
            await until(nothing_is_left)


async def test_on_postgresql_a_worker_listens_again_after_any_error(
    isolated: None, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The driver's own errors too, as of a standby: here the server refuses the channel's name."""
    if not settings.database_url.startswith("postgresql"):
        return
    monkeypatch.setattr(worker_module, "POLL", 1000.0)  # seconds
    monkeypatch.setattr(queue_sql, "RECONNECT", 0.05)
    monkeypatch.setattr(queue_sql, "CHANNEL", "")
    async with working(), asyncio.timeout(30):
        await until(lambda: "zero-length" in caplog.text)
        monkeypatch.setattr(queue_sql, "CHANNEL", "job")
        for _ in ("found by the first look", "noticed"):
            tasks.log.clear()
            while not tasks.log:
                await enqueue(tasks.named, "a job")
                await asyncio.sleep(0.1)
            await until(nothing_is_left)


@pytest.mark.parametrize("chore", ["clean", "beat"])
async def test_jobs_start_while_the_worker_is_busy_with_a_chore(
    isolated: None, monkeypatch: pytest.MonkeyPatch, chore: str
) -> None:
    begun, done = asyncio.Event(), asyncio.Event()

    async def slow(worker: Worker) -> None:
        begun.set()
        await done.wait()

    monkeypatch.setattr(Worker, f"_{chore}", slow)
    async with working():
        await begun.wait()
        await enqueue(tasks.named, "first")
        await until(lambda: tasks.log == ["first"])
        done.set()


async def test_a_stopped_worker_returns_what_it_cannot_finish(isolated: None) -> None:
    await enqueue(tasks.wait, "long")
    async with working():
        await until(lambda: tasks.log == ["long"])
    [job] = await jobs()
    assert (job.state, job.attempts, job.worker_id) == (JobState.READY, 0, None)
    assert await workers() == 0


async def test_a_stopped_worker_finishes_what_ends_in_time(isolated: None) -> None:
    await enqueue(tasks.wait, "short")
    worker = Worker(concurrency=1)
    running = asyncio.create_task(worker.run())
    await until(lambda: tasks.log == ["short"])
    worker.stop()
    tasks.gate.set()
    async with asyncio.timeout(10):
        await running
    assert await jobs() == []


async def test_a_job_whose_result_the_database_refuses_fails(
    isolated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MariaDB and MySQL limit the depth of a document. Such a job is not run for ever."""
    result: list[object] = []
    for _ in range(150):
        result = [result]
    monkeypatch.setattr(settings, "jobs_keep_days", 1)
    monkeypatch.setattr(tasks, "results", [result])
    await enqueue(tasks.anything)
    async with working():
        await until(has_ended)
    [job] = await jobs()
    refused = settings.database_url.startswith("mysql")
    assert (job.state, job.attempts) == (JobState.SCHEDULED if refused else JobState.DONE, 1)
    assert (job.error is not None) is refused


async def test_a_worker_that_lost_its_lease_cancels_its_jobs(isolated: None) -> None:
    await enqueue(tasks.wait, "held")
    async with working():
        await until(lambda: tasks.log == ["held"])
        await take_leases()
        await until(lambda: tasks.log == ["held", "held"])
        [job] = await jobs()
        assert (job.state, job.attempts) == (JobState.RUNNING, 2)


async def test_a_job_that_the_lease_ends_under_each_time_fails(isolated: None) -> None:
    """A job that blocks the event loop does so: its only worker runs it again, but not for ever."""
    await enqueue(tasks.wait_anew, "blocking")
    async with working() as worker:
        private: Any = worker
        await until(lambda: tasks.log == ["blocking"])
        private._cancel_all(Reason.LEASE_LOST)  # as its timer does
        await until(lambda: tasks.log == ["blocking", "blocking"])
        private._cancel_all(Reason.LEASE_LOST)
        await until(has_ended)
    [job] = await jobs()
    assert (job.state, job.attempts) == (JobState.FAILED, 2)
    assert EXPIRED in (job.error or "")


async def test_a_job_taken_while_the_lease_is_lost_returns_to_the_queue(
    isolated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    take = claims.take

    async def take_too_late(*arguments: Any) -> Any:
        monkeypatch.setattr(claims, "take", take)
        async with transaction() as session:  # as another worker does after the lease
            await session.execute(delete(JobWorker))
        return await take(*arguments)

    monkeypatch.setattr(claims, "take", take_too_late)
    await enqueue(tasks.wait_again, "late")
    async with working():
        await until(lambda: tasks.log == ["late", "late"])
        [job] = await jobs()
        assert (job.state, job.attempts) == (JobState.RUNNING, 2)


async def test_the_jobs_of_a_dead_worker_return_to_the_queue(isolated: None) -> None:
    await enqueue(tasks.named, "orphan")
    await enqueue(tasks.hesitant, 1)
    async with transaction() as session:
        long_ago = utc_now() - timedelta(hours=1)
        dead = JobWorker(
            name="dead", queues="", concurrency=1, started_at=long_ago, seen_at=long_ago
        )
        session.add(dead)
        values = {"state": JobState.RUNNING, "worker_id": dead.id, "attempts": 1}
        await session.execute(update(QueuedJob).values(values))
        cancelled = update(QueuedJob).where(QueuedJob.task == "errands.hesitant")
        await session.execute(cancelled.values(state=JobState.CANCELLING))
    async with working():
        await until(lambda: tasks.log == ["orphan"])
    assert await states() == [JobState.CANCELLED]
    assert await workers() == 0


async def test_a_job_that_always_kills_its_worker_fails(isolated: None) -> None:
    await enqueue(tasks.stubborn, "deadly")
    async with transaction() as session:
        long_ago = utc_now() - timedelta(hours=1)
        dead = JobWorker(
            name="dead", queues="", concurrency=1, started_at=long_ago, seen_at=long_ago
        )
        session.add(dead)
        values = {"state": JobState.RUNNING, "worker_id": dead.id, "attempts": 3}
        await session.execute(update(QueuedJob).values(values))
    await drain()
    [job] = await jobs()
    assert (job.state, job.error) == (JobState.FAILED, "The worker that ran it was lost.")
    assert tasks.log == []


async def test_statistics_name_queues_and_workers(isolated: None) -> None:
    await enqueue(tasks.named, "one")
    await enqueue(tasks.endless)
    await drain()
    await enqueue(tasks.wait, "held")
    async with working():
        await until(lambda: tasks.log[-1:] == ["held"])
        found = await overview.stats()
    [queue], [worker] = found["queues"], found["workers"]
    assert (queue["queue"], queue["failed"], queue["running"], queue["ready"]) == (
        "default",
        1,
        1,
        0,
    )
    assert queue["oldest_ready"] is None
    assert (worker["running"], worker["concurrency"]) == (1, 5)
    assert worker["last_seen"] < 60
