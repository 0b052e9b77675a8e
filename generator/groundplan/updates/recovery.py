"""Recognize an interrupted update.

While an update writes files, a folder in git's own folder holds the entries of the update's index.
"""

from pathlib import Path

from ..git import Git

ENTRIES = "entries"


def folder(git: Git) -> Path:
    """Return the folder of a running update."""
    return git.folder / git("rev-parse", "--git-path", "groundplan-update")


def announce(index: Git, work: Path) -> None:
    """Record the index that is about to become the repository's."""
    work.joinpath(ENTRIES).write_text(_entries(index), errors="surrogateescape")


def happened(git: Git) -> bool:
    """Return whether the repository's index is that of an update that did not end."""
    noted = folder(git) / ENTRIES
    return noted.is_file() and noted.read_text(errors="surrogateescape") == _entries(git)


def _entries(git: Git) -> str:
    return git("ls-files", "--stage", "-z")
