"""From a unit of work to a receiver of webhooks: a real worker posts what was committed.

The task and its app are those of docs/mail.md.
"""

import hmac
import json
import threading
from base64 import b64decode, b64encode
from collections.abc import Generator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ..conftest import each_driver
from ..support import processes
from ..support.processes import eventually
from ..support.projects import Project
from ..support.servers import Server
from ..support.sql import execute
from .test_docs import furnish
from .test_mail import HERE

pytestmark = [pytest.mark.full, each_driver]


@dataclass
class Receiver:
    """An HTTP server that keeps the requests, and gives an answer to each; None: it never answers."""

    url: str
    answer: int | None = 204
    requests: list[tuple[dict[str, str], bytes]] = field(
        default_factory=list[tuple[dict[str, str], bytes]]
    )
    closing: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def receiver() -> Generator[Receiver]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            found.requests.append(({name.lower(): v for name, v in self.headers.items()}, body))
            if found.answer is None:
                found.closing.wait()
            else:
                self.send_response(found.answer)
                self.end_headers()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found = Receiver(f"http://127.0.0.1:{server.server_port}/hook")
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield found
    found.closing.set()
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture(scope="module")
def project(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    root = furnish(tmp_path_factory.mktemp("webhooks") / "project", "mail", database.driver)
    root.joinpath("pay.py").write_text((HERE / "inside/pay.py").read_text())
    settings = {"WEBHOOK_NETWORKS": "127.0.0.0/8", "JOBS_LEASE": "2", "MAIL_URL": "console:"}
    project = Project(root, database=database.create_database(), settings=settings)
    assert project.database is not None
    project.manage("migrate")
    project.manage("makemigrations", "-m", "shop")
    project.manage("migrate")
    yield project
    database.drop_database(project.database)


def signature(key: str, headers: dict[str, str], body: bytes) -> str:
    """Return what https://www.standardwebhooks.com computes for a request."""
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.digest(b64decode(key.removeprefix("whsec_")), signed, "sha256")
    return f"v1,{b64encode(digest).decode()}"


def pay(project: Project, receiver: Receiver) -> str:
    """Enqueue a webhook in a unit that commits, and one in a unit that does not; return the key."""
    return project.run(project.python, "pay.py", receiver.url).stdout.strip()


def jobs(project: Project) -> list[tuple[str, int, str]]:
    assert project.database is not None
    rows = execute(project.database, "SELECT state, attempts, error FROM job")
    return [(state, attempts, error) for state, attempts, error in rows]


def test_a_webhook_is_signed_and_repeated_until_it_is_accepted(
    project: Project, receiver: Receiver
) -> None:
    receiver.answer = 500
    key = pay(project, receiver)
    project.manage("worker", "--once")
    [(state, attempts, error)] = jobs(project)
    assert (state, attempts) == ("scheduled", 1)
    assert "127.0.0.1 answered 500" in error
    receiver.answer = 204
    assert project.database is not None
    execute(project.database, "UPDATE job SET run_at = created_at")
    project.manage("worker", "--once")
    assert jobs(project) == []
    (first, _), (second, body) = receiver.requests
    assert first["webhook-id"] == second["webhook-id"]
    assert second["webhook-signature"] == signature(key, second, body)
    assert json.loads(body)["type"] == "order.paid"


def test_a_webhook_is_sent_again_when_its_worker_is_killed(
    project: Project, receiver: Receiver, tmp_path: Path
) -> None:
    receiver.answer = None
    key = pay(project, receiver)
    with (tmp_path / "log").open("w") as log:
        worker = processes.spawn(
            [project.python, "manage.py", "worker"],
            cwd=project.root,
            log=log,
            env=project.environment(),
        )
        posted = eventually(lambda: len(receiver.requests) == 1, seconds=60)
        processes.kill(worker)
    assert posted
    receiver.answer = 204

    def is_sent() -> bool:
        project.manage("worker", "--once")
        return jobs(project) == []

    assert eventually(is_sent, seconds=60)
    (first, _), (second, body) = receiver.requests
    assert first["webhook-id"] == second["webhook-id"]
    assert second["webhook-signature"] == signature(key, second, body)
