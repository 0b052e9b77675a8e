"""Creates services from one release, and updates them to another."""

import re
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from copier import Settings, run_copy, run_update

from ..support.rendering import quickly
from .history import BEFORE_USERS, NEWEST, commit, git, scratch, template

Answers = Mapping[str, str | bool]
USERS = (  # the owner's files, as the README lists them
    "README.md",
    "migrations/versions",
    "tests",
    "{package}/apps",
    "{package}/asgi.py",
    "{package}/settings.py",
)
TEMPLATES = (  # exceptions, which are the template's
    "tests/conftest.py",
    "tests/core",  # up to 0.2.0
    "tests/test_framework.py",
    "tests/test_migrations.py",
)


def is_users(path: str, package: str = "my_service") -> bool:
    """Whether a file is the owner's rather than the template's."""

    def within(folders: tuple[str, ...]) -> bool:
        names = (folder.format(package=package) for folder in folders)
        return any(path == name or path.startswith(f"{name}/") for name in names)

    return within(USERS) and not within(TEMPLATES)


def copy(tag: str, dest: Path, answers: Answers | None = None) -> Path:
    """Copy the template into a new folder, with plain Copier.

    Without users, their admin and jobs by default, as an update answers these questions for older services;
    without users, releases that have them have no example.
    """
    given = {"auth": False, "admin": False, "jobs": False, **(answers or {})}
    if tag not in BEFORE_USERS and not given["auth"]:
        given.pop("example", None)
    made = _copied(tag, tuple(sorted(given.items())))
    shutil.copytree(made, dest, symlinks=True)
    return dest


def current(
    dest: Path, answers: Answers | None = None, *, old: str = BEFORE_USERS[-1], new: str = NEWEST
) -> Path:
    """Copy what an update from one release to another results in, except the owner's files.

    A new service with the example needs users; one of an older release keeps that answer without them.
    """
    copy(new, dest, answers)
    if old in BEFORE_USERS:
        file = dest / ".copier-answers.yml"
        recorded = f"example: {str((answers or {}).get('example', True)).lower()}"
        file.write_text(re.sub(r"(?m)^example: .*$", recorded, file.read_text()))
    return dest


def service(tag: str, dest: Path, answers: Answers | None = None) -> Path:
    """Copy the template, and commit the result."""
    copy(tag, dest, answers)
    git(dest, "init", "--quiet", "--initial-branch", "main")
    commit(dest, "Start")
    return dest


def update(
    folder: Path,
    tag: str,
    answers: Answers | None = None,
    *,
    template: Path | None = None,
    quiet: bool = True,
) -> None:
    """Update a service with plain Copier, from another template if given."""
    if template is not None:
        move(folder, template)
    with quickly():
        run_update(
            folder,
            data=dict(answers or {}),
            vcs_ref=tag,
            settings=Settings(),
            defaults=True,
            overwrite=True,
            quiet=quiet,
        )


def move(folder: Path, template: Path) -> None:
    """Change the template that a service is updated from."""
    file = folder / ".copier-answers.yml"
    file.write_text(re.sub(r"(?m)^_src_path: .*$", f"_src_path: {template}", file.read_text()))
    commit(folder, "The template has moved")


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of each file in a folder, except in .git."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts[:1]
    }


@cache
def _copied(tag: str, answers: tuple[tuple[str, str | bool], ...]) -> Path:
    dest = Path(tempfile.mkdtemp(dir=scratch())) / "service"
    with quickly():
        run_copy(
            str(template()),
            dest,
            data=dict(answers),
            vcs_ref=tag,
            settings=Settings(),
            defaults=True,
            quiet=True,
        )
    return dest
