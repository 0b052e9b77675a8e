"""Images and wheels leave out `core/development`, and still migrate, check and serve."""

import shutil
import sys
import zipfile
from collections.abc import Generator
from pathlib import Path

import pytest

from ..support.deep import DEEP
from ..support.endings import assert_clean_end
from ..support.projects import Project, render
from ..support.servers import Server, names
from . import image

pytestmark = pytest.mark.full

DEVELOPMENT = "my_service/core/development"


def as_image(project: Path, folder: Path) -> Project:
    """The project as its image contains it."""
    return Project(image.build(project, folder / "app"))


def as_wheel(project: Path, folder: Path) -> Project:
    """The project as a wheel, with manage.py, pyproject.toml and the migrations next to it."""
    command = ("-m", "hatchling", "build", "-t", "wheel", "-d", str(folder))
    Project(project).run(sys.executable, *command)
    (wheel,) = folder.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(folder / "site")
    app = folder / "app"
    app.mkdir()
    for name in ("manage.py", "pyproject.toml"):
        shutil.copy2(project / name, app)
    shutil.copytree(project / "migrations", app / "migrations")
    return Project(app, settings={"PYTHONPATH": str(folder / "site")})


FORMS = {"image": as_image, "wheel": as_wheel}
# What they contain does not depend on the database: a driver's image and one wheel are enough.
FEW = [*(("image", name) for name in names() if name != "mysql"), ("wheel", "sqlite")]
CASES = [(form, name) for form in FORMS for name in names()] if DEEP else FEW


@pytest.fixture
def deployed(form: str, database: Server, tmp_path: Path) -> Generator[Project]:
    """A project with the default answers, in each form, on an empty database."""
    project = FORMS[form](render(tmp_path / "project", driver=database.driver), tmp_path)
    project.database = database.create_database()
    yield project
    database.drop_database(project.database)


@pytest.mark.parametrize(("form", "database"), CASES, indirect=["database"])
def test_a_deployed_project_migrates_checks_and_serves(deployed: Project) -> None:
    assert list(deployed.root.parent.glob(f"*/{DEVELOPMENT}")) == [
        deployed.root.parent / "project" / DEVELOPMENT
    ]
    deployed.manage("migrate", "base")
    deployed.manage("migrate")
    assert "no issues" in deployed.manage("check").stdout
    assert "[X] 0001" in deployed.manage("showmigrations").stdout
    with deployed.serve() as service:
        assert service.client.get("/health/ready").status_code == 200
        assert_clean_end(service)


@pytest.mark.parametrize(
    "command",
    ["dumpdata", "inspectdb", "makemigrations", "routes", "seed", "shell", "squash", "test"],
)
def test_a_development_command_is_refused_in_one_line(
    command: str, sqlite: Server, tmp_path: Path
) -> None:
    project = as_image(render(tmp_path / "project"), tmp_path)
    done = project.manage(command, "--help", expect=2)
    assert done.stderr.splitlines() == [
        f"Error: {command} is a development command, and this installation has no core/development. "
        "Run it in a checkout of the project."
    ]
    assert f"  {command}" in project.manage("--help").stdout


def test_runserver_names_a_missing_secret_key_in_one_line(sqlite: Server, tmp_path: Path) -> None:
    project = as_image(render(tmp_path / "project"), tmp_path)
    project.settings = {"SECRET_KEY": ""}
    done = project.manage("runserver", expect=2)
    assert done.stderr.splitlines() == [
        "Error: SECRET_KEY is not set. Set it in the environment or in .env. To create one: "
        'python -c "import secrets; print(secrets.token_urlsafe(48))"'
    ]
