# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Runs jobs in tests."""

import asyncio
from contextvars import Context

from ...settings import settings
from . import claims
from .running import failed, run, succeeded
from .task import import_tasks


async def run_jobs() -> int:
    """Run what is due, and the jobs that this enqueues, one after the other.

    For tests: jobs run as in a worker, each in its own task, on the test's transaction.

    Returns:
        The number of jobs that have run.

    Raises:
        Exception: whatever a job raises. It is retried later or has failed, as in a worker.
    """
    import_tasks(settings)
    worker = await claims.register("run_jobs", [], 1)
    count = 0
    try:
        await claims.promote()
        while (taken := await claims.take(worker, (await claims.look()).queues, 1))[0]:
            [job] = taken[0]
            count += 1
            try:
                result = await asyncio.create_task(run(job), context=Context())
            except Exception as error:
                await claims.record(job.id, worker, failed(job, error))
                raise
            await claims.record(job.id, worker, succeeded(result))
            await claims.promote()
    finally:
        await claims.leave(worker)
    return count
