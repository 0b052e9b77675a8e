"""The commands of `manage.py`: the template's, and each app's `commands/NAME.py`."""

from pathlib import Path

import pytest

from ..support.projects import Project, render

pytestmark = pytest.mark.full

HELLO = '''"""Say hello."""

import click


@click.command(help=__doc__)
@click.argument("name")
def command(name: str) -> None:
    click.echo(f"Hello, {name}.")
'''
KNOWS_ACCOUNTS = '''"""Say whether the table of another app is known."""

import click

from ....core.db import Base


@click.command(help=__doc__)
def command() -> None:
    click.echo("accounts" in Base.metadata.tables)
'''
SLOW_LIBRARIES = {"alembic", "fastapi", "pydantic", "sqlalchemy", "uvicorn"}


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(render(tmp_path / "project"))


def write(project: Project, app: str, name: str, source: str = HELLO) -> str:
    """Write a command for an app; return its path."""
    file = project.root / "my_service/apps" / app / "commands" / f"{name}.py"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(source)
    return str(file.relative_to(project.root))


def test_an_apps_command_is_listed_and_run(project: Project) -> None:
    write(project, "blog", "hello")
    listed = project.manage("--help").stdout
    assert "Commands of blog:" in listed
    assert "Say hello." in listed
    assert project.manage("hello", "Ada").stdout == "Hello, Ada.\n"
    assert "Usage: manage.py hello" in project.manage("hello", "--help").stdout


def test_an_apps_command_knows_the_models_of_every_app(project: Project) -> None:
    """A relationship names its class, and `back=` adds relationships to classes of other apps."""
    write(project, "blog", "knows", KNOWS_ACCOUNTS)
    assert project.manage("knows").stdout == "True\n"


def test_a_command_of_an_app_that_is_not_installed_is_refused(project: Project) -> None:
    file = write(project, "attic", "hello")
    assert project.manage("hello", "Ada", expect=1).stderr == (
        f"Error: {file} belongs to the app attic, which is not installed. "
        "Add 'attic' to INSTALLED_APPS in settings.py.\n"
    )


@pytest.mark.parametrize(
    ("name", "other"),
    [
        ("migrate", "my_service/core/management/commands/migrate.py"),
        ("makemigrations", "my_service/core/development/commands/makemigrations.py"),
        ("hello", "my_service/apps/blog/commands/hello.py"),
    ],
)
def test_two_commands_of_one_name_are_refused_with_both_files(
    project: Project, name: str, other: str
) -> None:
    write(project, "blog", "hello")
    file = write(project, "ledger", name)
    assert project.manage(name, expect=1).stderr == (
        f"Error: {other} and {file} both define the command {name}. Rename one of them.\n"
    )
    assert "more than one file defines this command" in project.manage("--help").stdout
    project.manage("check", "--list-tags")


def test_a_broken_command_does_not_affect_others(project: Project) -> None:
    write(project, "blog", "broken", '"""Broken."""\nimport nowhere\n')
    write(project, "blog", "unreadable", "def (:\n")
    write(project, "blog", "empty", '"""Empty."""\n')
    listed = project.manage("--help").stdout
    assert "cannot be read: invalid syntax" in listed
    assert "Broken." in listed
    project.manage("check", "--list-tags")
    assert "No module named 'nowhere'" in project.manage("broken", expect=1).stderr
    assert "SyntaxError" in project.manage("unreadable", expect=1).stderr
    assert "has no click command named `command`" in project.manage("empty", expect=1).stderr


def test_listing_imports_no_command_and_no_slow_library(project: Project) -> None:
    write(project, "blog", "hello")
    done = project.run(project.python, "-X", "importtime", "manage.py", "--help")
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "click" in imported
    assert imported.isdisjoint(SLOW_LIBRARIES)
    assert not any(".commands." in name for name in imported)


def test_development_commands_without_their_files_are_named(
    project: Project,
) -> None:
    folder = project.root / "my_service/core/development/commands"
    names = sorted(file.stem for file in folder.glob("[!_]*.py"))
    found = project.run(
        project.python,
        "-c",
        "from my_service.core.management.discovery import DEVELOPMENT_COMMANDS as names\n"
        "print(*sorted(names))",
    )
    assert found.stdout.split() == names


def test_a_mistyped_command_suggests_the_nearest(project: Project) -> None:
    assert "'migrate'" in project.manage("migrat", expect=2).stderr
