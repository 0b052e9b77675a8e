"""The database accepts no writes for a while, as a standby does, and then does again."""

import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import URL

from ..support.private import PRIVATE
from ..support.processes import eventually
from ..support.projects import Project, Service
from ..support.servers import Server
from ..support.sql import execute
from .load import Load, assert_told
from .served import assert_clean_end, database_of, migrated, with_settings

pytestmark = pytest.mark.full

A_WHILE = 60.0  # seconds to wait for an event

# Statements that turn writing off and on.
SWITCHES = {
    "postgresql": (
        "ALTER SYSTEM SET default_transaction_read_only = {}",
        "SELECT pg_reload_conf()",
    ),
    "mariadb": ("SET GLOBAL read_only = {}",),
}
# MariaDB's administrators write in any case, so the service connects as another user.
USER = {
    "mariadb": (
        "CREATE USER IF NOT EXISTS service@'%' IDENTIFIED BY 'secret'",
        "GRANT ALL ON {}.* TO service@'%'",
    )
}


@pytest.fixture(scope="module", params=SWITCHES)
def server(request: pytest.FixtureRequest) -> Generator[Server]:
    with PRIVATE[request.param]() as private:
        yield private.server


@contextmanager
def refusing(server: Server) -> Generator[None]:
    """Let the server refuse writes while the block runs."""
    try:
        switch(server, "on")
        yield
    finally:
        switch(server, "off")


def switch(server: Server, to: str) -> None:
    for statement in SWITCHES[server.name]:
        execute(server.url, statement.format(to))


def limited(server: Server, database: URL) -> URL:
    """Return the database's URL for a user without the rights of an administrator."""
    for statement in USER.get(server.name, ()):
        execute(server.url, statement.format(database.database))
    return database.set(username="service", password="secret") if server.name in USER else database


@contextmanager
def service(server: Server, folder: Path, **settings: str) -> Generator[tuple[Project, Service]]:
    with migrated(server, folder) as project:
        serving = with_settings(project, settings)
        serving.database = limited(server, database_of(project))
        with serving.serve() as running:
            project.log_in(running.client)
            yield project, running


def create(service: Service) -> httpx.Response:
    return service.client.post("/api/posts", json={"title": "On numbers", "body": "Many."})


def ready(service: Service) -> int:
    return service.client.get("/health/ready").status_code


def test_a_server_that_refuses_writes_is_unavailable_until_it_accepts_them(
    server: Server, tmp_path: Path
) -> None:
    with service(server, tmp_path) as (_, running):
        assert create(running).status_code == 201
        with refusing(server):
            for _ in range(3):
                refused = create(running)
                assert refused.status_code == 503, refused.text
                assert refused.json()["type"] == "urn:problem:unavailable"
                assert int(refused.headers["retry-after"]) > 0
                assert ready(running) == 503
            assert running.client.get("/api/posts").status_code == 200
        assert create(running).status_code == 201
        assert ready(running) == 200
        assert running.client.get("/api/posts").json()["total"] == 2
        assert_clean_end(running)


def test_no_write_is_lost_when_a_server_refuses_writes_under_load(
    server: Server, tmp_path: Path
) -> None:
    # Before it refuses writes, MariaDB waits for statements that may wait for each other's locks.
    with service(server, tmp_path, DB_STATEMENT_TIMEOUT="3") as (project, running):
        with Load(running) as load:
            assert all_told(load, 201, times=5), load.summary()
            with refusing(server):
                assert all_told(load, 503, times=3), load.summary()
            assert all_told(load, 201, times=5), load.summary()
        assert_told(load)
        load.assert_kept(database_of(project))
        assert_clean_end(running)


def all_told(load: Load, status: int, *, times: int) -> bool:
    """Wait until each client has got `times` answers of this status in a row, from now on."""
    since = time.monotonic()
    return eventually(lambda: load.each_was_told(status, since=since, times=times), seconds=A_WHILE)


def test_a_service_that_only_reads_is_ready_on_a_standby(server: Server, tmp_path: Path) -> None:
    with service(server, tmp_path, DB_ONLY_READS="true") as (_, running), refusing(server):
        assert ready(running) == 200
        assert running.client.get("/api/posts").status_code == 200
