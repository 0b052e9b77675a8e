"""Templates that cannot update a service."""

import re
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

from .history import commit, git, next_template, scratch, template
from .tomorrow import PACKAGE, change, literal

CORE_TABLES = {
    '    FAILED = "failed"': '    FAILED = "failed"\n    PAUSED = "paused"',
    '        Index(None, "state", "run_at"),': '        Index(None, "state", "run_at"),\n        Index(None, "finished_at"),',
    "    queue: Mapped[str] = mapped_column(String(60))": "    queue: Mapped[str] = mapped_column(String(120))",
    "    attempts: Mapped[int]": '    progress: Mapped[int] = mapped_column(server_default="0")\n    note: Mapped[str | None]\n    attempts: Mapped[int]',
    "    concurrency: Mapped[int]\n": "",
    "class JobOnce(Base)": 'class JobBatch(UUIDPrimaryKey, Base):\n    __tablename__ = "job_batch"\n\n    size: Mapped[int]\n\n\nclass JobOnce(Base)',
}


@cache
def without_routes() -> Path:
    """Create a template without one of its files."""
    return _newer(
        "without",
        lambda tree: (tree / PACKAGE / "core/development/commands/routes.py.jinja").unlink(),
    )


@cache
def with_other_core_tables() -> Path:
    """Create a template whose job queue has other tables, columns, indexes and states."""
    return _newer("other-tables", _change_tables)


def _change_tables(tree: Path) -> None:
    models = tree / PACKAGE / "core/jobs/models.py"
    for old, new in CORE_TABLES.items():
        change(models, re.escape(old), literal(new))


@cache
def with_other_core_texts() -> Path:
    """Create a template that changes only comments and functions beside the tables of the job queue."""
    return _newer("other-texts", _change_texts)


def _change_texts(tree: Path) -> None:
    models = tree / PACKAGE / "core/jobs/models.py"
    change(models, r"\Z", "\n\ndef describe() -> str:\n    return JobOnce.__tablename__\n")
    change(models, '"""A running worker', '"""A worker')


@cache
def of_a_later_copier() -> Path:
    """Create a template that requires a newer Copier than any."""
    pattern = r"(?m)^_min_copier_version: .*$"
    return _newer(
        "later", lambda tree: change(tree / "copier.yml", pattern, '_min_copier_version: "99"')
    )


@cache
def another() -> Path:
    """Create an unrelated template with a version of the same name."""
    return _small("another", "copier.yml", "package_name: x\n")


@cache
def none() -> Path:
    """Create a repository with a version of the same name, but without a template."""
    return _small("none", "README.md", "Nothing\n")


def _small(name: str, file: str, text: str) -> Path:
    folder = scratch() / name
    folder.mkdir()
    git(folder, "init", "--quiet")
    folder.joinpath(file).write_text(text)
    commit(folder)
    git(folder, "tag", "v0.1.0")
    return folder


def _newer(name: str, edit: Callable[[Path], object]) -> Path:
    tree = scratch() / f"{name}-tree"
    shutil.copytree(template(), tree, ignore=shutil.ignore_patterns(".git"), symlinks=True)
    edit(tree)
    return next_template(name, tree)
