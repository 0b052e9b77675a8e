"""What a command builds on besides the files that it changes: the revisions, and what was made."""

from contextlib import suppress
from pathlib import Path

FILES = ("migrations/versions/*.py", ".groundplan/apps/*.json")

Fingerprint = frozenset[tuple[Path, int, int]]


def fingerprint(root: Path) -> Fingerprint:
    """Return the files by their paths, sizes in bytes and times of change in ns.

    A command takes it before it reads anything. When it is another by the time of writing, another
    command came in between: the newest revision, for one, is not the newest any more.
    """
    found: set[tuple[Path, int, int]] = set()
    for file in (file for files in FILES for file in root.glob(files)):
        with suppress(FileNotFoundError):  # it has just gone
            status = file.stat()
            found.add((file, status.st_size, status.st_mtime_ns))
    return frozenset(found)
