# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What the queues hold, and changes by hand: `manage.py jobs` calls these functions."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, not_, or_, select

from ...settings import settings
from ..db import Duplicate, transaction
from ..jobs import InvalidArguments
from ..jobs.claims import ARGUMENTS, DUE, HELD, MANY, READY, WORKERS, set_values
from ..jobs.models import JobState
from ..jobs.queue_sql import READ_COMMITTED, now
from ..jobs.running import cancelled
from ..jobs.task import TABLE, import_tasks, registry

logger = logging.getLogger(__name__)
Row = dict[str, Any]
WAITING = (JobState.SCHEDULED, JobState.READY)
OLDEST = func.min(case((or_(READY, DUE), TABLE.c.run_at)))
LISTED = (
    *(TABLE.c.id, TABLE.c.task, TABLE.c.queue, (-TABLE.c.rank).label("priority")),
    *(TABLE.c.state, TABLE.c.attempts, TABLE.c.run_at),
)


@dataclass(frozen=True, kw_only=True)
class Filter:
    """Which jobs: those that meet all conditions."""

    ids: Sequence[UUID] = ()
    state: JobState | None = None
    task: str | None = None
    queue: str | None = None

    def conditions(self) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [TABLE.c.id.in_(self.ids)] if self.ids else []
        for column in (TABLE.c.state, TABLE.c.task, TABLE.c.queue):
            value = getattr(self, column.key)
            if value is not None:
                found.append(column == value)
        return found


async def find(wanted: Filter, limit: int) -> list[Row]:
    """The newest jobs, without what is long."""
    statement = select(*LISTED).where(*wanted.conditions()).order_by(TABLE.c.id.desc())
    return await rows(statement.limit(limit))


async def show(job: UUID) -> Row | None:
    """All columns of a job."""
    columns = (ARGUMENTS if each is TABLE.c.arguments else each for each in TABLE.c)
    found = await rows(select(*columns).where(TABLE.c.id == job))
    return found[0] if found else None


async def retry(wanted: Filter) -> int:
    """Make failed and cancelled jobs ready; return their number.

    A job of a unique task is left out while another job with the same key has not ended.
    """
    import_tasks(settings)
    over = TABLE.c.state.in_([JobState.FAILED, JobState.CANCELLED])
    new = {"state": JobState.READY, "attempts": 0, "run_at": now(), "finished_at": None}
    unique = TABLE.c.task.in_([task.name for task in registry.values() if task.unique])
    count = await change(wanted, and_(over, not_(unique)), new)
    columns = (TABLE.c.id, TABLE.c.task, ARGUMENTS)
    for job in await rows(select(*columns).where(over, unique, *wanted.conditions())):
        try:
            key = registry[job["task"]].key(job["arguments"])
            count += await change(Filter(ids=[job["id"]]), over, {**new, "unique_key": key})
        except (Duplicate, InvalidArguments) as error:
            logger.warning("job %s is not retried: %s", job["id"], error)
    return count


async def cancel(wanted: Filter) -> int:
    """Cancel jobs that have not ended; workers stop running ones soon. Return their number."""
    count = await change(wanted, TABLE.c.state.in_(WAITING), cancelled())
    running = TABLE.c.state == JobState.RUNNING  # also those that were taken meanwhile
    return count + await change(wanted, running, {"state": JobState.CANCELLING})


async def change(wanted: Filter, condition: ColumnElement[bool], values: Row) -> int:
    """Change jobs, at most 1,000 in a transaction: more could take too long, or block workers."""
    found = select(TABLE.c.id).where(condition, *wanted.conditions()).order_by(TABLE.c.id)
    found, after, count = found.limit(MANY).with_for_update(), list[ColumnElement[bool]](), 0
    while True:
        async with transaction(isolation_level=READ_COMMITTED) as session:
            keys = (await session.scalars(found.where(*after))).all()
            await set_values(session, keys, values)
        count, after = count + len(keys), [TABLE.c.id > key for key in keys[-1:]]
        if len(keys) < MANY:
            return count


async def stats() -> dict[str, list[Row]]:
    """The queues with their numbers of jobs by state, and the workers; ages in seconds."""
    counts = (func.count(case((TABLE.c.state == s, 1))).label(s.value) for s in JobState)
    times = (OLDEST.label("oldest"), now().label("now"))
    by_queue = select(TABLE.c.queue, *counts, *times).group_by(TABLE.c.queue)
    running = select(func.count()).select_from(TABLE).where(HELD, TABLE.c.worker_id == WORKERS.c.id)
    found = select(WORKERS, running.scalar_subquery().label("running"), now().label("now"))
    queues, workers = await rows(by_queue), await rows(found.order_by(WORKERS.c.id))
    for row in queues:
        row["oldest_ready"] = age(row.pop("now"), row.pop("oldest"))
    for row in workers:
        row["last_seen"] = age(row.pop("now"), row.pop("seen_at"))
    return {"queues": queues, "workers": workers}


def age(moment: Any, since: Any) -> float | None:
    """Seconds, to the millisecond."""
    return None if since is None else max(0.0, round((moment - since).total_seconds(), 3))


async def rows(statement: Any) -> list[Row]:
    async with transaction(read_only=True) as session:
        return [dict(row) for row in (await session.execute(statement)).mappings()]
