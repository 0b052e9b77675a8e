"""Services that are made at one release and updated to another."""

import re
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from copier import Settings, run_copy, run_update

from .history import commit, git, scratch, template

Answers = Mapping[str, str | bool]
USERS = (  # what is the owner's after the first day, as the README says it
    "README.md",
    "migrations/versions",
    "tests",
    "{package}/apps",
    "{package}/asgi.py",
    "{package}/settings.py",
)
TEMPLATES = (  # but these are the template's
    "tests/conftest.py",
    "tests/core",  # up to 0.2.0
    "tests/test_framework.py",
    "tests/test_migrations.py",
)


def is_users(path: str, package: str = "my_service") -> bool:
    """Tell whose file it is."""

    def within(folders: tuple[str, ...]) -> bool:
        names = (folder.format(package=package) for folder in folders)
        return any(path == name or path.startswith(f"{name}/") for name in names)

    return within(USERS) and not within(TEMPLATES)


def copy(tag: str, dest: Path, answers: Answers | None = None) -> Path:
    """Copy the template into a folder that need not exist, by plain Copier."""
    made = _copied(tag, tuple(sorted((answers or {}).items())))
    shutil.copytree(made, dest, symlinks=True)
    return dest


def service(tag: str, dest: Path, answers: Answers | None = None) -> Path:
    """Copy the template, and commit the outcome."""
    copy(tag, dest, answers)
    git(dest, "init", "--quiet", "--initial-branch", "main")
    commit(dest, "Start")
    return dest


def update(
    folder: Path, tag: str, answers: Answers | None = None, *, template: Path | None = None
) -> None:
    """Update a service by plain Copier, from another template if one is given."""
    if template is not None:
        move(folder, template)
    run_update(
        folder,
        data=dict(answers or {}),
        vcs_ref=tag,
        settings=Settings(),
        defaults=True,
        overwrite=True,
        quiet=True,
    )


def move(folder: Path, template: Path) -> None:
    """Have a service come from another template."""
    file = folder / ".copier-answers.yml"
    file.write_text(re.sub(r"(?m)^_src_path: .*$", f"_src_path: {template}", file.read_text()))
    commit(folder, "The template has moved")


def files(folder: Path) -> dict[str, bytes]:
    """Read a folder's files, those that git keeps for itself aside."""
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and ".git" not in path.relative_to(folder).parts[:1]
    }


@cache
def _copied(tag: str, answers: tuple[tuple[str, str | bool], ...]) -> Path:
    dest = Path(tempfile.mkdtemp(dir=scratch())) / "service"
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
