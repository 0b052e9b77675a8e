# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Recurring tasks: each due time is enqueued once, however many workers run."""

import logging
from datetime import datetime, timedelta
from typing import Any, cast

from cronsim import CronSim
from sqlalchemy import Table, delete, insert, select
from sqlalchemy.exc import DBAPIError

from ..db import DatabaseError, Duplicate, transaction
from .models import JobSchedule
from .queue_sql import READ_COMMITTED
from .task import Task, registry

TABLE = cast("Table", JobSchedule.__table__)
KEPT = timedelta(days=7)  # due times that a clock set back does not repeat

logger = logging.getLogger(__name__)


class Schedule:
    """The recurring tasks, and the due times that this process has seen to."""

    def __init__(self) -> None:
        self._seen: dict[str, datetime] = {}

    async def enqueue(self, moment: datetime) -> int:
        """Enqueue the tasks that are due, of missed times only the last; return how many jobs."""
        count = 0
        after = moment + timedelta(microseconds=1)
        for task in registry.values():
            if task.schedule is None:
                continue
            due = next(CronSim(task.schedule, after, reverse=True))
            if self._seen.get(task.name) != due:
                try:
                    count += await enqueue(task, due, moment)
                except Exception as error:
                    if isinstance(error, DatabaseError | DBAPIError):
                        raise  # not of the task's defaults, or its function `unique`
                    logger.exception("%s is not enqueued when it is due", task.name)
                self._seen[task.name] = due
        return count


async def enqueue(task: Task[..., Any], due: datetime, moment: datetime) -> int:
    """Enqueue a task for a due time, unless that is done already; return the number of jobs.

    The row of a due time is unique, and committed with its job. The first row of a new task comes
    without a job: the task was deployed after that time.
    """
    mine = TABLE.c.task == task.name
    try:
        async with transaction(isolation_level=READ_COMMITTED) as session:
            since = TABLE.c.run_at.between(due, moment)  # later ones are of another schedule
            if await session.scalar(select(TABLE.c.task).where(mine, since).limit(1)):
                return 0
            is_known = await session.scalar(select(TABLE.c.task).where(mine).limit(1))
            await session.execute(insert(TABLE), {"task": task.name, "run_at": due})
            await session.execute(delete(TABLE).where(mine, TABLE.c.run_at < due - KEPT))
            if is_known:
                await task.enqueue(session)
    except Duplicate:  # another worker was faster
        return 0
    return 1 if is_known else 0
