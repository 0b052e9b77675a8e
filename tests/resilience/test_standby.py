"""The database accepts no writes for a while, as a standby does, and then does again."""

import time
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from sqlalchemy import URL

from ..support.deep import DEEP, scaled
from ..support.private import PRIVATE
from ..support.processes import eventually
from ..support.projects import Project, Service
from ..support.servers import Server, given
from ..support.sql import execute
from .load import Load, assert_told
from .served import assert_clean_end, database_of, migrated, with_settings

pytestmark = pytest.mark.full

A_WHILE = 60.0  # seconds to wait for an event
TIMES = scaled(usual=1, deep=3)
RETURN = 2.0  # seconds from the switch to full service

# Statements that turn writing off and on.
SWITCHES = {
    "postgresql": (
        "ALTER SYSTEM SET default_transaction_read_only = {}",
        "SELECT pg_reload_conf()",
    ),
    "mariadb": ("SET GLOBAL read_only = {}",),
    "mysql": ("SET GLOBAL read_only = {}",),
}
# Administrators of MariaDB and MySQL write in any case, so the service connects as another user.
CREATE_USER = "CREATE USER IF NOT EXISTS service@'%' IDENTIFIED BY 'secret'"
USER = {
    "mariadb": (CREATE_USER, "GRANT ALL ON {}.* TO service@'%'"),
    # As GRANT does, for which the user of the tests may lack the right.
    "mysql": (
        CREATE_USER,
        "INSERT INTO mysql.db"
        " (host, db, user, select_priv, insert_priv, update_priv, delete_priv)"
        " VALUES ('%', '{}', 'service', 'Y', 'Y', 'Y', 'Y')",
        "FLUSH PRIVILEGES",
    ),
}
DROP_USER = "DROP USER IF EXISTS service@'%'"
# asyncpg then refuses a server that accepts no writes when it connects.
TARGET = {"postgresql": {"target_session_attrs": "read-write"}}


@pytest.fixture(
    scope="module",
    params=[*PRIVATE, *([pytest.param("mysql", marks=pytest.mark.deep)] if given("mysql") else [])],
)
def server(request: pytest.FixtureRequest, tested: dict[str, str]) -> Generator[Server]:
    """A private server; for MySQL, the given one, where administrators go on writing."""
    if request.param in PRIVATE:
        with PRIVATE[request.param]() as private:
            yield private.server
    elif mysql := given(request.param):
        tested[mysql.name] = mysql.version()
        yield mysql
        execute(mysql.url, DROP_USER)


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
def service(
    server: Server, folder: Path, options: Mapping[str, str] | None = None, **settings: str
) -> Generator[tuple[Project, Service]]:
    """Serve a project; `options` are those of its URL."""
    with migrated(server, folder) as project:
        serving = with_settings(project, settings)
        database = limited(server, database_of(project))
        serving.database = database.update_query_dict(options or {})
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
    target, slow = TARGET.get(server.name), {"DB_STATEMENT_TIMEOUT": "3"}
    with service(server, tmp_path, target, **slow) as (project, running):
        late: list[float] = []
        with Load(running) as load:
            for _ in range(TIMES):
                assert all_told(load, 201, times=5), load.summary()
                with refusing(server):
                    assert all_told(load, 503, times=3), load.summary()
                returned = time.monotonic()
                assert all_told(load, 201, times=5), load.summary()
                late.append(load.last_failure() - returned)
        print("full service after", ", ".join(f"{max(0.0, it):.2f} s" for it in late))
        assert not DEEP or max(late) <= RETURN, load.summary()
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
