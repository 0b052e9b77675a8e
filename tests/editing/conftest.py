"""Projects with a generated app."""

import subprocess
from pathlib import Path

import pytest

from groundplan.cli import run

from ..generator.support import commit_all, pack
from ..support.projects import render
from .variants import MODEL


@pytest.fixture(scope="session")
def pristine(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A committed project with the example and a generated app; shared, not to be changed."""
    root = render(tmp_path_factory.mktemp("pristine") / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        assert (
            run(
                [
                    "startapp",
                    "shop",
                    *MODEL.split(),
                    "seller:ref=users.User:null",
                    "review:ref=blog.Post:null",
                ]
            )
            == 0
        )
    commit_all(root)
    pack(root)
    return root


@pytest.fixture
def project(pristine: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of that project for one test, as the current directory."""
    root = tmp_path / "project"
    subprocess.run(("cp", "-a", pristine, root), check=True)
    monkeypatch.chdir(root)
    return root
