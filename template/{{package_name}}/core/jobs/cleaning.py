# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Deletes what is no longer needed."""

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, delete, inspect, select

from ...settings import settings
from ..db import Base, transaction
from .claims import MANY, locked
from .models import JobOnce, JobState, QueuedJob
from .queue_sql import READ_COMMITTED
from .task import TABLE

ONCE_KEPT = timedelta(days=30)


async def clean(moment: datetime) -> None:
    """Delete finished jobs and keys of `once` that are older than they are kept."""
    await purge(JobState.DONE, moment - timedelta(days=settings.jobs_keep_days))
    await delete_old(JobOnce, JobOnce.created_at < moment - ONCE_KEPT)


async def purge(state: JobState, before: datetime) -> int:
    """Delete jobs that have ended with a state before a time; return their number."""
    old = and_(TABLE.c.state == state, TABLE.c.finished_at < before)
    if state is JobState.DONE:  # found by the index; one that was cancelled may be due later
        old &= TABLE.c.run_at < before
    return await delete_old(QueuedJob, old)


async def delete_old(model: type[Base], old: ColumnElement[bool]) -> int:
    """Delete the rows of a model that meet a condition; return their number."""
    [key] = inspect(model).primary_key
    count, found = 0, MANY
    while found == MANY:  # many rows take several transactions
        async with transaction(isolation_level=READ_COMMITTED) as session:
            keys = (await session.scalars(locked(select(key).where(old).limit(MANY)))).all()
            found = len(keys)
            if keys:
                await session.execute(delete(model).where(key.in_(keys)))
        count += found
    return count
