"""From a unit of work to an SMTP server: a real worker sends what was committed, on each database."""

import shutil
from collections.abc import Generator
from typing import NamedTuple

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from ..conftest import each_driver
from ..support.processes import free_port
from ..support.projects import Project
from ..support.servers import Server
from ..support.sql import execute
from .test_mail import HERE, furnish

pytestmark = [pytest.mark.full, each_driver]


class Inbox:
    """Keeps the messages that it accepts; `answer` is what it says to each."""

    def __init__(self) -> None:
        self.answer = "250 OK"
        self.envelopes: list[Envelope] = []

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        if self.answer.startswith("2"):
            self.envelopes.append(envelope)
        return self.answer


@pytest.fixture
def inbox() -> Inbox:
    return Inbox()


@pytest.fixture(scope="module")
def service(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    """A project with the app and its tables, on each database."""
    root = furnish(tmp_path_factory.mktemp("delivery") / "project", driver=database.driver)
    shutil.copy(HERE / "inside/write_letters.py", root)
    project = Project(root, database=database.create_database())
    assert project.database is not None
    project.manage("migrate")
    yield project
    database.drop_database(project.database)


@pytest.fixture
def project(service: Project, inbox: Inbox) -> Generator[Project]:
    """The project with an empty queue, and the inbox as its mail server."""
    assert service.database is not None
    execute(service.database, "DELETE FROM job")
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    url = f"smtp://127.0.0.1:{controller.port}"
    yield Project(service.root, database=service.database, settings={"MAIL_URL": url})
    controller.stop()


def write_letters(project: Project, address: str = "ada@example.org") -> None:
    project.run(project.python, "write_letters.py", address)


class Job(NamedTuple):
    """A row of the queue."""

    state: str
    attempts: int
    arguments: str
    error: str


def jobs(project: Project) -> list[Job]:
    assert project.database is not None
    rows = execute(project.database, "SELECT state, attempts, arguments, error FROM job")
    return [
        Job(state.lower(), attempts, str(arguments), error)
        for state, attempts, arguments, error in rows
    ]


def test_what_was_committed_is_sent_once(project: Project, inbox: Inbox) -> None:
    write_letters(project)
    [job] = jobs(project)
    assert "ada@example.org" in job.arguments
    assert "token" not in job.arguments
    project.manage("worker", "--once")
    project.manage("worker", "--once")
    [envelope] = inbox.envelopes
    assert envelope.rcpt_tos == ["ada@example.org"]
    assert isinstance(envelope.content, bytes)
    assert b"#token=3D" in envelope.content
    assert jobs(project) == []


def test_a_refused_mail_fails_at_once_and_can_be_retried(project: Project, inbox: Inbox) -> None:
    inbox.answer = "550 5.1.1 no such user"
    write_letters(project)
    project.manage("worker", "--once")
    [job] = jobs(project)
    assert (job.state, job.attempts) == ("failed", 1)
    assert "mail to ada@example.org: 550 5.1.1 no such user" in job.error
    assert "During handling" not in job.error
    inbox.answer = "250 OK"
    project.manage("jobs", "retry", "--all")
    project.manage("worker", "--once")
    assert len(inbox.envelopes) == 1


def test_an_invalid_address_fails_at_once(project: Project, inbox: Inbox) -> None:
    write_letters(project, "ada@example.org\r\nBcc: eve@example.org")
    project.manage("worker", "--once")
    [job] = jobs(project)
    assert (job.state, job.attempts) == ("failed", 1)
    assert "is not an email address" in job.error
    assert inbox.envelopes == []


def test_a_mail_is_sent_when_the_server_accepts_it_again(project: Project, inbox: Inbox) -> None:
    inbox.answer = "451 4.7.1 try again later"
    write_letters(project)
    project.manage("worker", "--once")
    [job] = jobs(project)
    assert (job.state, job.attempts) == ("scheduled", 1)
    assert "451 4.7.1 try again later" in job.error
    assert project.database is not None
    execute(project.database, "UPDATE job SET run_at = created_at")
    inbox.answer = "250 OK"
    project.manage("worker", "--once")
    assert len(inbox.envelopes) == 1
    assert jobs(project) == []
