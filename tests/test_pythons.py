"""A project's tests pass on Pythons and a PostgreSQL that are newer than Debian's stable releases have."""

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from .support.debian import Debian
from .support.private import WheelPostgreSQL
from .support.projects import ROOT, Project, render
from .support.servers import Server

pytestmark = [pytest.mark.full, pytest.mark.deep]


@pytest.fixture(scope="module", params=["sqlite", "PostgreSQL 18"])
def server(request: pytest.FixtureRequest, tested: dict[str, str]) -> Generator[Server]:
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite")
        return
    with WheelPostgreSQL() as private:
        tested["PostgreSQL as a wheel"] = private.server.version()
        assert tested["PostgreSQL as a wheel"].startswith("18.")
        yield private.server


@pytest.mark.parametrize("version", ["3.14", "3.15"])
def test_the_tests_of_a_project_pass(
    server: Server, version: str, unstable: Debian, tested: dict[str, str], tmp_path: Path
) -> None:
    root = render(tmp_path / "project", driver=server.driver)
    python = unstable.python(version, tmp_path)
    lock = shutil.copy(ROOT / "requirements.lock", tmp_path)  # which the suite sees
    options = ("--constraints", lock, "--editable", ".", "--group", "dev")
    unstable.install(tmp_path, *options, cwd=root)
    database = root / "service.db" if server.name == "sqlite" else None
    url = server.url.set(database=str(database)) if database else server.create_database()
    project = Project(root, database=url, python=python)
    shown = project.run(python, "--version").stdout.split()[1]
    assert shown.startswith(f"{version}.")
    tested[f"Python {version} of Debian unstable"] = shown
    project.manage("migrate")
    project.manage("test")
