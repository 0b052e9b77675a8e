"""Measures SAQ's jobs on Redis, and prints JSON.

    saq_jobs.py JOBS REPEATS URL

Its queue and worker have the defaults of https://saq-py.readthedocs.io/en/latest/getting_started.html.
"""

import asyncio
import json
import sys
import time
from statistics import median, quantiles
from typing import Any

from saq import Queue, Worker
from waiting import waiting

CONCURRENCY = 10
POLL = 0.005  # seconds between two looks whether all jobs have run

latencies: list[float] = []


async def note(context: Any, *, sent: float) -> None:
    latencies.append(time.time() - sent)


async def running(queue: Queue, jobs: int) -> float:
    """Return the jobs that a worker runs per second."""
    for _ in range(jobs):
        await queue.enqueue("note", sent=0.0)
    worker = Worker(queue, functions=[note], concurrency=CONCURRENCY)
    start = time.perf_counter()
    work = asyncio.create_task(worker.start())
    while await queue.count("incomplete"):
        await asyncio.sleep(POLL)
    rate = jobs / (time.perf_counter() - start)
    await worker.stop()
    await work
    return rate


async def main(jobs: int, repeats: int, url: str) -> None:
    queue = Queue.from_url(url)
    await queue.connect()
    rate = median([await running(queue, jobs) for _ in range(repeats)])
    worker = Worker(queue, functions=[note], concurrency=CONCURRENCY)
    work = asyncio.create_task(worker.start())
    found, idle = await waiting(
        lambda: queue.enqueue("note", sent=time.time()), latencies, jobs=200
    )
    await worker.stop()
    await work
    await queue.disconnect()
    latency = (median(found), quantiles(found, n=100)[98])
    print(json.dumps({"rate": rate, "latency": latency, "idle": idle}))


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))
