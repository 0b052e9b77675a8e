"""What becomes of a job that runs: `run_jobs` runs it on the test's transaction."""

from datetime import timedelta
from uuid import uuid4

import pytest
from pydantic import ValidationError
from sqlalchemy import text, update

from my_service.apps.errands import tasks
from my_service.core.db import DatabaseError, get_engine, transaction, utc_now
from my_service.core.jobs import (
    InvalidArguments,
    JobState,
    UnknownTask,
    current_job,
    run_jobs,
    running,
)
from my_service.core.jobs.models import QueuedJob
from my_service.core.jobs.running import RunningJob, failed
from my_service.core.jobs.worker import log_end
from my_service.core.management import job_overview as overview
from my_service.core.settings import CoreSettings
from my_service.settings import settings

from .support import effects, enqueue, jobs


async def alter(**values: object) -> None:
    """Change the only job."""
    async with transaction() as session:
        await session.execute(update(QueuedJob).values(values))


async def test_a_finished_job_is_deleted(isolated: None) -> None:
    await enqueue(tasks.deed, 1)
    assert await run_jobs() == 1
    assert await effects("deed") == [1]
    assert await jobs() == []


async def test_a_finished_job_is_kept_with_its_result(
    isolated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(settings, "jobs_keep_days", 1)
    await enqueue(tasks.answer, 42)
    await run_jobs()
    [job] = await jobs()
    assert (job.state, job.result, job.worker_id) == (JobState.DONE, {"answer": 42}, None)
    assert job.started_at is not None
    assert job.finished_at is not None
    assert await run_jobs() == 0


def test_a_time_that_begins_before_the_calendar_is_refused() -> None:
    """It would end every worker."""
    with pytest.raises(ValidationError, match="should be less than or equal to 365000"):
        CoreSettings(jobs_keep_days=1_000_000)


class Detached:
    """A result that cannot be shown, as a row whose session has ended."""

    def __repr__(self) -> str:
        raise LookupError("detached")


@pytest.mark.parametrize("result", [float("nan"), "nul \0", "x" * 70_000, Detached()])
async def test_a_result_that_cannot_be_stored_is_not_kept(
    isolated: None, monkeypatch: pytest.MonkeyPatch, result: object
) -> None:
    monkeypatch.setattr(settings, "jobs_keep_days", 1)
    monkeypatch.setattr(tasks, "results", [result])
    await enqueue(tasks.anything)
    await run_jobs()
    [job] = await jobs()
    assert (job.state, job.result) == (JobState.DONE, None)


async def test_jobs_that_a_job_enqueues_run_too(isolated: None) -> None:
    await enqueue(tasks.parent, 5)
    assert await run_jobs() == 2
    assert await effects("deed") == [5]


async def test_a_job_that_always_fails_is_retried_then_kept_with_its_error(isolated: None) -> None:
    await enqueue(tasks.stubborn, "emoji \U0001f600")
    for _ in range(3):
        with pytest.raises(tasks.Refused):
            await run_jobs()
    [job] = await jobs()
    assert (job.state, job.attempts) == (JobState.FAILED, 3)
    assert job.error is not None
    assert "Refused: nul \\0, emoji \U0001f600" in job.error
    assert "in stubborn" in job.error
    assert await run_jobs() == 0
    assert len(tasks.log) == 3


async def test_a_retry_waits(isolated: None) -> None:
    await enqueue(tasks.hesitant, 1)
    with pytest.raises(tasks.Refused):
        await run_jobs()
    [job] = await jobs()
    assert (job.state, job.attempts) == (JobState.SCHEDULED, 1)
    assert 10 <= (job.run_at - job.created_at).total_seconds() < 60
    assert await run_jobs() == 0
    await alter(state=JobState.READY, attempts=2)
    assert await run_jobs() == 1
    assert await effects("hesitant") == [1]


@pytest.mark.parametrize(
    ("error", "line"),
    [
        (ValueError("first\nlast"), "last"),
        (ValueError("a group - of words"), "ValueError: a group - of words"),
        (ExceptionGroup("tasks", [LookupError("inner")]), "LookupError: inner"),
        (ExceptionGroup("tasks", [ExceptionGroup("more", [ValueError("y")])]), "ValueError: y"),
    ],
)
def test_the_log_has_the_last_line_of_an_error(
    caplog: pytest.LogCaptureFixture, error: Exception, line: str
) -> None:
    job = RunningJob(uuid4(), "errands.deed", {}, 1)
    log_end(job, failed(job, error))
    assert caplog.messages == [f"job {job.id} of errands.deed: scheduled, {line}"]


async def test_a_job_that_takes_too_long_fails(isolated: None) -> None:
    await enqueue(tasks.endless)
    with pytest.raises(TimeoutError):
        await run_jobs()
    [job] = await jobs()
    assert job.state is JobState.FAILED


async def test_a_job_that_exits_fails(isolated: None) -> None:
    await enqueue(tasks.leave)
    with pytest.raises(RuntimeError, match=r"the job called sys\.exit\('enough'\)"):
        await run_jobs()
    [job] = await jobs()
    assert (job.state, job.attempts) == (JobState.FAILED, 1)


async def test_a_retry_counts_from_the_time_of_the_database(
    isolated: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "utc_now", lambda: utc_now() + timedelta(days=1))
    await enqueue(tasks.hesitant, 1)
    with pytest.raises(tasks.Refused):
        await run_jobs()
    [job] = await jobs()
    assert (job.run_at - job.created_at) < timedelta(minutes=1)


NO_OBJECTS = {
    "text": "nothing",
    "list": [1],
    "number": 7,
    "not JSON": text("'{not JSON'"),
    "a number too long for Python": text(f"""'{{"number": {"1" * 5_000}}}'"""),
    "lists too deep for Python": text(f"'{'[' * 3_000}{']' * 3_000}'"),
}
REFUSED = {
    "postgresql": {"not JSON"},
    "mariadb": {"not JSON", "lists too deep for Python"},
    "mysql": {"not JSON", "a number too long for Python", "lists too deep for Python"},
}


@pytest.mark.parametrize("stored", NO_OBJECTS)
async def test_arguments_that_are_no_object_fail_their_job_alone(
    isolated: None, stored: str
) -> None:
    """Some databases do not store them in the first place."""
    await enqueue(tasks.deed, 1)
    dialect = get_engine().dialect
    server = "mariadb" if getattr(dialect, "is_mariadb", False) else dialect.name
    if stored in REFUSED.get(server, set()):
        with pytest.raises(DatabaseError):
            await alter(arguments=NO_OBJECTS[stored])
        return
    await alter(arguments=NO_OBJECTS[stored])
    await enqueue(tasks.deed, 2)
    with pytest.raises(
        InvalidArguments, match=r"errands\.deed: the stored arguments are not a JSON object"
    ):
        await run_jobs()
    assert await run_jobs() == 1
    assert await effects("deed") == [2]
    assert [job["attempts"] for job in await overview.find(overview.Filter(), 9)] == [1]


def test_jobs_that_a_worker_was_lost_with_twice_are_separated() -> None:
    """One of them may have killed it. The first time they are retried at once."""
    for attempts, longest in ((1, 0), (2, 66), (3, 330)):
        job = RunningJob(uuid4(), "errands.deed", {"number": 1}, attempts)
        pauses = [failed(job)["run_at"] for _ in range(20)]
        assert max(pauses) <= timedelta(seconds=longest)
        assert max(pauses) - min(pauses) >= timedelta(seconds=longest / 10)


async def test_a_removed_task_fails_with_advice_and_is_retried(isolated: None) -> None:
    await enqueue(tasks.deed, 1)
    await alter(task="errands.removed")
    with pytest.raises(UnknownTask, match=r"no installed app has a task named 'errands\.removed'"):
        await run_jobs()
    [job] = await jobs()
    assert job.state is JobState.SCHEDULED
    await alter(task="errands.deed", state=JobState.READY)
    assert await run_jobs() == 1


@pytest.mark.parametrize("stored", [{}, {"number": "one"}, {"number": 1, "more": 2}])
async def test_stored_arguments_that_no_longer_fit_fail(
    isolated: None, stored: dict[str, object]
) -> None:
    await enqueue(tasks.deed, 1)
    await alter(arguments=stored)
    with pytest.raises(InvalidArguments, match=r"errands\.deed: (number|more): "):
        await run_jobs()
    assert await effects("deed") == []


async def test_what_a_later_release_stores_next_to_the_arguments_is_ignored(isolated: None) -> None:
    await enqueue(tasks.deed, 1)
    await alter(arguments={"number": 1, "@traceparent": "of another format", "@later": {}})
    assert await run_jobs() == 1
    assert await effects("deed") == [1]


async def test_an_effect_with_a_key_happens_once(isolated: None) -> None:
    for _ in range(3):
        await enqueue(tasks.invoice, 7)
    assert await run_jobs() == 3
    assert await effects("invoice") == [7]


def test_no_job_runs_outside_a_task() -> None:
    with pytest.raises(LookupError):
        current_job()
