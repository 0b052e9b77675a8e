"""Measures what a request costs, compared with peers that have the same table, JSON and durability.

It measures what `startapp` generates, in a project without the example, so without logins. All servers
run at once, with one worker each, on one core. A client on another core sends requests to each in turn. A
figure is the median of the repeats, with its range; a ratio is the median of the ratios to the floor in the
same repeat. The environment variables SECONDS and REPEATS set the duration; RELEASE=0.2.0 adds what that
release generates.
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
from uuid import UUID

import httpx
from sqlalchemy import URL

from tests.support.projects import Project
from tests.support.servers import Server
from tests.support.sql import execute

from . import generated, history, load, peers, report
from .databases import on_each
from .load import Request
from .report import Figure, Sample

ROWS = int(os.environ.get("ROWS", "10_000"))
SECONDS = float(os.environ.get("SECONDS", "2"))
REPEATS = int(os.environ.get("REPEATS", "5"))
RELEASE = os.environ.get("RELEASE", "")
CHOSEN = list(filter(None, os.environ.get("STACKS", "").split(";")))
CONNECTIONS = 16
OPERATIONS = ("GET", "list of 50", "POST", "PATCH", "DELETE")
WARM_UP = 0.5  # seconds
# Rows that exist only while they are deleted: more than a server can delete in a turn.
SPARE = int(max(SECONDS, WARM_UP) * 10_000)


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
        project = generated.create(folder, server.driver, database)
        spare = set_aside(project, database)
        keys = generated.fill(project, ROWS)
        projects = {peers.OURS: project}
        if RELEASE:
            projects[f"{peers.OURS} {RELEASE}"] = generated.create_older(
                folder.with_name(f"{folder.name}-{RELEASE}"), server.driver, database, RELEASE
            )
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
            samples = asyncio.run(take_turns(stacks, keys, spare, database))
        return report.Table(
            f"{server.kind.title} {server.version()}",
            peers.FLOOR[server.name],
            OPERATIONS,
            {name: {of: Figure(samples[name, of]) for of in OPERATIONS} for name in names},
        )
    finally:
        server.drop_database(database)


def set_aside(project: Project, database: URL) -> list[str]:
    """Create the table `spare`, with users that can be deleted, and return their keys."""
    generated.fill(project, SPARE, "spare")
    execute(database, "CREATE TABLE spare AS SELECT * FROM users")
    execute(database, "DELETE FROM users")
    return [str(UUID(str(key))) for (key,) in execute(database, "SELECT id FROM spare")]


async def take_turns(
    stacks: Sequence[peers.Stack], keys: Sequence[str], spare: Sequence[str], database: URL
) -> dict[tuple[str, str], list[Sample]]:
    """Measure each operation of each stack in every repeat, in random order."""
    samples: dict[tuple[str, str], list[Sample]] = defaultdict(list)
    for repeat in range(REPEATS + 1):
        for operation in OPERATIONS:
            for stack in random.sample(list(stacks), len(stacks)):
                if operation == "DELETE":
                    execute(database, "INSERT INTO users SELECT * FROM spare")
                requests = requests_of(operation, spare if operation == "DELETE" else keys)
                seconds = SECONDS if repeat else WARM_UP  # the first repeat is not counted
                before = stack.processor_seconds()
                done = await load.run(
                    stack.port, requests, connections=CONNECTIONS, seconds=seconds
                )
                spent = stack.processor_seconds() - before
                if repeat:
                    samples[stack.name, operation].append(Sample.of(done, spent))
                if operation in ("POST", "DELETE"):
                    restore(database)
    return samples


def restore(database: URL) -> None:
    """Delete created and spare users, so that the table has the same size in every turn."""
    execute(database, "DELETE FROM users WHERE username NOT LIKE 'user%'")
    if database.get_backend_name() == "postgresql":
        execute(database, "VACUUM ANALYZE users")


def requests_of(operation: str, keys: Sequence[str]) -> Iterator[Request]:
    """Return endless requests for an operation; for DELETE, one for each key."""
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
    if operation == "DELETE":
        return (Request("DELETE", f"/api/users/{key}", status=204) for key in keys)
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
            made = f"{address}/{created.json()['id']}"
            deleted = client.delete(made)
            assert deleted.status_code == 204, f"{stack.name}: {deleted.text}"
            assert client.get(made).status_code == 404, f"{stack.name} did not delete {made}"
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

    Django's JSON encoder writes milliseconds only.
    """
    moment = datetime.fromisoformat(text)
    return moment.replace(microsecond=moment.microsecond // 1_000 * 1_000)
