"""An update of a service in a worktree, in a submodule, in a larger repository, and under hooks."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from groundplan.cli import run

from . import services
from .history import commit, git
from .services import files
from .tomorrow import TAG, tomorrow

pytestmark = pytest.mark.full

FIRST = "v0.1.0"
EDITED = ("pyproject.toml", "my_service/settings.py", "my_service/core/web/app.py")
LINE = "\n# The owner's line\n"
HOOK = f"""\
#!{sys.executable}
import pathlib, subprocess
print("the hook has run")
for file in pathlib.Path("my_service/apps").rglob("*.py"):
    file.write_text(file.read_text().replace('"', "'"))
subprocess.run(["git", "add", "--all"], check=True)
"""


def worktree(folder: Path) -> Path:
    owner = services.service(FIRST, folder / "service")
    git(owner, "worktree", "add", "--quiet", "-b", "side", str(folder / "worktree"))
    return folder / "worktree"


def submodule(folder: Path) -> Path:
    origin = services.service(FIRST, folder / "origin")
    outer = folder / "outer"
    outer.mkdir()
    git(outer, "init", "--quiet")
    allowed = ("-c", "protocol.file.allow=always")
    git(outer, *allowed, "submodule", "--quiet", "add", str(origin), "service")
    commit(outer)
    return outer / "service"


def subfolder(folder: Path) -> Path:
    for name in ("orders", "billing"):
        services.copy(FIRST, folder / "repository/services" / name)
    git(folder / "repository", "init", "--quiet")
    commit(folder / "repository")
    return folder / "repository/services/orders"


PLACES: dict[str, tuple[Callable[[Path], Path], str]] = {
    "a worktree": (worktree, "service"),
    "a submodule": (submodule, "origin"),
    "a subfolder, beside another service": (subfolder, "repository/services/billing"),
}


@pytest.mark.parametrize("place", PLACES)
def test_an_update_changes_only_the_service_in(tmp_path: Path, place: str) -> None:
    make, other = PLACES[place]
    folder = make(tmp_path)
    others = files(tmp_path / other)
    for path in EDITED:
        add_line(folder / path)
    commit(folder)
    assert update(folder) == 0
    assert f"_commit: {TAG}" in (folder / ".copier-answers.yml").read_text()
    for path in EDITED:
        assert LINE in (folder / path).read_text(), path
    assert files(tmp_path / other) == others
    commit(folder, "Updated")
    assert git(folder, "status", "--porcelain") == ""
    assert update(folder) == 0  # and is up to date


def test_an_update_leaves_out_what_a_sparse_checkout_does(tmp_path: Path) -> None:
    folder = services.service(FIRST, tmp_path / "service")
    add_line(folder / "pyproject.toml")
    commit(folder)
    git(folder, "sparse-checkout", "set", "--no-cone", "/*", "!/.github/", "!/my_service/core/web/")
    assert update(folder) == 0
    assert not folder.joinpath(".github/workflows").exists()
    assert not git(folder, "diff", "--name-only")
    git(folder, "sparse-checkout", "disable")
    assert LINE in folder.joinpath("pyproject.toml").read_text()
    assert "checkout@v8" in folder.joinpath(".github/workflows/ci.yml").read_text()


def test_the_callers_git_does_not_affect_an_update(tmp_path: Path) -> None:
    """A hook has the variables of its repository; Git for Windows turns `core.autocrlf` on."""
    folder = services.service(FIRST, tmp_path / "service")
    add_line(folder / "pyproject.toml")
    commit(folder)
    settings = tmp_path / "gitconfig"
    settings.write_text("[core]\n\tautocrlf = true\n")
    variables = {"GIT_DIR": str(folder / ".git"), "GIT_CONFIG_GLOBAL": str(settings)}
    done = subprocess.run(
        (sys.executable, "-m", "groundplan", "update", folder, "--template", tomorrow()),
        env={**os.environ, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert LINE in git(folder, "show", ":pyproject.toml")
    assert not git(folder, "-c", "core.autocrlf=true", "diff", "--name-only")


def test_hooks_run_at_the_owners_commits_and_not_in_an_update(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = services.service(FIRST, tmp_path / "service")
    for name in ("pre-commit", "post-checkout", "post-merge", "post-rewrite"):
        hook = folder / ".git/hooks" / name
        hook.write_text(HOOK)
        hook.chmod(0o755)
    add_line(folder / "my_service/apps/blog/models.py")
    git(folder, "commit", "--quiet", "--all", "--message", "Mine")
    mine = files(folder / "my_service/apps")
    assert not any(b'"' in text for path, text in mine.items() if path.endswith(".py"))
    capfd.readouterr()
    assert update(folder) == 0
    said = capfd.readouterr()
    assert "the hook has run" not in said.out + said.err
    assert files(folder / "my_service/apps") == mine


def add_line(file: Path) -> None:
    file.write_text(file.read_text() + LINE)


def update(folder: Path) -> int:
    return run(["update", str(folder), "--template", str(tomorrow())])
