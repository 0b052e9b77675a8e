"""Creates template repositories with all releases, to copy and update from."""

import atexit
import shutil
import subprocess
import tempfile
import tomllib
from functools import cache
from pathlib import Path

from ..support.projects import ROOT, copy_working_tree

IDENTITY = ("-c", "user.name=A", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false")
NEWEST = "v9999"  # the working tree
BEFORE_USERS = ("v0.1.0", "v0.2.0", "v0.3.0")  # releases whose example needs no users


def git(folder: Path, *arguments: str) -> str:
    """Run git in a folder, and return its output."""
    done = subprocess.run(
        ("git", *IDENTITY, *arguments), cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"`git {' '.join(arguments)}` failed: {done.stderr}"
    return done.stdout


def commit(folder: Path, message: str = "Change") -> str:
    """Commit everything in a folder."""
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "--quiet", "--allow-empty", "--no-verify", "--message", message)
    return git(folder, "rev-parse", "HEAD").strip()


def released() -> dict[str, str]:
    """Return the commit of each release by its tag, oldest first."""
    listed = tomllib.loads((ROOT / "releases.toml").read_text())["releases"]
    return {f"v{release['version']}": release["commit"] for release in listed}


def versions() -> list[str]:
    """Return the tags of all releases, and `NEWEST` if the template has changed since the last one."""
    tags, last = list(released()), [*released().values()][-1]
    parts = ("copier.yml", "core_tables", "drivers", "template")
    changed = git(ROOT, "diff", "--name-only", last, "--", *parts)
    added = git(ROOT, "ls-files", "--others", "--exclude-standard", "--", *parts)
    return [*tags, NEWEST] if changed + added else tags


@cache
def template() -> Path:
    """Create a repository with the tagged releases, and the working tree as a newer one."""
    folder = scratch() / "template"
    git(ROOT, "clone", "--quiet", "--no-checkout", "--no-tags", str(ROOT), str(folder))
    for tag, at in released().items():
        git(folder, "tag", tag, at)
    _take(copy_working_tree(scratch() / "tree"), folder)
    git(folder, "tag", NEWEST)
    git(folder, "repack", "-a", "-d", "--quiet")  # an update clones it five times
    return folder


def next_template(name: str, change: Path) -> Path:
    """Create a repository like `template()`, with a folder's content as its newest version."""
    folder = scratch() / name
    shutil.copytree(template(), folder, symlinks=True)
    _take(change, folder)
    git(folder, "tag", f"{NEWEST}.1")
    return folder


def _take(tree: Path, folder: Path) -> None:
    for path in folder.iterdir():
        if path.name != ".git":
            shutil.rmtree(path) if path.is_dir() else path.unlink()
    shutil.copytree(tree, folder, dirs_exist_ok=True, symlinks=True)
    commit(folder, "The working tree")


@cache
def scratch() -> Path:
    """Return a folder that is deleted after the tests."""
    folder = Path(tempfile.mkdtemp(prefix="groundplan-updates-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
