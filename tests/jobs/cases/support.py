"""What the cases read and run."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import delete, select, update

from my_service.apps.errands.models import Effect
from my_service.core.db import transaction
from my_service.core.jobs import Job, JobState, Task
from my_service.core.jobs.models import JobWorker, QueuedJob
from my_service.core.jobs.worker import Worker


async def jobs() -> list[QueuedJob]:
    """All stored jobs, in the order in which they were enqueued."""
    async with transaction(read_only=True) as session:
        return list(await session.scalars(select(QueuedJob).order_by(QueuedJob.id)))


async def states() -> list[JobState]:
    return [job.state for job in await jobs()]


async def nothing_is_left() -> bool:
    return await jobs() == []


async def effects(kind: str) -> list[int]:
    async with transaction(read_only=True) as session:
        found = select(Effect.number).where(Effect.kind == kind).order_by(Effect.number)
        return list(await session.scalars(found))


async def enqueue(task: Task[..., Any], *args: object) -> Job:
    async with transaction() as session:
        return await task.enqueue(session, *args)


async def take_leases() -> None:
    """End all leases, and return the running jobs to the queue, as another worker does."""
    async with transaction() as session:
        await session.execute(delete(JobWorker))
        values = {"state": JobState.READY, "worker_id": None}
        await session.execute(update(QueuedJob).values(values))


async def drain(concurrency: int = 5) -> None:
    """Run a worker until no job is ready."""
    async with asyncio.timeout(30):
        await Worker(concurrency=concurrency, once=True).run()


@asynccontextmanager
async def working(concurrency: int = 5) -> AsyncGenerator[Worker]:
    """Run a worker during the block."""
    worker = Worker(concurrency=concurrency)
    running = asyncio.create_task(worker.run())
    try:
        yield worker
    finally:
        worker.stop()
        worker.stop()
        async with asyncio.timeout(30):
            await running


async def until(condition: Callable[[], bool | Awaitable[bool]]) -> None:
    """Wait until a condition holds.

    Raises:
        TimeoutError: it does not within about 30 seconds.
    """
    for _ in range(3000):
        holds = condition()
        if holds if isinstance(holds, bool) else await holds:
            return
        await asyncio.sleep(0.01)
    raise TimeoutError
