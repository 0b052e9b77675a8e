"""Measures a GET that needs a login, and what other requests notice of people who log in.

The floor looks up the hashed token and the row by hand, on PostgreSQL. The route that is measured is what
`startapp --access login` generates. Django looks up its session and the user, SQLModel the user that a JWT
names. All servers run one worker on one core; a client on another core sends requests. Figures are medians of
the repeats, and ratios are of the same repeat.
"""

import asyncio
import itertools
import json
import os
import random
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from statistics import median
from typing import NamedTuple

from sqlalchemy import URL

from tests.support.projects import Project, render
from tests.support.servers import Server
from tests.support.sql import execute

from . import generated, load, peers
from .databases import on_each
from .load import Request
from .report import Sample

INSIDE = Path(__file__).parent / "inside" / "auth.py"
FLOOR = "FastAPI, raw asyncpg, login"
PEERS = [name for name in peers.STACKS if "login by" in name]
ROWS = 1000
SECONDS = float(os.environ.get("SECONDS", "2"))
REPEATS = int(os.environ.get("REPEATS", "5"))
CONNECTIONS = 16
LOGINS_AT_ONCE = 4
WORDS = "seven purple rivers under the moon"


class Filled(NamedTuple):
    """What the database holds: tokens, keys and some addresses of users, and keys of products."""

    tokens: list[str]
    users: list[str]
    addresses: list[str]
    products: list[str]


def main() -> None:
    """Print the figures."""
    on_each(measure, "postgresql")


def measure(server: Server, folder: Path) -> None:
    """Print the figures on one database."""
    database = server.create_database()
    try:
        project = create(folder, server.driver, database)
        done = project.run(project.python, INSIDE, str(ROWS), WORDS)
        filled = Filled(**json.loads(done.stdout.splitlines()[-1]))
        with ExitStack() as running:
            stacks = [
                running.enter_context(peers.serve(name, project, database))
                for name in (peers.OURS, FLOOR, *PEERS)
            ]
            headers = {name: peers.log_in(name, database, filled.users) for name in PEERS}
            peers.pin(peers.CLIENT_CORE)
            asyncio.run(compare(stacks, filled, headers))
            asyncio.run(while_people_log_in(stacks[0], filled, database))
    finally:
        server.drop_database(database)


def create(folder: Path, driver: str, database: URL) -> Project:
    """Render a project with users, generate a resource that asks for a login, and migrate."""
    render(folder, driver=driver, example=False)
    generated.startapp(folder, "shop", "Product", "name:str=100", "price:int", "--access", "login")
    project = Project(folder, database=database, python=peers.python())
    project.manage("migrate")
    return project


async def compare(
    stacks: Sequence[peers.Stack], filled: Filled, headers: Mapping[str, Sequence[str]]
) -> None:
    """Print the CPU time of a GET of each stack.

    Args:
        stacks: the running servers.
        filled: the contents of the database.
        headers: of each user, for stacks with logins of another kind.
    """
    samples: dict[str, list[Sample]] = defaultdict(list)
    for repeat in range(REPEATS + 1):
        for stack in random.sample(list(stacks), len(stacks)):
            before = stack.processor_seconds()
            requests = reads(filled, headers.get(stack.name))
            done = await load.run(stack.port, requests, connections=CONNECTIONS, seconds=SECONDS)
            if repeat:  # the first is not counted
                spent = stack.processor_seconds() - before
                samples[stack.name].append(Sample.of(done, spent))
    print("| GET with a login | CPU | times the floor | p50 / p99 |\n|---|---|---|---|")
    for name, found in samples.items():
        ratios = [one.cpu / floor.cpu for one, floor in zip(found, samples[FLOOR], strict=True)]
        cpu, p50, p99 = (
            median(getattr(one, part) for one in found) for part in ("cpu", "p50", "p99")
        )
        print(f"| {name} | {cpu:.0f} µs | {median(ratios):.2f} | {p50:.1f} / {p99:.1f} ms |")


async def while_people_log_in(stack: peers.Stack, filled: Filled, database: URL) -> None:
    """Print the p99 of GETs alone, and while a hundred users log in."""
    found: dict[str, list[float]] = defaultdict(list)
    for _ in range(REPEATS):
        execute(database, "DELETE FROM auth_limit")  # or the network's limit would refuse
        alone = await load.run(stack.port, reads(filled), connections=1, seconds=SECONDS)
        logins = asyncio.create_task(
            load.run(stack.port, log_ins(filled), connections=LOGINS_AT_ONCE, seconds=60)
        )
        beside: list[float] = []
        while not logins.done():
            beside += (
                await load.run(stack.port, reads(filled), connections=1, seconds=0.2)
            ).latencies
        beside.sort()
        found["alone"].append(alone.quantile(0.99) * 1e3)
        found["beside"].append(beside[int(len(beside) * 0.99)] * 1e3)
    alone_p99, beside_p99 = median(found["alone"]), median(found["beside"])
    count = len(filled.addresses)
    print(f"\np99 of a GET: {alone_p99:.1f} ms alone, {beside_p99:.1f} ms during {count} logins")


def reads(filled: Filled, headers: Sequence[str] | None = None) -> Iterator[Request]:
    """Return endless requests of different users for different rows."""
    headers = headers or [f"Authorization: Bearer {token}" for token in filled.tokens]
    pairs = zip(itertools.cycle(headers), itertools.cycle(filled.products), strict=False)
    return (Request("GET", f"/api/products/{key}", headers=(header,)) for header, key in pairs)


def log_ins(filled: Filled) -> Iterator[Request]:
    """Return one login of each user."""
    return (
        Request(
            "POST",
            "/api/auth/login",
            json.dumps({"email": address, "password": WORDS, "bearer": True}).encode(),
        )
        for address in filled.addresses
    )
