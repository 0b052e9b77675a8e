"""`inspectdb`: models of existing tables, with which `makemigrations --check` finds nothing."""

import os
import sys
from collections.abc import Generator
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from ..migrations.lab import LIST, Lab
from ..support.deep import DEEP
from ..support.projects import Project, render
from ..support.servers import Server
from ..support.sql import execute
from .edges import MODELS
from .schemas import FEATURES, MUSIC, SEVERAL, statements

pytestmark = pytest.mark.full

NOT_MAPPED = {
    "sqlite": [
        "natives: the type of loose, which is written as Text",
        "natives: CHECK (price > 0), which has no name",
        "view rich",
    ],
    "postgresql": ["natives: the sequence of serial", "view rich"],
}
CONFIGURE = """
from my_service.apps.legacy import models
from sqlalchemy.orm import configure_mappers

configure_mappers()
"""


@pytest.fixture(scope="module")
def root(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("inspected") / "project"
    return render(folder, driver=database.driver, auth=False, jobs=False, example=False)


@pytest.fixture
def existing(root: Path, database: Server, tmp_path: Path) -> Generator[Lab]:
    """A project without apps, on an empty database of its own."""
    settings = root / "my_service/settings.py"
    before = settings.read_text()
    project = Lab(root, database=database.create_database())
    assert project.database is not None
    yield project
    settings.write_text(before)
    for version in project.versions:
        version.unlink()
    folder = root / "my_service/apps/legacy"
    if folder.exists():
        folder.rename(tmp_path / "legacy")
    database.drop_database(project.database)


def inspectdb(project: Project, *arguments: str, expect: int = 0) -> CompletedProcess[str]:
    return project.run(sys.executable, "-m", "groundplan", "inspectdb", *arguments, expect=expect)


def install(project: Project) -> None:
    settings = project.root / "my_service/settings.py"
    settings.write_text(LIST.sub(r'\1["legacy"]', settings.read_text()))


def test_models_of_existing_tables_have_no_drift(existing: Lab, database: Server) -> None:
    assert existing.database is not None
    dialect = existing.database.get_backend_name()
    for statement in statements(FEATURES + MUSIC.lstrip(), dialect):
        execute(existing.database, statement)
    done = inspectdb(existing)
    expected = NOT_MAPPED.get(dialect, ["view rich"])
    assert done.stderr.splitlines() == [f"not mapped: {line}" for line in expected]
    models = existing.root / "my_service/apps/legacy/models.py"
    for line in done.stderr.splitlines():
        assert f"# {line}\n" in models.read_text()
    install(existing)
    existing.run(existing.python, "-c", CONFIGURE)
    assert existing.manage("makemigrations", "--check").stdout == "No changes detected.\n"
    assert "already exists" in inspectdb(existing, expect=1).stderr
    tools = [["ruff", "check"], ["ruff", "format", "--check"], ["mypy"]]
    if DEEP or database.name == "postgresql":
        tools.append(["pyright", "--pythonpath", sys.executable])
    for tool in tools:
        existing.run(existing.python, "-m", *tool, str(models))
    new = Lab(existing.root, database=database.create_database())
    assert new.database is not None
    new.manage("makemigrations", "-m", "first")
    new.manage("migrate")
    assert new.manage("makemigrations", "--check").stdout == "No changes detected.\n"
    database.drop_database(new.database)
    existing.manage("migrate", "--fake")
    assert existing.manage("makemigrations", "--check").stdout == "No changes detected.\n"


def test_models_of_this_project_survive(existing: Lab) -> None:
    """The types, keys and names of models come back, though not every Python class."""
    existing.models(MODELS)
    settings = existing.root / "my_service/settings.py"
    before = settings.read_text()
    settings.write_text(LIST.sub(r'\1["lab"]', before))
    existing.manage("makemigrations")
    existing.manage("migrate")
    settings.write_text(before)
    for version in existing.versions:
        version.unlink()
    existing.sql("DROP TABLE alembic_version")
    inspectdb(existing)
    install(existing)
    assert existing.manage("makemigrations", "--check").stdout == "No changes detected.\n"


def test_what_cannot_be_inspected_is_refused(existing: Lab) -> None:
    assert inspectdb(existing, expect=1).stderr == (
        "Error: the database has no table without a model. Name tables that exist and that no "
        "installed app has a model for.\n"
    )
    existing.sql("CREATE TABLE things (id INTEGER PRIMARY KEY)")
    assert inspectdb(existing, "nothing", expect=1).stderr == (
        "Error: the database has no table 'nothing' without a model. Name tables that exist and that "
        "no installed app has a model for.\n"
    )
    assert inspectdb(existing, "--app", "My-App", expect=1).stderr == (
        "Error: 'My-App' cannot be the name of an app. Use a name like `legacy`.\n"
    )
    shown = inspectdb(existing, "things", "--dry-run").stdout
    assert "class Thing(Base):\n" in shown
    assert not (existing.root / "my_service/apps/legacy").exists()


def test_manage_py_passes_its_arguments_on(existing: Lab, tmp_path: Path) -> None:
    """The output and the exit code are the program's, and the environment is that of manage.py."""
    existing.sql("CREATE TABLE things (id INTEGER PRIMARY KEY)")
    existing.sql("CREATE TABLE others (id INTEGER PRIMARY KEY)")
    other = tmp_path / "other/bin/python"
    other.parent.mkdir(parents=True)
    other.write_text("#!/bin/sh\nexit 9\n")
    other.chmod(0o755)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    existing.settings = {"PATH": path, "VIRTUAL_ENV": str(tmp_path / "other")}
    words = ("things", "--dry-run", "--app", "shop", "others")
    inspectdb(existing, *words, expect=9)
    done = existing.manage("inspectdb", *words)
    assert done.stderr == ""
    assert "class Thing(Base):\n" in done.stdout
    assert "class Other(Base):\n" in done.stdout
    assert existing.manage("inspectdb", "nothing", expect=1).stderr == (
        "Error: the database has no table 'nothing' without a model. Name tables that exist and that "
        "no installed app has a model for.\n"
    )
    assert "No such option" in existing.manage("inspectdb", "--no-such", expect=2).stderr


def test_manage_py_says_how_to_run_the_program_that_is_not_installed(
    sqlite: Server, tmp_path: Path
) -> None:
    project = Project(render(tmp_path / "project"))
    project.settings = {"PATH": str(tmp_path)}
    assert project.manage("inspectdb", "--dry-run", expect=2).stderr == (
        "Error: inspectdb needs the program groundplan, which is not on PATH. Run `uvx --from GROUNDPLAN "
        "groundplan inspectdb`, where GROUNDPLAN is the address of its repository after `git+`, or the path "
        "of a clone.\n"
    )


UNFIT = {
    "a name that is gone": (
        "del LITERAL",
        "this version of groundplan cannot write models for the service: module "
        "'my_service.core.management.server_defaults' has no attribute 'LITERAL'. If the service is of an older release, "
        "bring it up to date: `groundplan update`.",
    ),
    "a package that is not installed": (
        "import no_such_package",
        f"the service's environment {sys.prefix} has no package 'no_such_package'. Install the service "
        "there, with `uv sync` or `pip install -e .`.",
    ),
}


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
@pytest.mark.parametrize(("line", "refusal"), UNFIT.values(), ids=UNFIT)
def test_a_service_that_does_not_fit_is_refused(
    tmp_path: Path, database: Server, line: str, refusal: str
) -> None:
    project = Project(render(tmp_path / "project", driver=database.driver))
    module = project.root / "my_service/core/management/server_defaults.py"
    module.write_text(f"{module.read_text()}\n{line}\n")
    assert inspectdb(project, expect=1).stderr == f"Error: {refusal}\n"


def test_invalid_settings_and_a_missing_database_are_reported(tmp_path: Path) -> None:
    project = Project(render(tmp_path / "project"))
    project.settings = {"DB_POOL_SIZE": "0"}
    assert inspectdb(project, expect=2).stderr.splitlines()[:2] == [
        "Error: invalid settings:",
        "  DB_POOL_SIZE=0: Input should be greater than or equal to 1",
    ]
    project.settings = {"DATABASE_URL": "sqlite+aiosqlite:///no/such/folder.db"}
    assert inspectdb(project, expect=1).stderr == (
        "Error: the database sqlite+aiosqlite:///no/such/folder.db cannot be reached: unable to open "
        "database file. Start or create it, or set DATABASE_URL in the environment or in .env.\n"
    )


@pytest.mark.parametrize("database", ["postgresql"], indirect=True)
def test_tables_of_several_schemas_are_mapped(existing: Lab) -> None:
    for statement in statements(SEVERAL, "postgresql"):
        existing.sql(statement)
    inspectdb(existing, "--schema", "public", "--schema", "sales")
    install(existing)
    assert existing.manage("makemigrations", "--check").stdout == "No changes detected.\n"
    models = (existing.root / "my_service/apps/legacy/models.py").read_text()
    assert models.count('{"schema": "sales"}') == 4
    assert 'UniqueConstraint("person_id", "at", name="once", deferrable=True' in models
    existing.sql("DROP INDEX sales.lines_n")
    done = existing.manage("makemigrations", "--check", expect=1)
    assert done.stdout == "  + Create index lines_n on sales.lines\n"
