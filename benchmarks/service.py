"""Measures what a request costs, compared with peers that have the same table, JSON and durability.

All servers run at once, with one worker each, on one core. A client on another core sends requests to
each in turn. A figure is the median of the repeats, with its range; a ratio is the median of the ratios to
the floor in the same repeat. The environment variables SECONDS and REPEATS set the duration; RELEASE=0.2.0 adds a
project of that release.
"""

import asyncio
import itertools
import json
import os
import random
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx
from copier import run_copy
from sqlalchemy import URL

from tests.support.projects import Project, render
from tests.support.servers import Server
from tests.support.sql import execute
from tests.updates.history import template as template_with_releases

from . import history, load, peers, report
from .databases import on_each
from .load import Request
from .report import Figure, Sample

INSIDE = Path(__file__).parent / "inside" / "users.py"
ROWS = int(os.environ.get("ROWS", "10_000"))
SECONDS = float(os.environ.get("SECONDS", "2"))
REPEATS = int(os.environ.get("REPEATS", "5"))
RELEASE = os.environ.get("RELEASE", "")
CHOSEN = list(filter(None, os.environ.get("STACKS", "").split(";")))
CONNECTIONS = 16
OPERATIONS = ("GET", "list of 50", "POST", "PATCH")


def main() -> None:
    """Print a Markdown table for each database, and write docs/benchmarks.md and the history.

    A comparison with another release, or of chosen stacks, is only printed.
    """
    tables: dict[str, report.Table] = {}

    def show(server: Server, folder: Path) -> None:
        tables[server.name] = measure(server, folder)
        print(report.markdown(tables[server.name]), flush=True)

    on_each(show, "postgresql", "sqlite", "mariadb")
    if not (RELEASE or CHOSEN):
        report.write(tables)
        history.record(tables, peers.OURS)


def measure(server: Server, folder: Path) -> report.Table:
    """Return the figures of all stacks on a database."""
    database = server.create_database()
    try:
        project = Project(
            render(folder, driver=server.driver), database=database, python=peers.python()
        )
        project.manage("migrate")
        keys = json.loads(project.run(project.python, INSIDE, str(ROWS)).stdout)
        projects = {peers.OURS: project}
        if RELEASE:
            projects[f"{peers.OURS} {RELEASE}"] = older(project, server, database)
        names = [
            name
            for name in (*projects, *peers.ON[server.name])
            if name in projects or not CHOSEN or name in CHOSEN
        ]
        with ExitStack() as running:
            stacks = [
                running.enter_context(peers.serve(name, projects.get(name, project), database))
                for name in names
            ]
            compare_answers(stacks, keys[0])
            peers.pin(peers.CLIENT_CORE)
            samples = asyncio.run(take_turns(stacks, keys, server, database))
        return report.Table(
            f"{server.kind.title} {server.version()}",
            peers.FLOOR[server.name],
            OPERATIONS,
            {name: {of: Figure(samples[name, of]) for of in OPERATIONS} for name in names},
        )
    finally:
        server.drop_database(database)


def older(project: Project, server: Server, database: URL) -> Project:
    """Render a project of an older release beside another."""
    root = project.root.with_name(f"{project.root.name}-{RELEASE}")
    template, tag = str(template_with_releases()), f"v{RELEASE}"
    answers = {"driver": server.driver}
    run_copy(template, root, data=answers, vcs_ref=tag, defaults=True, quiet=True)
    return Project(root, database=database, python=peers.python())


async def take_turns(
    stacks: Sequence[peers.Stack], keys: Sequence[str], server: Server, database: Any
) -> dict[tuple[str, str], list[Sample]]:
    """Measure each operation of each stack in every repeat, in random order."""
    samples: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for repeat in range(REPEATS + 1):
        for operation in OPERATIONS:
            for stack in random.sample(list(stacks), len(stacks)):
                requests = requests_of(operation, keys)
                seconds = SECONDS if repeat else 0.5  # the first repeat is a warm-up
                before = stack.processor_seconds()
                done = await load.run(
                    stack.port, requests, connections=CONNECTIONS, seconds=seconds
                )
                spent = stack.processor_seconds() - before
                if repeat:
                    samples[stack.name, operation].append(Sample.of(done, spent))
            if operation == "POST":  # so that the table has the same size in every repeat
                execute(database, "DELETE FROM users WHERE username LIKE 'new-%'")
                if server.name == "postgresql":
                    execute(database, "VACUUM ANALYZE users")
    return samples


def requests_of(operation: str, keys: Sequence[str]) -> Iterator[Request]:
    """Return endless requests for an operation."""
    if operation == "GET":
        return itertools.cycle([Request("GET", f"/api/users/{key}") for key in keys])
    if operation == "list of 50":
        return itertools.cycle(
            [Request("GET", f"/api/users?page={page}&per_page=50") for page in range(1, 11)]
        )
    if operation == "PATCH":
        return (
            Request("PATCH", f"/api/users/{key}", b'{"full_name": "Number %d"}' % number)
            for number, key in enumerate(itertools.cycle(keys))
        )
    return (create(number) for number in itertools.count(random.getrandbits(60)))


def create(number: int) -> Request:
    """Return the request that creates a user."""
    return Request("POST", "/api/users", json.dumps(new_user(number)).encode(), status=201)


def new_user(number: int) -> dict[str, str]:
    """Return the JSON that creates a user."""
    name = f"new-{number}"
    return {"email": f"{name}@example.com", "username": name, "full_name": "New"}


def compare_answers(stacks: Sequence[peers.Stack], key: str) -> None:
    """Check that all stacks give the same answers.

    Raises:
        AssertionError: a stack gives another answer than the first.
    """
    answers: dict[str, Any] = {}
    for stack in stacks:
        address = f"http://127.0.0.1:{stack.port}/api/users"
        with httpx.Client(trust_env=False) as client:
            created = client.post(address, json=new_user(random.getrandbits(60)))
            assert created.status_code == 201, f"{stack.name}: {created.text}"
            named = {"full_name": "the same"}
            changed = client.patch(f"{address}/{key}", json=named)
            listed = client.get(address, params={"page": 2, "per_page": 50})
            read = client.get(f"{address}/{key}")
        assert read.json() == changed.json(), f"{stack.name}: {changed.text}"
        shown = read.json(object_hook=with_times) | {"updated_at": None}
        items = listed.json(object_hook=with_times)["items"]
        answers[stack.name] = (shown, items, created.json().keys())
    first = answers[stacks[0].name]
    for name, answer in answers.items():
        assert answer == first, f"{name} answers {answer}, {stacks[0].name} {first}"


def with_times(members: dict[str, Any]) -> dict[str, Any]:
    """Parse the times of a JSON object; for `object_hook`."""
    return {
        name: instant(member) if name.endswith("_at") else member
        for name, member in members.items()
    }


def instant(text: str) -> datetime:
    """Parse a time, which stacks spell differently, and drop its microseconds.

    django-ninja returns milliseconds only.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)
