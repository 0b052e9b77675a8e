"""Copies the files that a project's image contains, according to `.dockerignore` and `Dockerfile`."""

import re
import shutil
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

COPY = re.compile(r"^COPY ([^-].*)$", re.MULTILINE)


def build(project: Path, target: Path) -> Path:
    """Copy the files that the `COPY` instructions without `--from` copy, into a folder."""
    dockerfile = project.joinpath("Dockerfile").read_text()
    for words in COPY.findall(dockerfile):
        *sources, _ = words.split()
        for file in context(project):
            if any(matches(file, source) for source in sources):
                copy = target / file
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(project / file, copy)
    return target


def context(project: Path) -> list[PurePosixPath]:
    """Return the files of the build context; the last matching line of `.dockerignore` decides."""
    lines = project.joinpath(".dockerignore").read_text().splitlines()
    patterns = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    files = sorted(path for path in project.rglob("*") if path.is_file())
    found: list[PurePosixPath] = []
    for file in (PurePosixPath(path.relative_to(project).as_posix()) for path in files):
        sent = True
        for pattern in patterns:
            if matches(file, pattern.removeprefix("!")):
                sent = pattern.startswith("!")
        if sent:
            found.append(file)
    return found


def matches(file: PurePosixPath, pattern: str) -> bool:
    """Whether a pattern matches a file or one of its folders; `**/` is any number of folders."""
    anywhere = pattern.startswith("**/")
    parts = PurePosixPath(pattern.removeprefix("**/")).parts
    starts = range(len(file.parts)) if anywhere else (0,)
    return any(
        len(file.parts) >= start + len(parts)
        and all(map(fnmatchcase, file.parts[start : start + len(parts)], parts))
        for start in starts
    )
