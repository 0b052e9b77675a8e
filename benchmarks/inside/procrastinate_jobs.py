"""Measures procrastinate's jobs on a rendered project's PostgreSQL, and prints JSON.

    procrastinate_jobs.py JOBS REPEATS

Its connector and worker are set up as https://procrastinate.readthedocs.io/en/stable/quickstart.html does.
"""

import asyncio
import json
import os
import sys
import time
from statistics import median, quantiles

from procrastinate import App, PsycopgConnector

CONCURRENCY = 10
IDLE = 10.0  # seconds
APART = 0.02  # seconds between two jobs whose latency is measured

url = os.environ["DATABASE_URL"].replace("+asyncpg", "")
app = App(connector=PsycopgConnector(conninfo=url))
latencies: list[float] = []


@app.task
async def note(sent: float) -> None:
    latencies.append(time.time() - sent)


async def running(jobs: int) -> float:
    """Return the jobs that a worker runs per second."""
    await note.batch_defer_async(*({"sent": 0.0} for _ in range(jobs)))
    start = time.perf_counter()
    await app.run_worker_async(wait=False, concurrency=CONCURRENCY, install_signal_handlers=False)
    return jobs / (time.perf_counter() - start)


async def waiting(jobs: int) -> tuple[list[float], float]:
    """Return the seconds from commit to start of single jobs, and the CPU share of an idle worker."""
    work = asyncio.create_task(
        app.run_worker_async(concurrency=CONCURRENCY, install_signal_handlers=False)
    )
    await asyncio.sleep(2)
    used = time.process_time()
    await asyncio.sleep(IDLE)
    idle = (time.process_time() - used) / IDLE
    latencies.clear()
    for _ in range(jobs):
        await note.defer_async(sent=time.time())
        await asyncio.sleep(APART)
    while len(latencies) < jobs:
        await asyncio.sleep(APART)
    work.cancel()
    await asyncio.gather(work, return_exceptions=True)
    return list(latencies), idle


async def main(jobs: int, repeats: int) -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        rate = median([await running(jobs) for _ in range(repeats)])
        found, idle = await waiting(200)
    latency = (median(found), quantiles(found, n=100)[98])
    print(json.dumps({"rate": rate, "latency": latency, "idle": idle}))


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
