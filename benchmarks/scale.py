"""Measures how a service's start, memory and requests change with rows, connections and workers.

It runs what `startapp` generates, on PostgreSQL. Figures are the server's CPU time per request in µs, requests
per second, and latencies in ms, as medians of the repeats. Compared figures come from one run.
"""

import asyncio
import os
import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from statistics import median

from sqlalchemy import URL

from tests.support.projects import Project
from tests.support.servers import Server

from . import generated, load, peers
from .databases import on_each
from .report import Sample
from .service import requests_of

OPERATIONS = ("GET", "list of 50")
ROWS = (10_000, 1_000_000)
CONNECTIONS = (1, 16, 64, 256)
WORKERS = (1, 2)
SECONDS = float(os.environ.get("SECONDS", "2"))
REPEATS = int(os.environ.get("REPEATS", "5"))
MEBIBYTE = 2**20


def main() -> None:
    """Print Markdown tables."""
    for rows in ROWS:
        on_each(partial(measure, rows), "postgresql")


def measure(rows: int, server: Server, folder: Path) -> None:
    """Print the figures for a table of this size."""
    database = server.create_database()
    try:
        project = generated.create(folder, server.driver, database)
        keys = generated.fill(project, rows)
        print(f"\n{server.kind.title} {server.version()}, {rows:,} users\n")
        print("| workers | connections | operation | CPU µs | requests/s | p50 | p99 |")
        print("|---|---|---|---|---|---|---|", flush=True)
        for workers in WORKERS:
            serve(project, database, keys, workers)
    finally:
        server.drop_database(database)


def serve(project: Project, database: URL, keys: Sequence[str], workers: int) -> None:
    """Print the lines for this number of workers."""
    began = time.perf_counter()
    with peers.serve(peers.OURS, project, database, workers=workers) as stack:
        started = time.perf_counter() - began
        for connections in CONNECTIONS:
            for operation in OPERATIONS:
                samples = [
                    asyncio.run(ask(stack, operation, keys, connections)) for _ in range(REPEATS)
                ]
                cpu, rate, p50, p99 = (median(column) for column in zip(*samples, strict=True))
                print(
                    f"| {workers} | {connections} | {operation} | {cpu:.0f} | {rate:,.0f} "
                    f"| {p50:.1f} | {p99:.1f} |",
                    flush=True,
                )
        memory = stack.memory() / MEBIBYTE
    print(
        f"| {workers} | | first answer after {started:.2f} s, {memory:.0f} MiB per worker | | | | |"
    )


async def ask(stack: peers.Stack, operation: str, keys: Sequence[str], connections: int) -> Sample:
    """Request an operation repeatedly; return its cost, summed over all processes."""
    requests = requests_of(operation, keys)
    before = stack.processor_seconds()
    done = await load.run(stack.port, requests, connections=connections, seconds=SECONDS)
    return Sample.of(done, stack.processor_seconds() - before)
