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
from waiting import waiting

CONCURRENCY = 10

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


async def main(jobs: int, repeats: int) -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        rate = median([await running(jobs) for _ in range(repeats)])
        work = asyncio.create_task(
            app.run_worker_async(concurrency=CONCURRENCY, install_signal_handlers=False)
        )
        found, idle = await waiting(lambda: note.defer_async(sent=time.time()), latencies, jobs=200)
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
    latency = (median(found), quantiles(found, n=100)[98])
    print(json.dumps({"rate": rate, "latency": latency, "idle": idle}))


asyncio.run(main(int(sys.argv[1]), int(sys.argv[2])))
