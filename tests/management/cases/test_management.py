"""The behaviour of `manage.py`: its commands, its output and its exit codes."""

import asyncio
import json
import os
import socket
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

import pytest
from alembic.operations import ops
from sqlalchemy import Column, Integer, String

from my_service.core.development.commands.routes import routes
from my_service.core.development.commands.shell import Shell
from my_service.core.development.linter import lint
from my_service.core.development.revision_names import suggest_name
from my_service.core.management.checks import Level, Message, deploy, project, run_checks
from my_service.core.management.cli import run
from my_service.core.management.commands.runserver import bind
from my_service.core.management.describe import describe
from my_service.core.management.errors import CommandError
from my_service.core.settings import CoreSettings

MANAGE = Path(__file__).parents[2] / "manage.py"
COMMANDS = [
    "check",
    "dbshell",
    "dumpdata",
    "inspectdb",
    "loaddata",
    "makemigrations",
    "migrate",
    "routes",
    "runserver",
    "seed",
    "shell",
    "showmigrations",
    "sqlmigrate",
    "squash",
    "test",
]


async def manage(*arguments: str, **environment: str) -> tuple[int | None, str, str]:
    """Run `manage.py` in another process; return its exit code, output and errors."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(MANAGE),
        *arguments,
        cwd=MANAGE.parent,
        env=os.environ | environment,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    out, err = await process.communicate()
    return process.returncode, out.decode(), err.decode()


def test_help_lists_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--help"]) == 0
    lines = capsys.readouterr().out.splitlines()
    for command in COMMANDS:
        assert any(line.startswith(f"  {command}  ") and line[20:].strip() for line in lines)


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([command, "--help"]) == 0
    assert f"Usage: manage.py {command}" in capsys.readouterr().out


def test_a_mistyped_command_suggests_the_nearest(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert run(["migrat"]) == 2
    assert "'migrate'" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["migrate", "--plna"], ["migrate", "--plan", "--fake"]])
def test_wrong_usage_exits_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(arguments) == 2
    assert "Usage: manage.py migrate" in capsys.readouterr().err


async def test_listing_the_commands_does_not_import_them() -> None:
    code, _, err = await manage("--help", PYTHONPROFILEIMPORTTIME="1")
    imported = {line.rpartition("|")[2].strip() for line in err.splitlines()}
    assert code == 0
    assert "click" in imported
    assert imported.isdisjoint({"alembic", "fastapi", "pydantic", "sqlalchemy", "uvicorn"})


async def test_each_invalid_setting_is_reported_in_one_line() -> None:
    code, _, err = await manage("check", DB_POOL_SIZE="ten", LOG_LEVEL="loud")
    assert code == 2
    assert "\n  LOG_LEVEL=LOUD: " in err
    assert "\n  DB_POOL_SIZE=ten: " in err
    assert "Traceback" not in err


async def test_an_unknown_migration_target_is_refused() -> None:
    code, _, err = await manage("migrate", "nowhere")
    assert code == 1
    assert "'nowhere'" in err
    assert "showmigrations" in err


def test_seed_names_an_app_without_seed_data(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["seed", "nowhere"]) == 1
    assert "seed.py" in capsys.readouterr().err


def test_a_check_of_the_first_releases_is_valid() -> None:
    found = Message(Level.WARNING, "till.W001", "The till is empty.", "Fill it.")
    assert (found.level, found.id) == (Level.WARNING, "till.W001")
    assert str(found) == "?: (till.W001) The till is empty.\n\tHINT: Fill it."


async def test_check_finds_no_issues(database: None) -> None:
    assert await run_checks() == []


def ids(found: Iterable[Message]) -> list[str]:
    return [message.id for message in found]


def test_check_finds_an_app_that_does_not_exist() -> None:
    class Wrong(CoreSettings):
        INSTALLED_APPS: ClassVar[list[str]] = ["nowhere"]

    assert ids(project.apps_are_found(Wrong())) == ["apps.E001"]


def test_check_finds_settings_that_are_unsafe_in_production() -> None:
    lax = CoreSettings(debug=True, secret_key=None, allowed_hosts=["*"], cors_origins=["*"])
    assert ids(deploy.debug_is_off(lax)) == ["security.W001"]
    assert ids(deploy.secret_key_is_secret(lax)) == ["security.W002"]
    assert ids(deploy.hosts_are_named(lax)) == ["security.W003"]
    assert ids(deploy.origins_are_named(lax)) == ["security.W005"]


def test_routes_are_listed_with_their_source_location() -> None:
    live = next(row for row in routes() if row.path == "/health/live" and row.method == "GET")
    file, _, line = live.place.rpartition(":")
    assert Path(file).is_file()
    assert int(line) > 0


def test_routes_are_listed_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["routes", "--json"]) == 0
    assert {"method", "path", "name", "place"} == set(json.loads(capsys.readouterr().out)[0])


def test_a_taken_port_is_refused() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(CommandError, match=rf"port {port}.*--port"):
            bind("127.0.0.1", port)


def test_the_shell_supports_await(capsys: pytest.CaptureFixture[str]) -> None:
    with asyncio.Runner() as runner:
        shell = Shell(runner, {"asyncio": asyncio})
        assert shell.runs("print(await asyncio.sleep(0, 'woke'))")
        assert not shell.runs("1 / 0")
    out, err = capsys.readouterr()
    assert out == "woke\n"
    assert err.splitlines()[1:] == [
        '  File "<shell>", line 1, in <module>',
        "ZeroDivisionError: division by zero",
    ]


FURNITURE = ["chairs", "sofas", "tables", "lamps", "rugs", "beds"]
name = Column("name", String(40))
table = ops.CreateTableOp("shelves", [Column("id", Integer, primary_key=True)])
index = ops.CreateIndexOp("ix_shelves_id", "shelves", ["id"])


@pytest.mark.parametrize(
    ("operations", "lines", "suggested"),
    [
        (
            [table, index],
            ["+ Create table shelves", "+ Create index ix_shelves_id on shelves"],
            "create shelves",
        ),
        (
            [ops.AddColumnOp("shelves", name), ops.DropColumnOp("shelves", "size")],
            ["+ Add column shelves.name", "- Drop column shelves.size"],
            "add name to shelves and more",
        ),
        (
            [ops.AlterColumnOp("shelves", "name", modify_nullable=False)],
            ["~ Alter column shelves.name: NOT NULL"],
            "alter name of shelves",
        ),
        (
            [ops.DropTableOp(name) for name in FURNITURE],
            [f"- Drop table {name}" for name in FURNITURE],
            "drop chairs, sofas, tables and more",
        ),
    ],
)
def test_a_revision_is_described_and_named_by_its_changes(
    operations: list[ops.MigrateOperation], lines: list[str], suggested: str
) -> None:
    found = describe(ops.UpgradeOps(operations))
    assert [str(change) for change in found] == lines
    assert suggest_name(found) == suggested


@pytest.mark.parametrize(
    ("statement", "found"),
    [
        ('op.add_column("t", sa.Column("c", sa.Integer(), nullable=False))', ["migrations.W101"]),
        ('op.add_column("t", sa.Column("c", sa.Integer(), nullable=True))', []),
        ('op.alter_column("t", "c", nullable=False)', ["migrations.W102"]),
        ('op.drop_column("t", "c")', ["migrations.W103"]),
        ('op.drop_column("t", "c")  # checked: migrations.W103', []),
        ('op.drop_table("t")', ["migrations.W104"]),
        ('op.execute("ALTER TABLE t RENAME COLUMN c TO d")', ["migrations.W105"]),
        ('op.rename_table("t", "u")', ["migrations.W106"]),
        ('op.alter_column("t", "c", type_=sa.Integer())', ["migrations.W107"]),
    ],
)
def test_the_linter_finds_unsafe_statements(statement: str, found: list[str]) -> None:
    assert [finding.id for finding in lint(statement)] == found
