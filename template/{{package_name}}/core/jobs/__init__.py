# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Background jobs. Apps import from here: `from ...core.jobs import task`."""

from .arguments import InvalidArguments
from .models import JobState
from .once import once
from .task import Job, Queue, Task, task

__all__ = [
    "InvalidArguments",
    "Job",
    "JobState",
    "Queue",
    "Task",
    "once",
    "task",
]
