# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Runs one job, and decides what becomes of it."""

import asyncio
import logging
import traceback
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import timedelta
from random import SystemRandom
from typing import Any
from uuid import UUID

from pydantic_core import to_jsonable_python
from structlog.contextvars import bind_contextvars

from ...settings import settings
from ..db import utc_now
from .arguments import refuse_unstorable
from .exits import without_exit
from .models import JobState
from .task import PAUSES, registry
from .telemetry import traced

ERROR_LENGTH = 15_000  # characters; in UTF-8 they fit into a TEXT column of any database
LOST = "The worker that ran it was lost."
Values = dict[str, Any]  # new values of a job's columns; `run_at` may be a pause from now

logger = logging.getLogger(__name__)
current: ContextVar["RunningJob"] = ContextVar("current job")


class NoRetry(Exception):
    """A job that raises this, or a subclass, has failed: another attempt would fail too."""


class UnknownTask(Exception):
    """The code has no task of a job's name."""


@dataclass(frozen=True, slots=True)
class RunningJob:
    """A job that a worker runs.

    Attributes:
        id: its key.
        task: the name of its task.
        arguments: as stored; a text if they are not JSON.
        attempts: how often it was started, this time included.
    """

    id: UUID
    task: str
    arguments: dict[str, Any]
    attempts: int


def current_job() -> RunningJob:
    """The job that calls this.

    Raises:
        LookupError: the caller is not part of a job.
    """
    return current.get()


async def run(job: RunningJob) -> Any:
    """Call the task's function for at most its timeout, and return its result."""
    current.set(job)
    bind_contextvars(job=str(job.id), task=job.task)
    with traced(job.task, job.id, job.arguments):
        task = registry.get(job.task)
        if task is None:
            raise UnknownTask(
                f"no installed app has a task named {job.task!r}. If it was renamed, give it its "
                "former name with name=; if it was removed, cancel its jobs."
            )
        async with asyncio.timeout(task.timeout):
            return await without_exit(task.function(**task.arguments.load(job.arguments)))


def succeeded(result: Any) -> Values | None:
    """What becomes of a job that returned; None: it is deleted."""
    if not settings.jobs_keep_days:
        return None
    try:
        document = to_jsonable_python(result, fallback=repr)
        refuse_unstorable(document)
    except Exception as error:  # the result's own code may fail
        logger.warning("a job's result is not kept: %s", error)
        document = None
    return {"state": JobState.DONE, "result": document, "error": None, **ended()}


def failed(job: RunningJob, error: BaseException | None = None) -> Values:
    """What becomes of a job that raised an error, or whose worker was lost: a retry, or failure.

    After a second loss it is retried at a random time: another job may have killed the worker, and
    the two are to be separated.
    """
    text = "".join(traceback.format_exception(error)) if error else LOST
    text = text.encode("utf-8", "backslashreplace").decode().replace("\0", "\\0")
    text = text[-ERROR_LENGTH:]
    pauses = registry[job.task].pauses if job.task in registry else PAUSES
    attempts = max(job.attempts, 1)  # it may be 0 in a row written by hand
    if attempts > len(pauses) or isinstance(error, NoRetry):
        return {"state": JobState.FAILED, "error": text, **ended()}
    pause = pauses[attempts - 1] * SystemRandom().uniform(1, 1.1)
    if error is None:
        pause *= 0 if attempts == 1 else SystemRandom().random()
    again = {"state": JobState.SCHEDULED, "run_at": timedelta(seconds=pause)}
    return {**again, "error": text, "worker_id": None}


def cancelled() -> Values:
    return {"state": JobState.CANCELLED, **ended()}


def ended() -> Values:
    return {"finished_at": utc_now(), "unique_key": None, "worker_id": None}
