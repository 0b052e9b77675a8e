"""Runs inside a rendered project: measures its jobs in one process, and prints JSON.

jobs.py JOBS REPEATS
"""

import asyncio
import json
import sys
import time
from pathlib import Path
from statistics import median, quantiles

sys.path.insert(0, str(Path.cwd()))

from my_service.apps.errands.tasks import latencies, note
from my_service.core.db import dispose_engine, transaction, utc_now
from my_service.core.jobs.models import JobState, QueuedJob
from my_service.core.jobs.task import TABLE
from my_service.core.jobs.worker import Worker
from sqlalchemy import delete, insert
from waiting import waiting

CONCURRENCY = 10
INSERT = insert(TABLE)
WARM_UP = 50  # rows


async def enqueuing(jobs: int) -> float:
    """Return the time to enqueue jobs in an open unit, as a ratio to inserts of the same rows.

    Both take turns.
    """
    enqueues, inserts = 0.0, 0.0
    async with transaction() as session:
        for number in range(WARM_UP + jobs):
            start = time.perf_counter()
            await note.enqueue(session, 0.0)
            middle = time.perf_counter()
            now = utc_now()
            row = {
                "id": QueuedJob().id,
                "task": note.name,
                "arguments": {"sent": 0.0},
                "queue": "default",
                "rank": 0,
                "state": JobState.READY,
                "created_at": now,
                "run_at": now,
            }
            await session.execute(INSERT, row)
            end = time.perf_counter()
            if number >= WARM_UP:
                enqueues += middle - start
                inserts += end - middle
        await session.execute(delete(TABLE))
    return enqueues / inserts


async def running(jobs: int) -> float:
    """Return the jobs that a worker runs per second."""
    async with transaction() as session:
        for _ in range(jobs):
            await note.enqueue(session, 0.0)
    start = time.perf_counter()
    await Worker(concurrency=CONCURRENCY, once=True).run()
    return jobs / (time.perf_counter() - start)


async def enqueue() -> None:
    async with transaction() as session:
        await note.enqueue(session, time.time())


async def main(jobs: int, repeats: int) -> None:
    try:
        ratio = median([await enqueuing(jobs // 4) for _ in range(repeats)])
        rate = median([await running(jobs) for _ in range(repeats)])
        worker = Worker(concurrency=CONCURRENCY)
        work = asyncio.create_task(worker.run())
        found, idle = await waiting(enqueue, latencies, jobs=200)
        worker.stop()
        await work
    finally:
        await dispose_engine()
    latency = (median(found), quantiles(found, n=100)[98])
    print(json.dumps({"ratio": ratio, "rate": rate, "latency": latency, "idle": idle}))


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
