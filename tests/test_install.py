"""Each driver's project, installed on its own from its pyproject.toml: no dependency is missing."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools.bootstrap import uv_environment

from .support.projects import ROOT, Project, render
from .support.servers import Server

pytestmark = pytest.mark.full
UV = Path(sys.executable).with_name("uv")


def uv(*arguments: str | Path, cwd: Path) -> None:
    done = subprocess.run(
        (UV, *arguments),
        cwd=cwd,
        env=uv_environment(sys.executable),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_it_runs_on_what_it_names(database: Server, tmp_path: Path) -> None:
    """The service runs on its dependencies, its tests on those and the group `dev`."""
    root = render(tmp_path / "project", driver=database.driver)
    python = root / ".venv" / "bin" / "python"
    uv("venv", "--python", sys.executable, ".venv", cwd=root)
    install = ("pip", "install", "--python", python, "--constraints", ROOT / "requirements.lock")
    uv(*install, "--editable", ".", cwd=root)
    project = Project(root, database=database.create_database(), python=python)
    try:
        project.manage("migrate")
        with project.serve() as service:
            user = {"email": "ada@example.com", "username": "ada"}
            assert service.client.post("/api/users", json=user).status_code == 201
            assert service.stop().exit_code == 0
        uv(*install, "--group", "dev", cwd=root)
        project.manage("test")
    finally:
        assert project.database is not None
        database.drop_database(project.database)
