"""Each driver's project runs on each real database and answers over HTTP."""

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from .support import servers
from .support.endings import GRACE, assert_clean_end
from .support.processes import eventually, free_port, spawn, stop, wait_until
from .support.projects import BOOTING, Project, Service, render
from .support.proxy import Proxy
from .support.servers import Server
from .support.shared import Fragile
from .support.sql import execute, held

PROMPT = 10.0  # seconds: an answer that takes longer is a hang
RETURN = 10.0  # seconds until the service is ready again after its database is


@contextmanager
def migrated(server: Server, folder: Path) -> Generator[Project]:
    """Yield a project with the default answers on its own database, migrated."""
    project = Project(
        render(folder / "project", driver=server.driver), database=server.create_database()
    )
    try:
        project.manage("migrate")
        yield project
    finally:
        with suppress(DBAPIError, OSError):  # a failed test may have left the server stopped
            server.drop_database(database_of(project))


@pytest.fixture(scope="module")
def project(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    with migrated(database, tmp_path_factory.mktemp(database.name)) as project:
        yield project


@contextmanager
def served(project: Project, *arguments: str) -> Generator[Service]:
    """Run the server while the block runs, with a client that is logged in."""
    with project.serve(*arguments) as service:
        project.log_in(service.client)
        yield service


@pytest.fixture(scope="module")
def service(project: Project) -> Generator[Service]:
    with served(project) as service:
        yield service


def test_a_started_service_is_ready(service: Service) -> None:
    assert service.client.get("/health/ready").status_code == 200


def test_the_api_documentation_is_served(service: Service) -> None:
    assert service.client.get("/docs").status_code == 200
    assert "/api/posts" in service.client.get("/openapi.json").json()["paths"]


def test_a_row_is_committed_before_the_answer_is_sent(service: Service, project: Project) -> None:
    for _ in range(20):
        post = new_post()
        answer = service.client.post("/api/posts", json=post)
        assert answer.status_code == 201, answer.text
        assert rows(project, post) == 1
        assert answer.json().items() >= post.items()


def test_a_created_row_can_be_read(service: Service) -> None:
    created = service.client.post("/api/posts", json=new_post()).json()
    assert service.client.get(f"/api/posts/{created['id']}").json() == created


def test_an_outdated_edit_is_a_conflict(service: Service, project: Project) -> None:
    post = new_post()
    created = service.client.post("/api/posts", json=post).json()
    edit = {"title": f"Edited {post['title']}", "version": created["version"] + 1}
    problem(service.client.patch(f"/api/posts/{created['id']}", json=edit), 409)
    assert rows(project, post) == 1


def test_writing_needs_a_login(service: Service, project: Project) -> None:
    post = new_post()
    address = f"{service.address}/api/posts"
    problem(httpx.post(address, json=post, trust_env=False), 401)
    assert rows(project, post) == 0


def test_an_unknown_id_is_not_found(service: Service) -> None:
    problem(service.client.get(f"/api/posts/{uuid4()}"), 404)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b'{"title": "On numbers"}',
        b'{"title": " ", "body": "They are many."}',
        b'{"title": "On numbers", "body": null}',
        b'{"title": "On numbers", "body": "They are many.", "author_id": 1}',
    ],
)
def test_an_invalid_body_is_refused_with_the_location_of_each_error(
    service: Service, body: bytes
) -> None:
    headers = {"Content-Type": "application/json"}
    answer = service.client.post("/api/posts", content=body, headers=headers)
    assert all(error["loc"][0] == "body" for error in problem(answer, 422)["errors"])


@pytest.mark.full
def test_example_data_is_written_once(service: Service, project: Project) -> None:
    for _ in range(2):
        project.manage("seed")
    posts = service.client.get("/api/posts", params={"q": "Analytical Engine"}).json()
    assert [post["author"]["full_name"] for post in posts["items"]] == ["Ada Lovelace"]


@pytest.mark.full
def test_sigterm_stops_a_service_cleanly_and_in_time(database: Server, tmp_path: Path) -> None:
    with migrated(database, tmp_path) as project:
        with served(project) as service:
            assert create_at_once(service, 40) == {201}
            assert still_open(database, project)
            assert_clean_end(service)
        assert eventually(lambda: not still_open(database, project), seconds=1)


@pytest.mark.full
def test_sigterm_stops_two_workers_cleanly_and_in_time(project: Project) -> None:
    with served(project, "--workers", "2") as service:
        assert create(service).status_code == 201
        assert_clean_end(service)


SLOW_START = """
import sys, time
if "--multiprocessing-fork" in sys.argv:
    time.sleep(7)
"""


@pytest.mark.full
@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_workers_that_start_slowly_are_waited_for(project: Project, tmp_path: Path) -> None:
    """uvicorn kills a worker that does not answer for 5 seconds, unless told otherwise."""
    tmp_path.joinpath("sitecustomize.py").write_text(SLOW_START)
    slow = replace(project, settings={**project.settings, "PYTHONPATH": str(tmp_path)})
    with slow.serve("--workers", "2") as service:
        assert "died" not in service.log
        assert_clean_end(service)


def test_every_connection_is_closed_properly(fragile_server: Fragile, tmp_path: Path) -> None:
    """The server's count of connections that clients dropped without closing stays the same."""
    server = fragile_server.server
    with migrated(server, tmp_path) as project:
        database = database_of(project)
        before = server.abandoned(database)
        with served(project) as service:
            assert create_at_once(service, 40) == {201}
            assert_clean_end(service)
        assert eventually(lambda: server.connections(database) == 0, seconds=5)
        assert server.abandoned(database) == before


LIMITS = ("DB_CONNECT_TIMEOUT", "DB_POOL_TIMEOUT", "DB_STATEMENT_TIMEOUT")  # seconds
LOCK = {"postgresql": "LOCK TABLE posts", "mysql": "LOCK TABLES posts WRITE"}
WAITING = {
    "postgresql": "SELECT count(*) FROM pg_stat_activity "
    "WHERE datname = :name AND wait_event_type = 'Lock'",
    "mysql": "SELECT count(*) FROM information_schema.processlist "
    "WHERE db = :name AND state LIKE 'Waiting for table%'",
}


def test_a_running_request_is_answered_before_the_server_stops(
    networked: Server, tmp_path: Path
) -> None:
    dialect = networked.url.get_backend_name()
    with migrated(networked, tmp_path) as project, served(project) as service:
        name = {"name": database_of(project).database}
        with ThreadPoolExecutor() as clients:
            with held(database_of(project), LOCK[dialect]):
                answer = clients.submit(create, service)
                assert eventually(
                    lambda: execute(networked.url, WAITING[dialect], name) == [(1,)], seconds=5
                )
                stopped = clients.submit(service.stop)
                assert eventually(lambda: not listens(service), seconds=3)
            assert answer.result().status_code == 201
            assert stopped.result().exit_code == 0
        assert stopped.result().seconds < GRACE


@pytest.mark.parametrize("way", ["stop", "kill"])
def test_service_resumes_after_a_restart_of_the_database(
    fragile_server: Fragile, tmp_path: Path, way: str
) -> None:
    with migrated(fragile_server.server, tmp_path) as project, served(project) as service:
        assert create_at_once(service, 16) == {201}  # on several connections, which are all cut
        {"stop": fragile_server.stop, "kill": fragile_server.kill}[way]()
        for _ in range(2):
            assert_away(service)
        fragile_server.start()
        assert eventually(lambda: ready(service), seconds=RETURN)
        assert create_at_once(service, 16) == {201}
        assert_clean_end(service, calm=False)


def test_requests_do_not_hang_when_the_database_stops_answering(
    networked: Server, tmp_path: Path
) -> None:
    with Proxy(networked) as proxy, migrated(networked, tmp_path) as project:
        project.database = proxy.server.database(str(database_of(project).database))
        project.settings = dict.fromkeys(LIMITS, "1")
        with served(project) as service:
            assert create_at_once(service, 16) == {201}
            proxy.freeze()
            for _ in range(2):
                assert_away(service)
            proxy.thaw()
            assert eventually(lambda: ready(service), seconds=RETURN)
            assert create_at_once(service, 16) == {201}
            proxy.freeze()
            assert_clean_end(service, calm=False)


@pytest.mark.full
def test_a_log_that_cannot_be_written_fails_no_request(tmp_path: Path) -> None:
    """As on a full disk: here the log is /dev/full, and an error of the database is logged."""
    missing = f"sqlite+aiosqlite:///{tmp_path}/missing/service.db"
    root = render(tmp_path / "project", driver="aiosqlite")
    project = Project(root, settings={"DATABASE_URL": missing})
    command = (project.python, "manage.py", "runserver", "--port", str(port := free_port()))
    with Path("/dev/full").open("w") as log:
        process = spawn(command, cwd=root, log=log, env=project.environment())
        try:
            assert wait_until(lambda: status(port, "live") == 200, process, seconds=BOOTING)
            assert status(port, "ready") == 503
        finally:
            stop(process)


def status(port: int, probe: str) -> int | None:
    """The answer of a probe, or None while nobody listens."""
    with suppress(httpx.TransportError):
        return httpx.get(f"http://127.0.0.1:{port}/health/{probe}", trust_env=False).status_code
    return None


@pytest.mark.full
def test_service_starts_without_the_volume_of_its_file(sqlite: Server, tmp_path: Path) -> None:
    """SQLite has no server to stop; here the volume of its file is mounted after the start."""
    volume, elsewhere = tmp_path / "volume", tmp_path / "elsewhere"
    volume.mkdir()
    with migrated(servers.sqlite(volume), tmp_path) as project:
        volume.rename(elsewhere)
        with project.serve() as service:
            service.client.headers["Authorization"] = "Bearer of-a-token-that-cannot-be-looked-up"
            assert_away(service)
            elsewhere.rename(volume)
            assert eventually(lambda: ready(service), seconds=RETURN)
            project.log_in(service.client)
            assert create(service).status_code == 201
            assert_clean_end(service, calm=False)


@pytest.mark.full
def test_a_locked_file_refuses_writers_but_not_readers(sqlite: Server, tmp_path: Path) -> None:
    with migrated(sqlite, tmp_path) as project:
        project.settings = dict.fromkeys(LIMITS, "0.5")
        with served(project) as service:
            with held(database_of(project), "BEGIN IMMEDIATE"):
                problem(create(service), 503)
                assert service.client.get("/api/posts").status_code == 200
            assert create(service).status_code == 201
            assert_clean_end(service, calm=False)


def new_post() -> dict[str, str]:
    """Return a body with a unique title."""
    return {"title": f"Post {uuid4().hex}", "body": "They are many."}


def create(service: Service) -> httpx.Response:
    return service.client.post("/api/posts", json=new_post(), timeout=PROMPT)


def create_at_once(service: Service, count: int) -> set[int]:
    """Create posts, eight at a time, and return the statuses of the answers."""
    with ThreadPoolExecutor(8) as clients:
        requests = [clients.submit(create, service) for _ in range(count)]
        return {request.result().status_code for request in requests}


def ready(service: Service) -> bool:
    return service.client.get("/health/ready", timeout=PROMPT).status_code == 200


def listens(service: Service) -> bool:
    try:
        httpx.get(f"{service.address}/health/live", trust_env=False)
    except httpx.TransportError:
        return False
    return True


def database_of(project: Project) -> URL:
    assert project.database is not None
    return project.database


def rows(project: Project, post: dict[str, str]) -> int:
    """Return how many rows of a post a separate connection sees."""
    statement = "SELECT count(*) FROM posts WHERE title = :title"
    return int(execute(database_of(project), statement, {"title": post["title"]})[0][0])


def still_open(server: Server, project: Project) -> bool:
    """Whether a connection is open; SQLite's last one deletes the write-ahead log when it closes."""
    database = database_of(project)
    if server.name == "sqlite":
        return Path(f"{database.database}-wal").exists()
    return server.connections(database) > 0


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """Return the body of an answer that must be a problem with this status, without internals."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    body: dict[str, Any] = answer.json()
    assert body["status"] == status
    assert not {"SELECT", "INSERT", "Traceback"} & set(answer.text.split())
    return body


def assert_away(service: Service) -> None:
    """Assert that the service answers 503 in time while its database is unavailable.

    If an INSERT got no answer, its row may exist, so there is no Retry-After.
    """
    unready = service.client.get("/health/ready", timeout=PROMPT)
    problem(unready, 503)
    assert int(unready.headers["retry-after"]) > 0
    created = create(service)
    unknown = problem(created, 503)["type"] == "urn:problem:outcome-unknown"
    assert unknown or int(created.headers["retry-after"]) > 0
    assert service.client.get("/health/live").status_code == 200
