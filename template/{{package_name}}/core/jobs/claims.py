# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Which worker runs which job: taken, given back, and recovered when a worker is lost."""

import json
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import ceil
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Dialect,
    Select,
    Table,
    Text,
    TypeDecorator,
    and_,
    bindparam,
    delete,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy import cast as sql_cast
from sqlalchemy.ext.asyncio import AsyncSession

from ..db import prepare_delete, prepare_update, transaction
from ..db.driver.upsert import upsert
from .models import JobQueue, JobState, JobWorker, QueuedJob
from .queue_sql import READ_COMMITTED, distinct, now
from .running import RunningJob, Values, cancelled, failed
from .task import TABLE, queues


class Document(TypeDecorator[Any]):
    """The text of a JSON document. What Python cannot decode fails its job, not the worker."""

    impl = Text
    cache_ok = True

    def process_result_value(self, value: Any, dialect: Dialect) -> Any:
        with suppress(ValueError, RecursionError):
            return json.loads(value)
        return value


QUEUES = cast("Table", JobQueue.__table__)
ADD_QUEUE = upsert(QUEUES, by=[QUEUES.c.name], update={})
WORKERS = cast("Table", JobWorker.__table__)
ARGUMENTS = sql_cast(TABLE.c.arguments, Document()).label("arguments")
JOB = (TABLE.c.id, TABLE.c.task, ARGUMENTS, TABLE.c.attempts)
HELD = TABLE.c.state.in_([JobState.RUNNING, JobState.CANCELLING])
READY = TABLE.c.state == JobState.READY
DUE = and_(TABLE.c.state == JobState.SCHEDULED, TABLE.c.run_at <= now())
MANY = 1000  # rows that one transaction changes
HEX = re.compile(r"(-*[0-9A-Fa-f]){32}")
Statement = TypeVar("Statement", bound=Select[*tuple[Any, ...]])


@dataclass(frozen=True, slots=True)
class Key:
    """What a prepared update returns."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Look:
    """The database's time, whether a scheduled job is due, and the queues with a ready job."""

    moment: datetime
    is_due: bool
    queues: list[str]


MINE = QueuedJob.worker_id == bindparam("worker")
change = prepare_update(QueuedJob, Key, MINE)
remove = prepare_delete(QueuedJob, MINE)


async def record(job: UUID, worker: UUID, values: Values | None) -> None:
    """Write what has become of a job; None deletes it.

    Raises:
        NotFound, StaleData: the job belongs to another worker by now.
    """
    if values is None:
        await remove.one(job, worker=worker)
        return
    if values["state"] is not JobState.SCHEDULED:
        await change.one(job, values, worker=worker)
        return
    async with transaction(isolation_level=READ_COMMITTED) as session:  # unless it was cancelled
        mine = and_(TABLE.c.id == job, TABLE.c.worker_id == worker)
        await release(session, mine, lambda found: values)


async def look() -> Look:
    async with transaction(read_only=True) as session:
        is_due = exists(select(TABLE.c.id).where(DUE))
        moment, found = (await session.execute(select(now(), is_due))).one()
        ready = await session.scalars(distinct(TABLE.c.queue, READY))
        return Look(moment, bool(found), list(ready))


async def promote() -> None:
    """Make scheduled jobs ready when they are due, at most 1,000 at once."""
    async with transaction(isolation_level=READ_COMMITTED) as session:
        found = await session.scalars(locked(select(TABLE.c.id).where(DUE).limit(MANY)))
        await set_values(session, found.all(), {"state": JobState.READY})


async def take(worker: UUID, names: Sequence[str], most: int) -> tuple[list[RunningJob], list[str]]:
    """Take ready jobs of queues; return them, and the names of the queues that may have more.

    Each queue gets its share, so that a full one does not starve the others.
    """
    taken: list[RunningJob] = []
    more: list[str] = []
    async with transaction(isolation_level=READ_COMMITTED) as session:
        for place, name in enumerate(names):
            share = ceil((most - len(taken)) / (len(names) - place))
            found: list[RunningJob] = []
            if name in queues and share:
                share = min(share, await room(session, name))
            if share > 0:
                ready = select(*JOB).where(READY, TABLE.c.queue == name)
                ready = ready.order_by(TABLE.c.rank, TABLE.c.id).limit(share)
                found = [RunningJob(*row) for row in await session.execute(locked(ready))]
            if len(found) == share:
                more.append(name)
            taken += found
        values = {"state": JobState.RUNNING, "worker_id": worker, "started_at": now()}
        attempt = {"attempts": TABLE.c.attempts + 1}
        await set_values(session, [job.id for job in taken], {**values, **attempt})
    return [replace(job, attempts=job.attempts + 1) for job in taken], more


async def room(session: AsyncSession, name: str) -> int:
    """How many more jobs of a queue may run; none while another worker takes some of it."""
    if await session.scalar(locked(select(QUEUES.c.name).where(QUEUES.c.name == name))) is None:
        return 0
    running = await session.scalars(select(TABLE.c.id).where(HELD, TABLE.c.queue == name))
    return queues[name].concurrency - len(running.all())


async def register(name: str, names: Sequence[str], concurrency: int) -> UUID:
    """Store a worker, and the queues with a limit; return the worker's key."""
    worker = JobWorker(name=name, queues=", ".join(names), concurrency=concurrency)
    async with transaction() as session:
        worker.started_at = worker.seen_at = (await session.execute(select(now()))).scalar_one()
        session.add(worker)
        if queues:
            await session.execute(ADD_QUEUE, [{"name": queue} for queue in sorted(queues)])
    return worker.id


async def beat(worker: UUID) -> dict[UUID, JobState] | None:
    """Extend a worker's lease. Return its jobs with their states; None: the lease is lost."""
    seen = update(WORKERS).where(WORKERS.c.id == worker).values(seen_at=now())
    mine = select(TABLE.c.id, TABLE.c.state).where(HELD, TABLE.c.worker_id == worker)
    async with transaction(isolation_level=READ_COMMITTED) as session:
        result: Any = await session.execute(seen)
        return dict((await session.execute(mine)).all()) if result.rowcount else None


async def give_back(worker: UUID, jobs: Sequence[UUID]) -> None:
    """Return a worker's jobs to the queue as if they had not been started."""
    async with transaction(isolation_level=READ_COMMITTED) as session:
        mine = and_(TABLE.c.worker_id == worker, TABLE.c.id.in_(jobs))
        await release(session, mine, not_started)


async def leave(worker: UUID) -> None:
    """Return all jobs of a worker that ends, and delete the worker."""
    async with transaction(isolation_level=READ_COMMITTED) as session:
        await release(session, TABLE.c.worker_id == worker, not_started)
        await session.execute(delete(WORKERS).where(WORKERS.c.id == worker))


async def recover(moment: datetime, lease: float) -> None:
    """Return the jobs of workers to the queue that were not seen for `lease` seconds."""
    silent = WORKERS.c.seen_at < moment - timedelta(seconds=lease)
    nobodys = TABLE.c.worker_id.is_(None)  # written by hand
    deleted = TABLE.c.worker_id.not_in(select(WORKERS.c.id))  # while the worker took a job
    async with transaction(isolation_level=READ_COMMITTED) as session:
        workers = [*await session.scalars(locked(select(WORKERS.c.id).where(silent)))]
        lost = select(TABLE.c.worker_id).where(HELD, or_(nobodys, deleted)).distinct()
        workers += await session.scalars(lost)
        if workers:
            await release(session, or_(nobodys, TABLE.c.worker_id.in_(workers)), failed)
            await session.execute(delete(WORKERS).where(WORKERS.c.id.in_(workers)))


async def release(
    session: AsyncSession, chosen: ColumnElement[bool], outcome: Callable[[RunningJob], Values]
) -> None:
    held = select(*JOB, TABLE.c.state).where(HELD, chosen).with_for_update()
    for *job, state in (await session.execute(held)).all():
        values = cancelled() if state is JobState.CANCELLING else outcome(RunningJob(*job))
        if isinstance(pause := values.get("run_at"), timedelta):
            moment = (await session.execute(select(now()))).scalar_one()
            values = {**values, "run_at": moment + pause}
        await set_values(session, [job[0]], values)


def not_started(job: RunningJob) -> Values:
    return {"state": JobState.READY, "worker_id": None, "attempts": job.attempts - 1}


def locked(statement: Statement) -> Statement:
    """Lock the rows, and leave out those that another transaction has locked."""
    return statement.with_for_update(skip_locked=True)


async def renew_ids() -> bool:
    """Where ids are text: replace those that are not UUIDs, written by hand. False without one."""
    text = sql_cast(TABLE.c.id, Text)
    async with transaction(isolation_level=READ_COMMITTED) as session:
        wrong = [id for id in await session.scalars(select(text)) if not HEX.fullmatch(id)]
        for id in wrong:
            await session.execute(update(TABLE).where(text == id).values(id=QueuedJob().id))
    return bool(wrong)


async def set_values(session: AsyncSession, jobs: Sequence[UUID], values: Values) -> None:
    """Set columns of jobs. Where ids are text, rows written by hand may have another form."""
    if not jobs:
        return
    changed: Any = await session.execute(update(TABLE).where(TABLE.c.id.in_(jobs)).values(values))
    for job in jobs if changed.rowcount < len(jobs) else ():
        forms = [str(job), str(job).upper(), job.hex.upper()]
        by_form = update(TABLE).where(sql_cast(TABLE.c.id, Text).in_(forms))
        await session.execute(by_form.values(id=job, **values))
