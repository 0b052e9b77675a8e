"""The trace of an update that is at its files, by which one that was killed is told.

It is a folder within git's own, with the entries of the update's index.
"""

from pathlib import Path

from ..git import Git

ENTRIES = "entries"


def folder(git: Git) -> Path:
    """Return where an update keeps its own indexes while it runs."""
    return git.folder / git("rev-parse", "--git-path", "groundplan-update")


def announce(index: Git, work: Path) -> None:
    """Note the index that is about to become the repository's."""
    work.joinpath(ENTRIES).write_text(_entries(index), errors="surrogateescape")


def happened(git: Git) -> bool:
    """Tell whether the repository's index is that of an update which did not end."""
    noted = folder(git) / ENTRIES
    return noted.is_file() and noted.read_text(errors="surrogateescape") == _entries(git)


def _entries(git: Git) -> str:
    return git("ls-files", "--stage", "-z")
