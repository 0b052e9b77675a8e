"""A copy that is refused, fails or is killed says why and leaves the new database empty."""

import re
import signal
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import URL

from ..support import processes
from ..support.projects import Project, render
from ..support.servers import Server
from ..support.sql import execute, held
from .lived_in import COPYDATA

pytestmark = pytest.mark.full

MOMENT = "2026-01-01 00:00:00.000000"
USER = (
    "INSERT INTO users (id, email, is_active, is_staff, is_superuser, created_at, updated_at) "
    f"VALUES ('{9:032x}', 'ada@example.org', TRUE, FALSE, FALSE, '{MOMENT}', '{MOMENT}')"
)
ACCOUNT = (
    "INSERT INTO accounts (id, owner_id, balance, created_at, updated_at) "
    f"VALUES ('{{:032x}}', '{9:032x}', 100, '{{}}', '{{}}')"
)
TRANSFER = (
    "INSERT INTO transfers (id, from_account_id, to_account_id, amount, created_at, updated_at) "
    f"VALUES ('{3:032x}', '{1:032x}', '{2:032x}', 5, '{MOMENT}', '{MOMENT}')"
)
COUNT = "SELECT (SELECT count(*) FROM accounts) + (SELECT count(*) FROM transfers)"


class Move:
    """A project with an old and a new database, both migrated; the old one has one account."""

    def __init__(self, server: Server, folder: Path) -> None:
        self.old, self.new = server.create_database(), server.create_database()
        root = render(folder / "project", driver=server.driver)
        Project(root, self.old).manage("migrate")
        self.project = Project(root, self.new)
        self.project.manage("migrate")
        execute(self.old, USER)
        execute(self.old, ACCOUNT.format(1, MOMENT, MOMENT))

    def command(self, **urls: str) -> list[str]:
        chosen = {"old": address(self.old), "new": address(self.new), **urls}
        return [*COPYDATA, "--from", chosen["old"], "--to", chosen["new"]]

    def refused(self, **urls: str) -> str:
        """Run a copy that must fail and leave the new database empty; return its error."""
        refusal = self.project.run(*self.command(**urls), expect=1)
        assert execute(self.new, COUNT) == [(0,)]
        return refusal.stderr


def address(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@contextmanager
def moving(server: Server, folder: Path) -> Generator[Move]:
    move = Move(server, folder)
    try:
        yield move
    finally:
        server.drop_database(move.old)
        server.drop_database(move.new)


@pytest.fixture
def move(sqlite: Server, tmp_path: Path) -> Generator[Move]:
    with moving(sqlite, tmp_path) as move:
        yield move


def test_an_unusable_url(move: Move, tmp_path: Path) -> None:
    missing = tmp_path / "missing.db"
    for old, says in {
        "nonsense": "--from nonsense is not a database URL",
        "oracle+oracledb://ada:secret@host/x": "'oracledb', which is not installed",
        f"sqlite+aiosqlite:///{missing}": f"no such file: {missing}",
        "postgresql+asyncpg://ada:secret@127.0.0.1:1/x": "ada:***@127.0.0.1:1/x cannot be reached",
        address(move.new): "--from and --to are the same database",
    }.items():
        refusal = move.refused(old=old)
        assert says in refusal
        assert "secret" not in refusal
    assert not missing.exists()
    other = move.refused(new="postgresql+asyncpg://ada:secret@127.0.0.1:1/x")
    assert "--to names the driver 'postgresql+asyncpg'" in other


def test_a_database_that_is_not_migrated(move: Move, tmp_path: Path) -> None:
    empty = tmp_path / "empty.db"
    empty.touch()
    refusal = move.refused(old=f"sqlite+aiosqlite:///{empty}")
    assert "--from is at revision none" in refusal
    refusal = move.refused(new=f"sqlite+aiosqlite:///{empty}")
    assert "--to is at revision none" in refusal


def test_a_new_database_with_rows(move: Move) -> None:
    execute(move.new, ACCOUNT.format(2, MOMENT, MOMENT))
    refusal = move.project.run(*move.command(), expect=1)
    assert "--to is not empty: accounts has 1 row" in refusal.stderr
    assert execute(move.new, COUNT) == [(1,)]


def test_a_value_that_cannot_be_read(move: Move) -> None:
    execute(move.old, ACCOUNT.format(2, "some day", MOMENT))
    assert "accounts cannot be copied" in move.refused()


def test_a_value_that_is_stored_differently(move: Move) -> None:
    """The refusal names the table and the column."""
    execute(
        move.new,
        "CREATE TRIGGER richer AFTER INSERT ON accounts BEGIN "
        "UPDATE accounts SET balance = balance + 1; END",
    )
    refusal = move.refused().splitlines()[-1]
    assert re.sub("[0-9a-f]{12}", "…", refusal) == (
        "Error: accounts differs in balance; rows and checksum are 1 and … in --from, 1 and … in "
        "--to. Nothing was copied. The new database stores a value differently: correct the value, "
        "or the column's type."
    )


@pytest.mark.parametrize(
    ("sent", "code"),
    [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, -signal.SIGTERM), (signal.SIGINT, 130)],
)
def test_a_copy_that_is_interrupted_or_killed(
    postgresql: Server, tmp_path: Path, sent: signal.Signals, code: int
) -> None:
    """The signal reaches the copy itself, and the next run copies everything."""
    with moving(postgresql, tmp_path) as move:
        execute(move.old, ACCOUNT.format(2, MOMENT, MOMENT))
        execute(move.old, TRANSFER)
        log = tmp_path / "copy.log"
        with held(move.new, "LOCK TABLE transfers IN EXCLUSIVE MODE"), log.open("w") as output:
            copy = processes.spawn(
                move.command(), cwd=move.project.root, log=output, env=move.project.environment()
            )
            try:
                begun = processes.wait_until(
                    lambda: "transfers" in log.read_text(), copy, seconds=60
                )
                assert begun, log.read_text()
                copy.send_signal(sent)
                assert copy.wait(timeout=30) == code, log.read_text()
            finally:
                processes.kill(copy)
        assert execute(move.new, COUNT) == [(0,)]
        move.project.run(*move.command())
        assert execute(move.new, COUNT) == [(3,)]
