"""Projects to run the command line in."""

import subprocess
from pathlib import Path

import pytest

from groundplan.projects import Project

from ..support.projects import render
from .support import commit_all


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered project with the example, in a repository with a commit."""
    root = render(tmp_path_factory.mktemp("pristine") / "project")
    commit_all(root)
    return root


@pytest.fixture(scope="session")
def reading(pristine: Path) -> Project:
    """The pristine project, to be read alone."""
    return Project.open(pristine)


@pytest.fixture
def project(pristine: Path, tmp_path: Path) -> Path:
    """A project of the test's own."""
    root = tmp_path / "project"
    subprocess.run(("cp", "-a", pristine, root), check=True)
    return root
