"""Where a change in the making is kept: on the project's disk, and out of git's sight."""

import hashlib
import os
from contextlib import suppress
from pathlib import Path

OWN = ".groundplan-journal"  # where a project is in no repository


def journal(root: Path) -> Path:
    """Return the folder of a project's journal: in its repository, or beside its files."""
    repository = _repository(root)
    if repository is None or repository.stat().st_dev != root.stat().st_dev:
        return root / OWN / "change"
    key = hashlib.sha256(os.fsencode(root)).hexdigest()[:12]
    return repository / "groundplan" / key


def is_left(root: Path) -> bool:
    """Whether a change is being made, or was interrupted."""
    folder = journal(root)
    return folder.is_dir() or (folder.parent.name == OWN and folder.parent.is_dir())


def make(folder: Path) -> None:
    """Make the folder of a journal."""
    folder.mkdir(parents=True)
    if folder.parent.name == OWN:
        (folder.parent / ".gitignore").write_text("*\n")


def tidy(folder: Path) -> None:
    """Take away what is left beside a journal that is done."""
    if folder.parent.name == OWN:
        (folder.parent / ".gitignore").unlink(missing_ok=True)
    with suppress(OSError):
        folder.parent.rmdir()


def _repository(root: Path) -> Path | None:
    """Return git's own folder for a project, or None where there is none."""
    for folder in (root, *root.parents):
        git = folder / ".git"
        if git.is_dir():
            return git
        if git.is_file():  # a worktree or a submodule: "gitdir: <path>"
            named = git.read_text(encoding="utf-8").removeprefix("gitdir:").strip()
            found = folder / named
            return found if found.is_dir() else None
    return None
