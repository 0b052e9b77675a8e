"""A fingerprint of the files that commands depend on without changing them: revisions and records."""

from contextlib import suppress
from pathlib import Path

FILES = ("migrations/versions/*.py", ".groundplan/apps/*.json")

Fingerprint = frozenset[tuple[Path, int, int]]


def fingerprint(root: Path) -> Fingerprint:
    """Return the paths of the files, their sizes in bytes and their modification times in ns.

    A command takes the fingerprint before it reads anything. A different one at the time of writing
    means that another command ran in between, and may have added a newer revision.
    """
    found: set[tuple[Path, int, int]] = set()
    for file in (file for files in FILES for file in root.glob(files)):
        with suppress(FileNotFoundError):  # it was just deleted
            status = file.stat()
            found.add((file, status.st_size, status.st_mtime_ns))
    return frozenset(found)
