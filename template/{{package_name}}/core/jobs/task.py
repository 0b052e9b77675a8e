# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Tasks: functions whose calls are stored as jobs, in the caller's unit of work."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from importlib import import_module
from inspect import iscoroutinefunction, unwrap
from json import dumps
from pathlib import Path
from typing import Any, Generic, ParamSpec, TypeVar, cast
from uuid import UUID

from cronsim import CronSim, CronSimError
from sqlalchemy import Table, insert, select
from sqlalchemy.ext.asyncio import AsyncSession

from ..apps import PACKAGE, import_models, import_part
from ..db import utc_now
from ..db.driver.upsert import upsert
from ..settings import CoreSettings
from .arguments import Arguments
from .models import JobState, QueuedJob
from .queue_sql import announced
from .telemetry import caller

P = ParamSpec("P")
R = TypeVar("R")

TABLE = cast("Table", QueuedJob.__table__)
INSERT = announced(insert(TABLE))
INSERT_UNIQUE = announced(upsert(TABLE, by=[TABLE.c.unique_key], update={}))
NAME_LENGTH = 200  # characters
PAUSES = (10, 60, 300, 1800, 7200)  # seconds before each retry; the last repeats

registry: dict[str, "Task[..., Any]"] = {}
queues: dict[str, "Queue"] = {}


@dataclass(frozen=True, slots=True)
class Job:
    """An enqueued job.

    Attributes:
        id: its key, as in `manage.py jobs show`.
        is_new: False for the existing job of a unique task.
    """

    id: UUID
    is_new: bool


class Queue:
    """A queue of jobs with a concurrency limit; a queue without one needs only a name.

    Args:
        name: at most 60 characters.
        concurrency: jobs of the queue that run at once, on all workers together.
    """

    def __init__(self, name: str, *, concurrency: int) -> None:
        if concurrency < 1:
            raise ValueError(f"Queue({name!r}, concurrency={concurrency}): must be at least 1")
        self.name = name
        self.concurrency = concurrency
        queues[name] = self


@dataclass(frozen=True, kw_only=True)
class Task(Generic[P, R]):
    """A task; see `task`. Calling it runs its function at once."""

    function: Callable[P, Awaitable[R]]
    arguments: Arguments
    name: str
    queue: str
    priority: int
    pauses: Sequence[float]
    timeout: float
    unique: bool | Callable[..., str]
    schedule: str | None
    run_after: timedelta | datetime | None = None

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Awaitable[R]:
        return self.function(*args, **kwargs)

    def using(
        self,
        *,
        run_after: timedelta | datetime | None = None,
        queue: str | Queue | None = None,
        priority: int | None = None,
    ) -> "Task[P, R]":
        """The task with other options; `run_after` is an instant, or a duration from now."""
        changes: dict[str, Any] = {"run_after": run_after, "queue": queue, "priority": priority}
        if isinstance(queue, Queue):
            changes["queue"] = queue.name
        return replace(self, **{name: new for name, new in changes.items() if new is not None})

    async def enqueue(self, session: AsyncSession, /, *args: P.args, **kwargs: P.kwargs) -> Job:
        """Write a job in a unit of work: it exists if and only if the unit commits.

        Raises:
            InvalidArguments: they do not fit the function, are too large, or cannot be stored.
            DatabaseError: as from a session.
        """
        now = utc_now()
        run_at = now + self.run_after if isinstance(self.run_after, timedelta) else self.run_after
        values: dict[str, Any] = {
            "id": QueuedJob().id,
            "task": self.name,
            "arguments": self.arguments.dump(args, kwargs) | caller(),
            "queue": self.queue,
            "rank": -self.priority,
            "state": JobState.READY if run_at is None or run_at <= now else JobState.SCHEDULED,
            "created_at": now,
            "run_at": run_at or now,
        }
        key = self.key(values["arguments"])
        if key is None:
            await session.execute(INSERT, values)
            return Job(values["id"], is_new=True)
        values["unique_key"] = key
        existing = select(TABLE.c.id).where(TABLE.c.unique_key == key)
        while True:
            await session.execute(INSERT_UNIQUE, values)
            # Locked, so that no worker takes the existing job before this unit is committed.
            found = await session.scalar(existing.with_for_update())
            if found is not None:  # or the existing job has ended since the insert
                return Job(found, is_new=found == values["id"])

    def key(self, document: Mapping[str, Any]) -> str | None:
        """The key that only one unfinished job of a unique task may have; None for other tasks."""
        if self.unique is False:
            return None
        given = self.arguments.load(document)
        if self.unique is True:  # not of the document, whose order some databases change
            by = dumps(self.arguments.dump((), given), sort_keys=True)
        else:
            by = self.unique(**given)
        return sha256(f"{self.name} {by}".encode()).hexdigest()


def task(
    *,
    name: str | None = None,
    queue: str | Queue = "default",
    priority: int = 0,
    retries: int | Sequence[float] = 5,
    timeout: float = 900,
    unique: bool | Callable[..., str] = False,
    schedule: str | None = None,
) -> Callable[[Callable[P, Awaitable[R]]], Task[P, R]]:
    """Make an async function a task. A job runs at least once: write it so that it may be repeated.

    Args:
        name: of the task in the database; by default the app's and the function's, "blog.send".
            Keep it when the function is renamed or moved: queued jobs refer to it.
        queue: a queue's name, or a `Queue`.
        priority: jobs of a higher priority run first.
        retries: how often a failed job is retried, after pauses that grow from 10 seconds to two
            hours; or the pauses themselves, in seconds. With 0, a job whose worker is lost fails too.
        timeout: seconds after which a running job is cancelled and counts as failed.
        unique: enqueuing a job that exists and has not ended returns the existing one. True: the
            same arguments, without sets, are the same job. A function of them returns the key.
        schedule: a cron expression in UTC, such as "0 3 * * *": workers enqueue the task then. Its
            function can be called without arguments.

    Raises:
        TypeError: the function is not async, or a parameter has no type that can be stored as JSON.
        ValueError: the name is taken, or the cron expression is invalid.
    """

    def decorate(function: Callable[P, Awaitable[R]]) -> Task[P, R]:
        full = name or default_name(function)
        if full in registry or len(full) > NAME_LENGTH:
            raise ValueError(
                f"the task name {full!r} is taken, or longer than {NAME_LENGTH} characters: "
                "choose another with name="
            )
        if not iscoroutinefunction(unwrap(function)):
            raise TypeError(f"{full} is not async: write `async def {function.__name__}`")
        arguments = Arguments(function, full)
        if unique is True and arguments.has_set:
            raise TypeError(
                f"{full} is unique by its arguments, but a parameter holds a set, whose order "
                "changes: pass a list, or give unique= a function"
            )
        if schedule is not None:
            check_schedule(full, schedule, arguments)
        made: Task[P, R] = Task(
            function=function,
            arguments=arguments,
            name=full,
            queue=queue.name if isinstance(queue, Queue) else queue,
            priority=priority,
            pauses=pauses_of(retries),
            timeout=timeout,
            unique=unique,
            schedule=schedule,
        )
        registry[full] = made
        return made

    return decorate


def import_tasks(settings: CoreSettings) -> None:
    """Import `tasks` of each part of `core` and of each installed app, which registers their tasks."""
    for file in sorted(Path(__file__).parents[1].glob("*/tasks.py")):
        import_module(f"{PACKAGE}.core.{file.parent.name}.tasks")
    import_models(settings)
    for app in settings.INSTALLED_APPS:
        import_part(app, "tasks")


def default_name(function: Callable[..., Any]) -> str:
    """The name of a task: "blog.send" for the function `send` in `apps/blog/tasks.py`."""
    module = function.__module__.removeprefix(f"{PACKAGE}.").removeprefix("apps.")
    return f"{module.removesuffix('.tasks')}.{function.__qualname__}"


def pauses_of(retries: int | Sequence[float]) -> Sequence[float]:
    return [*PAUSES, *PAUSES[-1:] * retries][:retries] if isinstance(retries, int) else retries


def check_schedule(name: str, schedule: str, arguments: Arguments) -> None:
    """Refuse what could not be enqueued on a schedule."""
    if arguments.required:
        needed = ", ".join(arguments.required)
        raise TypeError(f"{name} has a schedule, but no defaults for its arguments: {needed}")
    try:
        next(CronSim(schedule, utc_now(), reverse=True))
    except (CronSimError, StopIteration) as error:
        rule = str(error) or "it is never due"
        raise ValueError(f"{name}: {schedule!r} is not a cron expression: {rule}") from error
