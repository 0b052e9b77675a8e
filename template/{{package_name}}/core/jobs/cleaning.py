# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Deletes what is no longer needed."""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, select

from ...settings import settings
from ..db import transaction
from .claims import MANY, locked
from .models import JobOnce, JobState
from .queue_sql import READ_COMMITTED
from .task import TABLE

ONCE_KEPT = timedelta(days=30)


async def clean(moment: datetime) -> None:
    """Delete finished jobs and keys of `once` that are older than they are kept.

    Args:
        moment: the database's time.
    """
    await purge(JobState.DONE, moment - timedelta(days=settings.jobs_keep_days))
    old = JobOnce.created_at < moment - ONCE_KEPT
    async with transaction(isolation_level=READ_COMMITTED) as session:
        keys = (await session.scalars(locked(select(JobOnce.key).where(old).limit(MANY)))).all()
        if keys:
            await session.execute(delete(JobOnce).where(JobOnce.key.in_(keys)))


async def purge(state: JobState, before: datetime) -> int:
    """Delete jobs that have ended with a state before a time; return their number."""
    old = and_(TABLE.c.state == state, TABLE.c.run_at < before, TABLE.c.finished_at < before)
    count = 0
    while True:
        async with transaction(isolation_level=READ_COMMITTED) as session:
            found = await session.scalars(locked(select(TABLE.c.id).where(old).limit(MANY)))
            ids = found.all()
            if ids:
                await session.execute(delete(TABLE).where(TABLE.c.id.in_(ids)))
        count += len(ids)
        if len(ids) < MANY:
            return count
