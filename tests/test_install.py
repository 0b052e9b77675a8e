"""Each driver's project runs with only the dependencies of its pyproject.toml installed."""

import json
import shlex
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import each_driver
from .support import pythons
from .support.deep import DEEP
from .support.endings import assert_clean_end
from .support.projects import ROOT, Project, render
from .support.servers import Server

pytestmark = pytest.mark.full
LOCKED = ("--constraints", str(ROOT / "requirements.lock"))
NEWEST = "highest"
LOWEST = "lowest-direct"  # the lower bounds in pyproject.toml
SERVERS = ("sqlite", "postgresql", "mariadb")
ENDS = sorted({pythons.here()[0], pythons.here()[-1]}, key=pythons.SUPPORTED.index)


@each_driver
@pytest.mark.long
def test_a_project_runs_with_its_declared_dependencies(database: Server, tmp_path: Path) -> None:
    install_and_test(database, tmp_path, pythons.RUNNING, LOCKED)


@pytest.mark.parametrize(
    ("database", "python", "resolution"),
    list(product(SERVERS, ENDS, (LOWEST, NEWEST))) if DEEP else [("sqlite", ENDS[0], LOWEST)],
    indirect=["database"],
)
@pytest.mark.long
def test_a_project_runs_with_the_lowest_and_newest_allowed_versions(
    database: Server, python: str, resolution: str, tmp_path: Path
) -> None:
    install_and_test(database, tmp_path, python, ("--resolution", resolution))


def install_and_test(
    database: Server, folder: Path, version: str, versions: tuple[str, ...]
) -> None:
    """Assert that the service runs with its dependencies, and its tests with the group `dev` added.

    The group is the same for every driver: in `make test`, only the tests on SQLite use it.
    """
    root = render(folder / "project", driver=database.driver)
    python = pythons.environment(version, root / ".venv")
    pythons.install(python, *versions, "--editable", ".", cwd=root)
    project = Project(root, database=database.create_database(), python=python)
    try:
        project.manage("migrate")
        with project.serve() as service:
            project.log_in(service.client)
            assert service.client.post("/api/accounts", json={"balance": "1"}).status_code == 201
            assert_clean_end(service)
        with project.serve("--workers", "2") as service:  # with private classes of uvicorn
            long = {"X-Long": "x" * 70_000}
            assert service.client.get("/health/live", headers=long).status_code == 431
        if DEEP or database.name == "sqlite":
            pythons.install(python, *versions, "--editable", ".", "--group", "dev", cwd=root)
            project.manage("test")
    finally:
        assert project.database is not None
        database.drop_database(project.database)


@pytest.mark.deep
@pytest.mark.parametrize("ci", ["github", "gitlab"])
def test_ci_lists_the_dependencies(ci: str, tmp_path: Path) -> None:
    """For `pip-audit`, with hashes, and as an SBOM."""
    root = render(tmp_path / "project", ci=ci)
    pythons.uv("lock", cwd=root)
    for command in audit(root, ci):
        program, *arguments = shlex.split(command)
        if program == "uv":
            pythons.uv(*arguments, cwd=root)
    listed = (root / "requirements.txt").read_text()
    assert "\nfastapi==" in listed
    assert "--hash=sha256:" in listed
    assert "pytest" not in listed
    found = json.loads((root / "sbom.json").read_text())
    assert (found["bomFormat"], found["specVersion"]) == ("CycloneDX", "1.5")
    names = {component["name"] for component in found["components"]}
    assert {"fastapi", "sqlalchemy"} <= names
    assert "pytest" not in names


def audit(root: Path, ci: str) -> list[str]:
    """Return the commands of the job that audits the dependencies."""
    file = {"github": ".github/workflows/ci.yml", "gitlab": ".gitlab-ci.yml"}[ci]
    jobs: Any = yaml.safe_load((root / file).read_text())
    if ci == "gitlab":
        return [*jobs["audit"]["script"]]
    return [step["run"] for step in jobs["jobs"]["audit"]["steps"] if "run" in step]
