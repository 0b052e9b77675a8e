"""Where advisory locks hold on one node only, a lease lets one process migrate at a time.

PostgreSQL passes for YugabyteDB, by a function `version()` of its own. MariaDB is taken for a cluster by an edit of the project.
"""

import os
import re
import signal
import subprocess
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from ..support.deep import DEEP
from ..support.processes import eventually, kill, spawn, wait_until
from ..support.servers import Server
from ..support.sql import execute
from .lab import Lab, lab

pytestmark = pytest.mark.full

A_WHILE = 60.0  # seconds to wait for an event
AT_ONCE = 3
ROW = "class {name}(Row):\n    n: Mapped[int]\n"
VERSION = "PostgreSQL 15.2-YB-2025.1.0.0-b0 on x86_64-pc-linux-gnu"
DETECTED = re.compile(r'(SEVERAL_PRIMARIES = """\n)SHOW VARIABLES.*?"""', re.DOTALL)

# Waits for a file by short statements, or without any.
GATE = """
    while not Path("go").exists():
        {statement}
        time.sleep(0.05)
"""
CONNECTIONS = {
    "postgresql": "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'",
    "mariadb": "SELECT id FROM information_schema.processlist WHERE db = '{name}'",
}


@pytest.fixture(params=["postgresql", "mariadb"])
def project(request: pytest.FixtureRequest, tmp_path: Path) -> Generator[Lab]:
    """A project with a pending revision, whose database needs a lease."""
    server: Server = request.getfixturevalue(request.param)
    with lab(server, tmp_path) as project:
        need_lease(project, server)
        project.models(ROW.format(name="First"))
        project.manage("makemigrations")
        yield project


def need_lease(project: Lab, server: Server) -> None:
    if server.name == "postgresql":
        assert project.database is not None
        project.sql(f"CREATE FUNCTION version() RETURNS text RETURN '{VERSION}'")
        name = project.database.database
        project.sql(f'ALTER DATABASE "{name}" SET search_path = public, pg_catalog')
    else:
        driver = project.root / "my_service/core/db/driver/migrations.py"
        text, count = DETECTED.subn(r'\1SELECT 1"""', driver.read_text())
        assert count == 1
        driver.write_text(text)


def set_times(project: Lab, **seconds: float) -> None:
    """Change the constants of the lease."""
    lease = project.root / "my_service/core/db/lease.py"
    text = lease.read_text()
    for name, value in seconds.items():
        text, count = re.subn(rf"^{name} = \d+", f"{name} = {value}", text, flags=re.MULTILINE)
        assert count == 1
    lease.write_text(text)


def add_gate(project: Lab, statement: str) -> None:
    """Let the pending revision wait, before its first operation, until `open_gate`."""
    revision = project.versions[-1]
    text = revision.read_text().replace(
        "def upgrade() -> None:\n",
        f"def upgrade() -> None:{GATE.format(statement=statement)}",
    )
    revision.write_text(text.replace("import", "import time\nfrom pathlib import Path\nimport", 1))


def open_gate(project: Lab) -> None:
    (project.root / "go").touch()


def owner(project: Lab) -> str:
    return str(project.sql("SELECT owner FROM migration_lease")[0][0])


def output(project: Lab, name: str) -> str:
    return (project.root.parent / name).read_text()


@contextmanager
def migrating(project: Lab, name: str) -> Generator[subprocess.Popen[str]]:
    """Start `migrate`, with its output in a file of this name."""
    with (project.root.parent / name).open("w") as log:
        process = spawn(
            [project.python, "manage.py", "migrate"],
            cwd=project.root,
            log=log,
            env=project.environment(),
        )
        try:
            yield process
        finally:
            kill(process)


@contextmanager
def at_the_gate(project: Lab) -> Generator[subprocess.Popen[str]]:
    """Start `migrate`, and wait until it runs the pending revision."""
    with migrating(project, "first") as process:
        begun = wait_until(lambda: "Apply" in output(project, "first"), process, seconds=A_WHILE)
        assert begun, output(project, "first")
        yield process


def waits(project: Lab, process: subprocess.Popen[str], *, behind: int) -> bool:
    """Wait until the second process says for which one it waits."""
    words = f"Waiting for process {behind} on "
    return wait_until(lambda: words in output(project, "second"), process, seconds=A_WHILE)


def assert_applied(project: Lab, process: subprocess.Popen[str]) -> None:
    assert process.wait(A_WHILE) == 0, output(project, "second")
    assert "Apply" in output(project, "second")
    assert owner(project) == ""
    assert project.sql("SELECT count(*) FROM firsts") == [(0,)]


def test_concurrent_migrations_apply_a_revision_once(project: Lab) -> None:
    """The table of the lease, which no model describes, is not part of the comparison."""

    def migrate(_: int) -> str:
        return project.manage("migrate").stdout

    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(migrate, range(AT_ONCE)))
    assert sum("Apply" in lines for lines in told) == 1
    assert sum("Nothing to migrate" in lines for lines in told) == AT_ONCE - 1
    assert project.sql("SELECT count(*) FROM migration_lease") == [(1,)]
    project.manage("makemigrations", "--check")


def test_a_failed_migration_frees_the_lease(project: Lab) -> None:
    revision = project.versions[-1]
    text = revision.read_text()
    wrong = '    op.execute("INSERT INTO nowhere VALUES (1)")\n\n\ndef downgrade'
    revision.write_text(text.replace("\n\ndef downgrade", wrong, 1))
    assert "failed" in project.manage("migrate", expect=1).stderr
    assert owner(project) == ""


@pytest.mark.deep
def test_a_busy_revision_keeps_the_lease(project: Lab) -> None:
    """It blocks the event loop, and the lease is renewed nevertheless. Only `migrate` waits for it."""
    set_times(project, RENEWAL=1)
    add_gate(project, "pass")
    with at_the_gate(project) as first, migrating(project, "second") as second:
        assert waits(project, second, behind=first.pid)
        seen: set[int] = set()

        def renewed() -> bool:
            seen.add(project.sql("SELECT expires FROM migration_lease")[0][0])
            return len(seen) > 2

        assert eventually(renewed, seconds=A_WHILE)
        project.manage("migrate", "--check", expect=1)
        open_gate(project)
        assert first.wait(A_WHILE) == 0, output(project, "first")
        assert second.wait(A_WHILE) == 0, output(project, "second")
        assert "Nothing to migrate" in output(project, "second")


@pytest.mark.deep
def test_a_suspended_migration_does_not_continue_beside_its_successor(project: Lab) -> None:
    set_times(project, DURATION=4, RENEWAL=1)
    project.manage("migrate", "--fake")  # so that the table of versions exists, which it would lock
    project.manage("migrate", "--fake", "base")
    add_gate(project, 'op.execute("SELECT 1")')
    with at_the_gate(project) as first:
        first.send_signal(signal.SIGSTOP)
        open_gate(project)
        with migrating(project, "second") as second:
            assert_applied(project, second)
        first.send_signal(signal.SIGCONT)
        assert first.wait(A_WHILE) == 1
        assert "another process has taken over its lease" in output(project, "first")
        assert "Traceback" not in output(project, "first")


def killed(project: Lab, process: subprocess.Popen[str]) -> None:
    kill(process)


def interrupted(project: Lab, process: subprocess.Popen[str]) -> None:
    """As by Ctrl+C."""
    os.kill(process.pid, signal.SIGINT)
    assert process.wait(A_WHILE) != 0


def disconnected(project: Lab, process: subprocess.Popen[str]) -> None:
    """The server ends the connections of the process."""
    assert project.database is not None
    name = "postgresql" if project.database.get_backend_name() == "postgresql" else "mariadb"
    elsewhere = project.database.set(database={"postgresql": "postgres", "mariadb": "mysql"}[name])
    for row in execute(elsewhere, CONNECTIONS[name].format(name=project.database.database)):
        if name == "mariadb":
            execute(elsewhere, f"KILL {row[0]}")
    assert process.wait(A_WHILE) == 1
    assert "Traceback" not in output(project, "first")


WAYS = (killed, interrupted, disconnected) if DEEP else (killed,)


@pytest.mark.deep
@pytest.mark.parametrize("way", WAYS)
def test_the_lease_of_an_interrupted_migration_expires(
    project: Lab, way: Callable[[Lab, subprocess.Popen[str]], None]
) -> None:
    """Until then the next migration waits: the server may still run the last statement."""
    set_times(project, DURATION=4, RENEWAL=1)
    add_gate(project, 'op.execute("SELECT 1")')
    with at_the_gate(project) as first:
        way(project, first)
        assert f"process {first.pid} on " in owner(project)
        open_gate(project)
        with migrating(project, "second") as second:
            assert_applied(project, second)
