"""Every third COMMIT ends in a conflict, or without an answer: requests with keys happen once."""

import asyncio
from collections import Counter
from collections.abc import Generator
from dataclasses import replace
from typing import Literal

import pytest

from ..conftest import NETWORKED
from ..support.deep import DEEP, scaled
from ..support.projects import Project
from ..support.proxy import CommitProxy
from ..support.servers import Server
from ..support.sql import execute
from .bank import money
from .client import Answer, Connection, NoAnswer, Request
from .served import assert_clean_end, database_of, migrated, with_settings

pytestmark = pytest.mark.full

CREATES = scaled(usual=50, deep=1000)  # of each kind
CLIENTS = 8
SERVERS = NETWORKED if DEEP else [it for it in NETWORKED if it.values == ("postgresql",)]
# A route with a unit of work, and one whose write is a prepared statement.
ROUTERS = {"blog/routes/posts.py": "retry=3", "ledger/routes.py": "retry=10"}


@pytest.fixture(scope="module")
def project(
    networked: Server, tmp_path_factory: pytest.TempPathFactory
) -> Generator[tuple[Project, CommitProxy]]:
    """A project whose routes take keys, and the proxy that it connects through when it serves."""
    with migrated(networked, tmp_path_factory.mktemp("commits")) as project:
        switch_on(project)
        server = replace(networked, url=database_of(project))
        with CommitProxy(server) as proxy:
            yield project, proxy


def switch_on(project: Project) -> None:
    settings = project.root / "my_service/settings.py"
    asked = "    IDEMPOTENCY_KEYS: ClassVar[bool] = True\n    INSTALLED_APPS"
    settings.write_text(settings.read_text().replace("    INSTALLED_APPS", asked))
    for file, option in ROUTERS.items():
        routes = project.root / "my_service/apps" / file
        routes.write_text(routes.read_text().replace(option, f"{option}, idempotent=True"))
    project.manage("makemigrations", "-m", "keys")
    project.manage("migrate")
    project.manage("makemigrations", "--check")


@pytest.mark.parametrize("networked", SERVERS, indirect=True)
@pytest.mark.parametrize("spoils", ["conflict", "cut"])
def test_a_create_with_a_key_happens_once_however_its_commit_ends(
    project: tuple[Project, CommitProxy], spoils: Literal["conflict", "cut"]
) -> None:
    direct, proxy = project
    serving = with_settings(direct)
    serving.database = proxy.server.url
    with serving.serve() as service:
        direct.log_in(service.client)
        requests = [*creates(spoils, service.authorization)]
        before, proxy.spoils = proxy.spoilt, spoils
        answers = asyncio.run(send_all(service.address, requests))
        proxy.spoils = None
        assert {answer.status for answer in answers} == {201}
        assert proxy.spoilt - before >= CREATES / 3
        if spoils == "cut":
            assert any("idempotency-replayed" in answer.headers for answer in answers)
        assert_clean_end(service)
    assert written(direct, spoils) == Counter(request.key for request in requests)


def creates(spoils: str, authorization: str) -> Generator[Request]:
    """Yield requests to create posts and accounts, each recognizable by its key."""
    for number in range(CREATES):
        key = f"{spoils} {number}"
        body = {"title": key, "body": "Much to say."}
        yield Request("POST", "/api/posts", body, authorization=authorization, key=key)
        balance = f"{number + 1}.{len(spoils):02}"
        body = {"balance": balance}
        yield Request("POST", "/api/accounts", body, authorization=authorization, key=balance)


def written(project: Project, spoils: str) -> Counter[str]:
    """Return the keys of the rows in the database."""
    database = database_of(project)
    posts = execute(database, "SELECT title FROM posts")
    accounts = execute(database, "SELECT balance FROM accounts")
    balances = (f"{money(database, balance):.2f}" for (balance,) in accounts)
    return Counter(
        [
            *(title for (title,) in posts if title.startswith(spoils)),
            *(it for it in balances if it.endswith(f".{len(spoils):02}")),
        ]
    )


async def send_all(address: str, requests: list[Request]) -> list[Answer]:
    """Send requests over concurrent connections, and repeat each until it has an answer below 500."""
    waiting, answers = requests[::-1], list[Answer]()

    async def client() -> None:
        async with Connection(address) as connection:
            while waiting:
                answers.append(await send(connection, waiting.pop()))

    async with asyncio.TaskGroup() as group:
        for _ in range(CLIENTS):
            group.create_task(client())
    return answers


async def send(connection: Connection, request: Request) -> Answer:
    while True:
        try:
            answer = await connection.send(request, within=60)
        except NoAnswer:
            continue
        if answer.status < 500:
            return answer
