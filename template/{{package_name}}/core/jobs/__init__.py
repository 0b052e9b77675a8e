# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Background jobs. Apps import from here: `from ...core.jobs import task`."""

from .arguments import InvalidArguments as InvalidArguments
from .models import JobState as JobState
from .once import once as once
from .running import NoRetry as NoRetry
from .running import RunningJob as RunningJob
from .running import UnknownTask as UnknownTask
from .running import current_job as current_job
from .task import Job as Job
from .task import Queue as Queue
from .task import Task as Task
from .task import task as task
from .testing import run_jobs as run_jobs
