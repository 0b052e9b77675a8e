"""What all systems of jobs are measured by while their worker waits for jobs."""

import asyncio
import time
from collections.abc import Awaitable, Callable

IDLE = 10.0  # seconds
APART = 0.02  # seconds between two jobs whose latency is measured


async def waiting(
    enqueue: Callable[[], Awaitable[object]], latencies: list[float], jobs: int
) -> tuple[list[float], float]:
    """Return the seconds from commit to start of single jobs, and the CPU share of an idle worker.

    Args:
        enqueue: enqueues a job for a worker of this process.
        latencies: what the jobs append their latency to.
        jobs: their number.
    """
    await asyncio.sleep(2)
    used = time.process_time()
    await asyncio.sleep(IDLE)
    idle = (time.process_time() - used) / IDLE
    latencies.clear()
    for _ in range(jobs):
        await enqueue()
        await asyncio.sleep(APART)
    while len(latencies) < jobs:
        await asyncio.sleep(APART)
    return list(latencies), idle
