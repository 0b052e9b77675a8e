"""The database servers that the tests use."""

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import DBAPIError

from .support import processes, servers
from .support.private import PRIVATE, PrivateServer
from .support.processes import ServerError
from .support.projects import ROOT
from .support.proxy import Proxy
from .support.servers import Server
from .support.sql import execute

pytestmark = pytest.mark.full


OURS = [name for name in PRIVATE if servers.given(name) is None]


@pytest.fixture(scope="module", params=OURS)
def private(request: pytest.FixtureRequest) -> Iterator[PrivateServer]:
    with PRIVATE[request.param]() as server:
        yield server


def test_committed_rows_survive_a_restart_and_a_kill(private: PrivateServer) -> None:
    database = private.server.create_database()
    execute(database, "CREATE TABLE kept (id integer)")
    execute(database, "INSERT INTO kept VALUES (1)")
    private.restart()
    execute(database, "INSERT INTO kept VALUES (2)")
    private.kill()
    private.start()
    assert execute(database, "SELECT id FROM kept ORDER BY id") == [(1,), (2,)]


def test_a_stopped_server_refuses_connections(private: PrivateServer) -> None:
    private.stop()
    with pytest.raises((DBAPIError, OSError)):
        execute(private.server.url, "SELECT 1")
    private.start()
    assert execute(private.server.url, "SELECT 1") == [(1,)]


def test_another_server_on_the_port_is_not_mistaken_for_the_private_one(
    private: PrivateServer,
) -> None:
    second = type(private)()
    try:
        second.initialize()
        second.port = private.port
        second.password = private.password
        with pytest.raises(ServerError, match=r"did not start|another server"):
            second.start()
    finally:
        second.close()


def test_open_and_dropped_connections_are_counted(private: PrivateServer) -> None:
    server = private.server
    database = server.create_database()
    before = server.abandoned(database)
    client = subprocess.Popen(
        (sys.executable, "-c", VANISHING, database.render_as_string(hide_password=False)),
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert client.stdout is not None
    assert client.stdout.readline() == b"connected\n"
    assert server.connections(database) == 1
    client.kill()
    client.communicate()
    assert processes.eventually(
        lambda: server.connections(database) == 0 and server.abandoned(database) == before + 1,
        seconds=10,  # the server notices after a while
    )


VANISHING = """
import asyncio, sys
from sqlalchemy.ext.asyncio import create_async_engine

async def main():
    async with create_async_engine(sys.argv[1]).connect():
        print("connected", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


def test_dropping_a_database_also_drops_its_test_database(private: PrivateServer) -> None:
    server = private.server
    database = server.create_database("project")
    beside = server.create_database("project_test")
    server.drop_database(database)
    for gone in (database, beside):
        with pytest.raises(DBAPIError):
            execute(gone, "SELECT 1")


@pytest.mark.parametrize("name", OURS)
def test_a_closed_server_leaves_no_folder(name: str) -> None:
    with PRIVATE[name]() as server:
        folder = server.folder
        assert folder.is_dir()
    assert not folder.exists()


ORPHANING = """
import os, sys
from tests.support.private import PRIVATE

server = PRIVATE[sys.argv[1]]().__enter__()
print(server.folder, flush=True)
os._exit(1)
"""
PID_FILES = ("data/postmaster.pid", "pid")  # which a server removes when it shuts down cleanly


@pytest.mark.parametrize("name", OURS)
def test_a_server_does_not_outlive_the_process_that_started_it(name: str) -> None:
    died = subprocess.run(
        (sys.executable, "-c", ORPHANING, name),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    folder = Path(died.stdout.strip())
    assert folder.is_dir(), died.stderr
    assert processes.eventually(
        lambda: not any((folder / name).exists() for name in PID_FILES), seconds=20
    )
    shutil.rmtree(folder)


def _refuses(url: str) -> bool:
    try:
        execute(url, "SELECT 1")
    except (DBAPIError, OSError):
        return True
    return False


def test_a_proxy_makes_a_server_unreachable_and_reachable_again(networked: Server) -> None:
    with Proxy(networked) as proxy:
        url = proxy.server.url.render_as_string(hide_password=False)
        assert execute(url, "SELECT 1") == [(1,)]
        proxy.stop()
        assert _refuses(url)
        proxy.start()
        assert execute(url, "SELECT 1") == [(1,)]


def test_a_url_from_the_environment_gets_the_async_driver(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("GROUNDPLAN_POSTGRES_URL", "postgresql://ann:secret@db.example/postgres")
    given = servers.given("postgresql")
    assert given is not None
    assert given.url.drivername == "postgresql+asyncpg"
    assert given.url.host == "db.example"


def test_the_error_for_a_missing_server_names_its_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(ServerError, match=r"PostgreSQL .* apt-get install postgresql.* GROUNDPLAN"):
        processes.apt_install("postgresql", "PostgreSQL", "GROUNDPLAN_POSTGRES_URL")


def test_the_last_line_names_tested_and_untested_servers() -> None:
    assert servers.closing_line({"sqlite": "3.40.1", "mariadb": "10.11.19"}) == (
        "databases tested: SQLite 3.40.1, MariaDB 10.11.19; "
        "not tested: PostgreSQL, MySQL (set GROUNDPLAN_MYSQL_URL)"
    )
