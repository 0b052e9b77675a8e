"""Projects in which the tests run the command line."""

import subprocess
from pathlib import Path

import pytest

from groundplan.projects import Project

from ..support.projects import render
from .support import commit_all, pack


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A rendered and committed project with the example; shared, not to be changed."""
    root = render(tmp_path_factory.mktemp("pristine") / "project")
    commit_all(root)
    pack(root)
    return root


@pytest.fixture(scope="session")
def reading(pristine: Path) -> Project:
    """The pristine project, opened for reading."""
    return Project.open(pristine)


@pytest.fixture
def project(pristine: Path, tmp_path: Path) -> Path:
    """A copy of the pristine project, for one test."""
    root = tmp_path / "project"
    subprocess.run(("cp", "-a", pristine, root), check=True)
    return root
