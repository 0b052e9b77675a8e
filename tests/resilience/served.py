"""Projects on a database, and checks of their servers from outside."""

import json
import shutil
import subprocess
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import URL

from ..support import processes
from ..support.deep import DEEP
from ..support.processes import eventually
from ..support.projects import Project, Service, render
from ..support.servers import Server
from ..support.sql import execute

# Seconds from SIGTERM to the end: five, or more while other tests use the machine too.
GRACE = 5.0 if DEEP else 20.0

# Seconds after which a connection that is still in use counts as leaked.
LEAKED = 30.0

# The state of each connection: idle, idle in a transaction, or what it is doing.
STATES = {
    "postgresql": "SELECT COALESCE(state, 'starting') FROM pg_stat_activity WHERE datname = :name",
    "mysql": "SELECT IF(command <> 'Sleep', command, IF(trx_id IS NULL, 'idle', 'in transaction'))"
    " FROM information_schema.processlist p"
    " LEFT JOIN information_schema.innodb_trx ON trx_mysql_thread_id = p.id WHERE db = :name",
}


@contextmanager
def migrated(server: Server, folder: Path) -> Generator[Project]:
    """Yield a project without the admin on its own database, migrated."""
    root = render(folder / "project", driver=server.driver, admin=False)
    project = Project(root, database=server.create_database())
    try:
        project.manage("migrate")
        yield project
    finally:
        server.drop_database(database_of(project))


def database_of(project: Project) -> URL:
    assert project.database is not None
    return project.database


def with_settings(project: Project, settings: Mapping[str, str] | None = None) -> Project:
    """Return the project with these settings, and a log of warnings and errors only.

    Slow statements are not logged: on a busy machine they are not errors.
    """
    quiet = {"LOG_LEVEL": "WARNING", "DB_SLOW_QUERY": "60"}
    return replace(project, settings={**quiet, **(settings or {})})


@dataclass
class Script:
    """A script that runs in a project, and its output."""

    _process: subprocess.Popen[str]
    _complaints: Path

    def line(self) -> str:
        """Wait for its next line and return it; if it ends first, return its errors."""
        assert self._process.stdout is not None
        return self._process.stdout.readline() or self._complaints.read_text()

    def end(self) -> tuple[int, str]:
        """End its input; return its exit code and its errors."""
        self._process.communicate(timeout=30)
        return self._process.returncode, self._complaints.read_text()


@contextmanager
def running(project: Project, name: str, *arguments: str) -> Generator[Script]:
    """Run a script of the folder `inside` in a project."""
    shutil.copy(Path(__file__).parent / "inside" / name, project.root)
    complaints = project.root.parent / f"{name}.log"
    with (
        complaints.open("w") as stderr,
        subprocess.Popen(
            processes.guarded([project.python, name, *arguments]),
            cwd=project.root,
            env=project.environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=stderr,
            start_new_session=True,
            text=True,
        ) as process,
    ):
        try:
            yield Script(process, complaints)
        finally:
            processes.kill(process)
            print(complaints.read_text())  # pytest shows it if the test fails


def connections(server: Server, project: Project) -> list[str]:
    """Return the state of each connection to the project's database.

    SQLite's are counted by the kernel: each has the write-ahead log open.
    """
    database = database_of(project)
    if server.name == "sqlite":
        return ["idle" for _ in holders(Path(f"{database.database}-wal"))]
    statement = STATES[server.url.get_backend_name()]
    return [str(state) for (state,) in execute(server.url, statement, {"name": database.database})]


def holders(file: Path) -> Generator[int]:
    """Yield the process of every open file descriptor of this file."""
    for descriptor in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):  # closed meanwhile, or another user's
            if descriptor.readlink() == file:
                yield int(descriptor.parts[2])


def assert_connections(
    server: Server, project: Project, expected: Callable[[list[str]], bool]
) -> None:
    """Assert that the states of the connections to the project's database become as expected.

    MySQL and MariaDB show the same transactions until nobody has asked for them for 0.1 s.
    Source: MySQL's manual, "Persistence and Consistency of InnoDB Transaction and Locking
    Information".
    """
    assert eventually(lambda: expected(connections(server, project)), seconds=LEAKED, pause=0.25), (
        connections(server, project)
    )


def assert_closed(server: Server, project: Project) -> None:
    """Assert that the project's database has no connections any more."""
    assert_connections(server, project, lambda states: not states)


def assert_clean_end(service: Service, *, says: str = "") -> None:
    """Assert that SIGTERM ends a service in time, and that its log has no error.

    Args:
        service: the service to end.
        says: the start of the only errors that are allowed.
    """
    stopped = service.stop()
    print(stopped)
    assert stopped.exit_code == 0
    assert stopped.seconds < GRACE
    told = [line["event"] for line in errors(service)]
    assert [event for event in told if not (says and event.startswith(says))] == []


def errors(service: Service) -> list[dict[str, Any]]:
    """Return the log lines of level error or above; every line of the log must be JSON."""
    lines = [parsed(line) for line in service.log.splitlines()]
    return [line for line in lines if line["level"] in {"error", "critical"}]


def parsed(line: str) -> dict[str, Any]:
    try:
        fields: dict[str, Any] = json.loads(line)
    except ValueError:
        raise AssertionError(f"not a plain log line: {line}") from None
    return fields
