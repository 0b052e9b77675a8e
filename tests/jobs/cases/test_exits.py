"""A job that exits fails like any other: its worker goes on, and the attempt counts."""

import pytest

from my_service.apps.errands import tasks
from my_service.core.jobs import JobState

from .support import drain, effects, enqueue, jobs

pytestmark = pytest.mark.commits

CALLED = "RuntimeError: the job called sys.exit(3)"
RAISED = "RuntimeError: the job raised KeyboardInterrupt()"


@pytest.mark.parametrize(
    ("way", "line"),
    [
        ("interrupt", RAISED),
        ("task", CALLED),
        ("forgotten task", "Refused: its task has exited"),
        ("group", RAISED),
        ("thread", CALLED),
        ("cancelled", "RuntimeError: the job was cancelled, but not by its worker"),
    ],
)
async def test_a_job_that_exits_fails_alone(isolated: None, way: str, line: str) -> None:
    await enqueue(tasks.slow_deed, 1)
    await enqueue(tasks.leave_by, way)
    await drain()
    await drain()
    await drain()
    assert await effects("deed") == [1]
    [job] = await jobs()
    assert (job.state, job.attempts) == (JobState.FAILED, 2)
    assert line in (job.error or "")
