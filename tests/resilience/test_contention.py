"""Many clients write the same rows at once, through several processes."""

import asyncio
import time
from collections import Counter
from collections.abc import Generator
from typing import Any
from uuid import uuid4

import pytest

from ..support.deep import scaled
from ..support.projects import Project, Service
from ..support.servers import Server
from ..support.sql import execute
from .bank import Bank, assert_exact
from .client import Answer, Connection, Request, send_all
from .served import assert_clean_end, assert_closed, database_of, with_settings

pytestmark = pytest.mark.full

WORKERS = scaled(usual=2, deep=8)
TRANSFERS = scaled(usual=300, deep=2000)
UPSERTS = scaled(usual=1000, deep=10_000)
ROWS = 50
EDITS = scaled(usual=30, deep=200)
PATIENT = {"DB_POOL_TIMEOUT": "60"}  # seconds, because many requests wait for a connection


@pytest.fixture(scope="module")
def service(database: Server, project: Project) -> Generator[Service]:
    with with_settings(project, PATIENT).serve("--workers", str(WORKERS)) as service:
        yield service
        assert_clean_end(service)
    assert_closed(database, project)


def test_concurrent_transfers_all_succeed_and_balances_are_exact(
    service: Service, project: Project
) -> None:
    bank = Bank(service, accounts=10)
    requests = [bank.transfer() for _ in range(TRANSFERS)]
    assert send(service, requests) == {201: TRANSFERS}
    assert bank.written(database_of(project)) == Counter(request.mark for request in requests)
    assert_exact(database_of(project), bank.owner)


def test_concurrent_upserts_all_succeed(service: Service, project: Project) -> None:
    service.log_in("--staff")
    prefix = f"upsert-{uuid4().hex[:8]}"
    requests = [
        Request(
            "PUT",
            f"/api/categories/{prefix}-{number % ROWS}",
            {"name": f"Written {number}"},
            authorization=service.authorization,
        )
        for number in range(UPSERTS)
    ]
    assert send(service, requests) == {200: UPSERTS}
    written = execute(
        database_of(project),
        "SELECT slug, name FROM categories WHERE slug LIKE :prefix",
        {"prefix": f"{prefix}-%"},
    )
    assert len(written) == ROWS
    asked = {
        (request.path.rpartition("/")[2], (request.body or {})["name"]) for request in requests
    }
    assert {(slug, name) for slug, name in written} <= asked


def test_no_concurrent_edit_is_lost(service: Service) -> None:
    """Each edit appends its number to the list that it read, so a lost one would be missing."""
    path = f"/api/posts/{new_post(service)}"
    answers = asyncio.run(edit_at_once(service, path))
    statuses = Counter(answer.status for answer in answers.values())
    print(f"{EDITS} edits: {statuses}")
    assert set(statuses) == {200, 409}
    made = {number: answer.json() for number, answer in answers.items() if answer.status == 200}
    order = sorted(made, key=lambda number: int(made[number]["version"]))
    assert [made[number]["version"] for number in order] == list(range(2, len(made) + 2))
    last = service.client.get(path).json()
    assert last == made[order[-1]]
    assert last["meta"] == {"edits": order}


def test_only_one_edit_of_a_version_succeeds(service: Service) -> None:
    path = f"/api/posts/{new_post(service)}"
    answers = asyncio.run(edit_at_once(service, path, version=1))
    assert Counter(answer.status for answer in answers.values()) == {200: 1, 409: EDITS - 1}
    assert service.client.get(path).json()["version"] == 2


def send(service: Service, requests: list[Request]) -> Counter[int]:
    """Send requests concurrently, and count the answers by status."""
    began = time.monotonic()
    answers = asyncio.run(send_all(service.address, requests, clients=32, within=60))
    statuses = Counter(answer.status for answer in answers)
    seconds = time.monotonic() - began
    print(f"{len(requests)} {requests[0].method} in {seconds:.1f} s by {WORKERS}: {statuses}")
    return statuses


def new_post(service: Service) -> str:
    """Create a post of the client's next user, and return its key."""
    service.log_in()
    draft: dict[str, Any] = {"title": "A draft", "body": "of many hands", "meta": {"edits": []}}
    return str(service.client.post("/api/posts", json=draft).json()["id"])


async def edit_at_once(
    service: Service, path: str, *, version: int | None = None
) -> dict[int, Answer]:
    """Edit a post by `EDITS` concurrent clients, and return each client's answer.

    Each client reads the post first. It sends the version that it read, or `version` if given.
    """
    answers: dict[int, Answer] = {}

    async def edit(number: int) -> None:
        async with Connection(service.address) as connection:
            read = (await connection.send(Request("GET", path), within=60)).json()
            changes = {
                "meta": {"edits": [*read["meta"]["edits"], number]},
                "version": version or read["version"],
            }
            request = Request("PATCH", path, changes, authorization=service.authorization)
            answers[number] = await connection.send(request, within=60)

    async with asyncio.TaskGroup() as group:
        for number in range(EDITS):
            group.create_task(edit(number))
    return answers
