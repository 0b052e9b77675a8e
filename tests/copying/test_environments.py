"""`groundplan copydata` runs in the service's own environment, and says when it cannot."""

import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from ..support.projects import Project, render
from .lived_in import COPYDATA

pytestmark = pytest.mark.full

URLS = ("--from", "sqlite+aiosqlite:///old.db", "--to", "sqlite+aiosqlite:///new.db")
PROGRAM = ("click", "yaml")  # what the program imports before it starts the copy


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(render(tmp_path / "service"))


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A virtual environment without packages."""
    folder = tmp_path_factory.mktemp("bare") / "environment"
    subprocess.run((sys.executable, "-m", "venv", "--without-pip", folder), check=True)
    return folder


def refusal(project: Project, *, code: int = 1, **environment: str | Path) -> str:
    """Run the command, which must fail; return its error."""
    project.settings = {name: str(value) for name, value in environment.items()}
    return project.run(*COPYDATA, *URLS, expect=code).stderr


def test_a_folder_outside_any_project(tmp_path: Path) -> None:
    assert "is not in a Groundplan project" in refusal(Project(tmp_path))


def test_a_release_with_its_own_command(project: Project) -> None:
    project.root.joinpath("my_service/core/management/commands/copydata.py").touch()
    said = refusal(project)
    assert f"{project.root} is from a release with its own command `manage.py copydata`" in said
    assert "Run that command, or bring the service up to date first: `groundplan update`." in said


def test_a_release_that_cannot_be_copied(project: Project) -> None:
    types = project.root / "my_service/core/db/types.py"
    types.write_text(types.read_text() + "\ndel Duration\n")
    assert "this version of groundplan cannot copy the service: " in refusal(project)


def test_a_project_without_an_environment(project: Project, bare: Path, tmp_path: Path) -> None:
    packages = tmp_path / "packages"
    packages.mkdir()
    for name in PROGRAM:
        packages.joinpath(name).symlink_to(Path(sysconfig.get_path("purelib"), name))
    packages.joinpath("groundplan").symlink_to(Path(__file__).parents[2] / "generator/groundplan")
    project.settings = {"PYTHONPATH": str(packages)}
    command = (bare / "bin/python", "-m", "groundplan", "copydata", *URLS)
    said = project.run(*command, expect=1).stderr
    assert "has no environment in .venv, and none is active. Create one with `uv sync`." in said


def test_an_environment_without_the_service(project: Project, bare: Path) -> None:
    """The packages of the program's own environment are not used instead."""
    said = refusal(project, VIRTUAL_ENV=bare)
    assert f"the service's environment {bare} has no package 'click'" in said


def test_the_environment_of_the_project(project: Project, bare: Path) -> None:
    project.root.joinpath(".venv").symlink_to(bare)
    assert "has no package 'click'" in refusal(project)


def test_invalid_settings(project: Project) -> None:
    assert "DB_POOL_SIZE=none" in refusal(project, code=2, DB_POOL_SIZE="none")


def test_wrong_usage(project: Project) -> None:
    done = project.run(*COPYDATA, "--from", "sqlite+aiosqlite:///old.db", expect=2)
    assert "Missing option '--to'" in done.stderr
