"""Migrating, with others in the way and after the worst."""

import re
import signal
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import URL

from ..conftest import each_driver
from ..support import forking
from ..support.processes import eventually, kill, spawn, wait_until
from ..support.projects import Project
from ..support.servers import Server
from ..support.sql import held
from .lab import Lab, lab

pytestmark = pytest.mark.full

AT_ONCE = 10
ROW = "class {name}(Row):\n    n: Mapped[int]\n"
SLOW = {
    "postgresql": "SELECT pg_sleep(60)",
    "mysql": "SELECT SLEEP(15)",
    "mariadb": "SELECT SLEEP(15)",
    "sqlite": "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c WHERE x < 1000000000) "
    "SELECT max(x) FROM c",
}


LONG = {  # longer than a second
    "postgresql": "SELECT pg_sleep(2)",
    "mysql": "SELECT SLEEP(2)",
    "mariadb": "SELECT SLEEP(2)",
}
INDEX = """def upgrade() -> None:
    from alembic import op

    from my_service.core.management import steps

    op.execute("SELECT pg_sleep(1)")
    steps.create_index("ix_firsts_n", "firsts", ["n"])


"""
CLOSED = {  # a statement that closes its connection, and what to do then
    "asyncpg": (
        "SELECT pg_terminate_backend(pg_backend_pid())",
        "It is rolled back; those before it are applied. When the server answers, run `migrate` again.",
    ),
    "aiomysql": (
        "KILL CONNECTION_ID()",
        "Run `migrate` again when the server answers: it resumes after the last completed statement.",
    ),
}
VALID = "SELECT indisvalid FROM pg_index JOIN pg_class ON oid = indexrelid WHERE relname = 'ix_firsts_n'"
WAITS = r"Waiting for (backend|connection) \d+, which migrates this database\."


@each_driver
def test_many_replicas_migrate_at_once(shipped: Project) -> None:
    """All of them end well, and one of them has applied the revision."""

    def migrate(_: int) -> str:
        return shipped.manage("migrate").stdout

    with ThreadPoolExecutor(AT_ONCE) as pool:
        told = list(pool.map(migrate, range(AT_ONCE)))
    assert sum("Apply 0001" in lines for lines in told) == 1
    assert sum("Nothing to migrate" in lines for lines in told) == AT_ONCE - 1


def test_printed_sql_makes_what_migrating_makes(shipped: Project, database: Server) -> None:
    """Each database's own client runs it, and the schema is the same to the last name."""
    assert shipped.database is not None
    printed = shipped.manage("migrate", "--sql").stdout
    client = CLIENTS[database.name](shipped.database)
    subprocess.run(client, input=printed, text=True, check=True, capture_output=True)
    assert "Nothing to migrate" in shipped.manage("migrate").stdout
    shipped.manage("makemigrations", "--check")
    offline = schema(shipped)
    shipped.manage("migrate", "base")
    shipped.manage("migrate")
    assert offline == schema(shipped)


@each_driver
def test_defaults_of_the_database_do_not_drift(project: Lab) -> None:
    """Neither a Computed column, nor `now()`, nor a text with a quote."""
    project.begin(
        "class Event(Row):\n"
        "    n: Mapped[int]\n"
        '    twice: Mapped[int | None] = mapped_column(Computed("n * 2", persisted=True))\n'
        "    at: Mapped[datetime] = mapped_column(server_default=func.now())\n"
        '    name: Mapped[str] = mapped_column(String(40), server_default="it\'s 5% \\\\ 6")\n'
    )
    assert project.manage("makemigrations", "--check").stdout == "No changes detected.\n"


@each_driver
def test_a_downgrade_creates_colons_again(project: Lab) -> None:
    """SQLAlchemy takes the words behind them for parameters."""
    project.begin(
        "class Event(Row):\n"
        '    __tablename__ = "events"\n'
        '    __table_args__ = (CheckConstraint("name <> \'a \\\\:b\'", name="name"),)\n'
        "    name: Mapped[str] = mapped_column(String(40), server_default='{\"a\":1} :b')\n"
    )
    project.models("")
    project.manage("makemigrations")
    assert project.versions[-1].read_text().count("NULL") == 0
    for target in ("head", "-1"):
        project.manage("migrate", target)
    project.sql("INSERT INTO events (id) VALUES (1)")
    assert project.sql("SELECT name FROM events") == [('{"a":1} :b',)]


@each_driver
def test_revisions_of_one_name_are_separate_files(project: Lab) -> None:
    models = [ROW.format(name=name) for name in ("First", "Second", "Third")]
    project.begin(models[0])
    for count in (2, 3):
        project.models("\n\n".join(models[:count]))
        project.manage("makemigrations", "-m", "wip")
        project.manage("migrate")
    assert len(project.versions) == 3


def test_a_killed_migration_is_taken_up_again(
    project: Lab, database: Server, tmp_path: Path
) -> None:
    project.begin(ROW.format(name="First"))
    project.models(ROW.format(name="First") + "\n\n" + ROW.format(name="Second"))
    project.manage("makemigrations")
    revision = project.versions[-1]
    written = revision.read_text()
    slow = f'    op.execute("{SLOW[database.name]}")\n\n\ndef downgrade'
    revision.write_text(re.sub(r"\n\n\ndef downgrade", "\n" + slow, written, count=1))
    log = tmp_path / "migrate.log"
    with log.open("w") as output:
        process = spawn(
            [project.python, "manage.py", "migrate"],
            cwd=project.root,
            log=output,
            env=project.environment(),
        )
        assert wait_until(lambda: "Apply" in log.read_text(), process, seconds=30)
        assert not eventually(lambda: process.poll() is not None, seconds=1)
        kill(process)
    revision.write_text(written)
    project.manage("migrate")
    project.manage("makemigrations", "--check")
    project.manage("migrate", "--check")


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_migrate_says_that_it_waits_for_the_lock_of_the_file(project: Lab, tmp_path: Path) -> None:
    project.models(ROW.format(name="First"))
    project.manage("makemigrations")
    project.settings = {**project.settings, "DB_STATEMENT_TIMEOUT": "0.2"}
    log = tmp_path / "migrate.log"
    assert project.database is not None
    with log.open("w") as output, held(project.database, "BEGIN IMMEDIATE"):
        command = (project.python, "manage.py", "migrate")
        process = spawn(command, cwd=project.root, log=output, env=project.environment())
        assert wait_until(lambda: "Waiting" in log.read_text(), process, seconds=30)
    assert process.wait(30) == 0
    waits = r"Waiting until \d\d:\d\d for another process, which writes to this database\.\n"
    assert re.fullmatch(waits + "  Apply .*\n", log.read_text())


@pytest.mark.parametrize("database", ["postgresql", "mariadb"], indirect=True)
def test_a_statement_may_take_longer_than_the_limit_of_requests(
    project: Lab, database: Server
) -> None:
    """Two migrate at once: the other one waits longer than the limit, and says so."""
    project.begin(ROW.format(name="First"))
    project.models(ROW.format(name="First") + "\n\n" + ROW.format(name="Second"))
    project.manage("makemigrations")
    add_operation(project, LONG[database.name])
    project.settings = {**project.settings, "DB_STATEMENT_TIMEOUT": "0.2"}
    with ThreadPoolExecutor(2) as pool:
        done = list(pool.map(project.manage, ["migrate"] * 2))
    assert sorted("Apply" in each.stdout for each in done) == [False, True]
    assert re.search(WAITS, "".join(each.stderr for each in done))


def test_an_index_is_created_while_another_process_waits(
    postgresql: Server, tmp_path: Path
) -> None:
    """CREATE INDEX CONCURRENTLY waits for all older snapshots, such as that of a waiting statement."""
    with lab(postgresql, tmp_path) as project:
        project.begin(ROW.format(name="First"))
        project.manage("makemigrations", "--empty", "-m", "index")
        revision = project.versions[-1]
        text = re.sub(r"def upgrade.*?\n\n\n", INDEX, revision.read_text(), flags=re.DOTALL)
        revision.write_text(text)
        with ThreadPoolExecutor(3) as pool:
            done = list(pool.map(project.manage, ["migrate"] * 3))
        assert sorted("Apply" in each.stdout for each in done) == [False, False, True]
        assert project.sql(VALID) == [(True,)]


def add_operation(project: Lab, sql: str) -> None:
    """Begin the newest revision with a statement, in a transaction that ends with it."""
    revision = project.versions[-1]
    begin = "def upgrade() -> None:\n"
    text = revision.read_text().replace(begin, f'{begin}    op.execute("{sql}")\n', 1)
    revision.write_text(text)


def test_a_failure_half_way_says_what_is_in_and_how_to_go_on(
    project: Lab, database: Server
) -> None:
    project.begin(ROW.format(name="First"))
    project.models(ROW.format(name="First") + "\n\n" + ROW.format(name="Second"))
    project.manage("makemigrations")
    revision = project.versions[-1]
    written = revision.read_text()
    wrong = '    op.execute("INSERT INTO nowhere VALUES (1)")\n\n\ndef downgrade'
    revision.write_text(re.sub(r"\n\n\ndef downgrade", "\n" + wrong, written, count=1))
    told = project.manage("migrate", expect=1).stderr
    assert "Traceback" not in told
    if database.driver == "aiomysql":
        assert "CREATE TABLE seconds" in told
        assert "run `migrate` again" in told
    revision.write_text(written)
    project.manage("migrate")
    project.manage("makemigrations", "--check")
    project.manage("migrate", "-1")


@pytest.mark.parametrize("database", ["postgresql", "mariadb", "mysql"], indirect=True)
def test_a_revision_whose_connection_is_closed_says_so(project: Lab, database: Server) -> None:
    project.begin(ROW.format(name="First"))
    project.models(ROW.format(name="First") + "\n\n" + ROW.format(name="Second"))
    project.manage("makemigrations")
    revision = project.versions[-1]
    written = revision.read_text()
    kill, told = CLOSED[database.driver]
    line = f"    op.execute({kill!r})\n\n\ndef downgrade"
    revision.write_text(written.replace("\n\n\ndef downgrade", f"\n{line}", 1))
    error = project.manage("migrate", expect=1).stderr
    assert re.fullmatch(
        rf"Error: revision \w+ create seconds failed: .+\. {re.escape(told)}\n", error
    )
    revision.write_text(written)
    project.manage("migrate")
    project.manage("makemigrations", "--check")


@pytest.mark.parametrize("database", ["mariadb", "mysql"], indirect=True)
def test_progress_outlives_commands_that_do_not_complete_it(project: Lab) -> None:
    """Neither migrating to the current revision nor one in the other direction forgets it."""
    project.begin(ROW.format(name="First"))
    project.models(ROW.format(name="First") + "\n\n" + ROW.format(name="Second"))
    project.manage("makemigrations")
    revision = project.versions[-1]
    written = revision.read_text()
    wrong = '    op.execute("INSERT INTO nowhere VALUES (1)")\n\n\ndef downgrade'
    revision.write_text(re.sub(r"\n\n\ndef downgrade", "\n" + wrong, written, count=1))
    project.manage("migrate", expect=1)
    current = re.findall(r'^down_revision = "(.+)"', written, re.MULTILINE)[0]
    assert "Nothing to migrate" in project.manage("migrate", current).stdout
    refused = project.manage("migrate", "base", expect=1).stderr
    assert "was interrupted, and the database has a part of it" in refused
    assert "CREATE TABLE seconds" in project.manage("migrate", expect=1).stderr
    revision.write_text(written)
    project.manage("migrate")
    project.manage("makemigrations", "--check")
    project.manage("migrate", "base")


@each_driver
def test_an_existing_database_is_adopted(project: Lab) -> None:
    project.begin(ROW.format(name="First"))
    project.sql("INSERT INTO firsts (id, n) VALUES (1, 2)")
    project.sql("DROP TABLE alembic_version")
    project.manage("migrate", "--check", expect=1)
    assert "FAKED" in project.manage("migrate", "--fake").stdout
    assert project.sql("SELECT n FROM firsts") == [(2,)]
    project.manage("makemigrations", "--check")


@each_driver
def test_a_fake_tells_what_the_database_lacks(project: Lab) -> None:
    project.models(ROW.format(name="First"))
    project.manage("migrate")
    project.sql("CREATE TABLE firsts (id INTEGER NOT NULL PRIMARY KEY, n INTEGER NOT NULL)")
    project.sql("DROP TABLE firsts")
    project.manage("makemigrations")
    assert "+ Create table firsts" in project.manage("migrate", "--fake").stderr


@each_driver
def test_a_squashed_history_makes_the_same_schema(project: Lab) -> None:
    project.begin(ROW.format(name="First"))
    project.models(ROW.format(name="First") + "    first: Mapped[int | None]\n")
    project.manage("makemigrations")
    project.manage("migrate")
    before = schema(project)
    project.manage("squash")
    assert len(project.versions) == 1
    assert "Nothing to migrate" in project.manage("migrate").stdout
    project.manage("migrate", "base")
    project.manage("migrate")
    assert schema(project) == before


def test_a_squash_lists_rows_and_keeps_the_revisions_when_it_is_killed(project: Lab) -> None:
    project.begin(ROW.format(name="First"))
    project.models(ROW.format(name="First") + "    m: Mapped[int | None]\n")
    project.manage("makemigrations")
    add_operation(project, "INSERT INTO firsts (id, n) VALUES (1, 2)")
    old = {file.name: file.read_text() for file in project.versions}
    code = KILLED_SQUASH.format(root=str(project.root))
    done = forking.run([project.python, "-c", code], cwd=project.root, env=project.environment())
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert done.stderr == "Left out: rows that revisions insert into firsts.\n"
    (aside,) = (project.root / "migrations/versions").glob("squashed-*")
    assert {file.name: file.read_text() for file in aside.glob("*.py")} == old
    for file in [*project.versions, *aside.glob("*.py")]:
        file.rename(aside.parent / file.name) if file.parent == aside else file.unlink()
    aside.rmdir()
    project.manage("migrate")
    assert "Left out: rows that revisions insert into firsts." in project.manage("squash").stderr


@each_driver
def test_what_only_a_revision_makes_is_not_squashed(project: Lab) -> None:
    project.begin(ROW.format(name="First"))
    project.manage("makemigrations", "--empty", "-m", "view")
    revision = project.versions[-1]
    text = revision.read_text().replace(
        "    pass", '    op.execute("CREATE VIEW seen AS SELECT 1 AS n")', 1
    )
    revision.write_text(text.replace("\nrevision =", "\nfrom alembic import op\n\nrevision =", 1))
    assert "view seen" in project.manage("squash", expect=1).stderr
    assert len(project.versions) == 2


# Before the new revision is compared with the old ones.
KILLED_SQUASH = """
import os, sys
sys.path.insert(0, {root!r})
from my_service.core.development.commands import squash
squash.require_same = lambda *schemas: os.kill(os.getpid(), 9)
squash.command(["-m", "all"])
"""


def schema(project: Project) -> str:
    """Everything that the database says of its schema."""
    return project.run(project.python, "-c", SCHEMA).stdout


SCHEMA = """
import asyncio
from sqlalchemy import inspect
from my_service.core.management.migrations import connect

def show(connection):
    inspector = inspect(connection)
    for table in sorted(inspector.get_table_names()):
        print(table, inspector.get_table_options(table))
        for column in inspector.get_columns(table):
            print(" ", {**column, "type": str(column["type"])})
        print(" ", inspector.get_pk_constraint(table))
        for name in ("foreign_keys", "indexes", "unique_constraints", "check_constraints"):
            for item in sorted(getattr(inspector, f"get_{name}")(table), key=lambda item: item["name"]):
                print(" ", name, item)

async def main():
    async with connect() as connection:
        await connection.run_sync(show)

asyncio.run(main())
"""


def sqlite(url: URL) -> list[str]:
    return ["sqlite3", "-bail", str(url.database)]


def psql(url: URL) -> list[str]:
    uri = url.set(drivername="postgresql").render_as_string(hide_password=False)
    return ["psql", "-qX", "-v", "ON_ERROR_STOP=1", uri]


def mysql(url: URL) -> list[str]:
    client = ["mysql", "-h", url.host or "", "-P", str(url.port or 3306), "-u", url.username or ""]
    return [*client, *([f"-p{url.password}"] if url.password else []), url.database or ""]


CLIENTS = {"sqlite": sqlite, "postgresql": psql, "mariadb": mysql, "mysql": mysql}
