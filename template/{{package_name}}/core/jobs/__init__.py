# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Background jobs. Apps import from here: `from ...core.jobs import task`."""

from .arguments import InvalidArguments
from .models import JobState
from .once import once
from .running import NoRetry, RunningJob, UnknownTask, current_job
from .task import Job, Queue, Task, task
from .testing import run_jobs

__all__ = [
    "InvalidArguments",
    "Job",
    "JobState",
    "NoRetry",
    "Queue",
    "RunningJob",
    "Task",
    "UnknownTask",
    "current_job",
    "once",
    "run_jobs",
    "task",
]
