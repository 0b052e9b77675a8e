"""A service behind PgBouncer in transaction mode, which shares three connections among its clients."""

from collections.abc import Generator
from pathlib import Path

import pytest

from ..support.debian import Debian
from ..support.deep import scaled
from ..support.pgbouncer import CONNECTIONS, pgbouncer, version
from ..support.processes import eventually
from ..support.projects import Project
from ..support.servers import Server
from .load import Load
from .served import assert_clean_end, connections, database_of, migrated, with_settings

pytestmark = pytest.mark.full

REQUESTS = scaled(usual=300, deep=10_000)
A_WHILE = scaled(usual=120, deep=900)  # seconds
LIMIT = 2.0  # seconds for a statement

SLEEPS = """
import asyncio, sys
from my_service.core.db import LockTimeout, prepare, transaction
from sqlalchemy import func, select
from dataclasses import dataclass

@dataclass
class Slept:
    slept: int

async def main():
    sleep = select(func.length(func.pg_sleep(30).concat("")).label("slept"))
    for way in ("session", "prepared"):
        try:
            if way == "session":
                async with transaction() as session:
                    await session.execute(sleep)
            else:
                await prepare(sleep, Slept).all()
        except LockTimeout:
            print(way, "was cut")

asyncio.run(main())
"""


@pytest.fixture(
    scope="module",
    params=[
        pytest.param("installed", id="installed"),
        pytest.param("max_prepared_statements = 0", id="unstable", marks=pytest.mark.deep),
        pytest.param("max_prepared_statements = 100", id="unstable-keeps", marks=pytest.mark.deep),
    ],
)
def pooled(
    request: pytest.FixtureRequest, postgresql: Server, tmp_path_factory: pytest.TempPathFactory
) -> Generator[tuple[Project, Project]]:
    """The project as it connects to the server, and as it connects to PgBouncer.

    Newer versions of PgBouncer can keep prepared statements, whose names the service chooses.
    """
    installed = request.param == "installed"
    suite: Debian | None = None if installed else request.getfixturevalue("unstable")
    tested: dict[str, str] = request.getfixturevalue("tested")
    tested["PgBouncer" if installed else "PgBouncer of Debian unstable"] = version(suite)
    options = "" if installed else request.param
    with migrated(postgresql, tmp_path_factory.mktemp("pooled")) as direct:
        database = database_of(direct)
        with pgbouncer(database, suite, options) as through:
            address = database.render_as_string(hide_password=False)
            settings = {"DB_POOLER": "transaction", "MIGRATION_DATABASE_URL": address}
            settings["DB_STATEMENT_TIMEOUT"] = str(LIMIT)
            project = with_settings(direct, settings)
            project.database = through
            yield direct, project


def test_every_request_succeeds_on_shared_connections(
    postgresql: Server, pooled: tuple[Project, Project]
) -> None:
    direct, project = pooled
    with project.serve() as service:
        with Load(service, clients=16, reads=True) as load:
            assert eventually(lambda: len(load.attempts) >= REQUESTS, seconds=A_WHILE)
            assert len(connections(postgresql, direct)) <= CONNECTIONS
        for method, status in (("POST", 201), ("GET", 200)):
            given = {it.status for it in load.attempts if it.request.method == method}
            assert given == {status}, load.summary()
        for request, answer in ((it.request, it.answer) for it in load.attempts):
            if request.path.startswith("/api/accounts/"):
                assert answer is not None
                assert request.path.endswith(answer.json()["id"])
        load.assert_kept(database_of(direct))
        assert service.client.get("/health/ready").status_code == 200
        assert_clean_end(service)


def test_jobs_run_through_it(pooled: tuple[Project, Project], tmp_path: Path) -> None:
    _, project = pooled
    mailing = with_settings(project, {**project.settings, "MAIL_URL": f"file://{tmp_path}"})
    with mailing.serve() as service:
        body = {"email": "grace@example.com"}
        assert service.client.post("/api/auth/signup", json=body).status_code == 202
        mailing.manage("worker", "--once")
    [mail] = tmp_path.glob("*.eml")
    assert "To: grace@example.com" in mail.read_text()


def test_a_statement_is_cut_at_its_limit(pooled: tuple[Project, Project]) -> None:
    _, project = pooled
    done = project.run(project.python, "-c", SLEEPS)
    assert done.stdout.splitlines() == ["session was cut", "prepared was cut"]


def test_revisions_are_applied_past_it(pooled: tuple[Project, Project]) -> None:
    _, project = pooled
    project.manage("migrate", "base")
    project.manage("migrate")
    project.manage("makemigrations", "--check")
    without = with_settings(project, {"DB_POOLER": "transaction"})
    refused = without.manage("migrate", expect=1)
    assert "Set MIGRATION_DATABASE_URL" in refused.stderr
