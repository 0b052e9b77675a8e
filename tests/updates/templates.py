"""Templates that cannot update a service."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

from .history import commit, git, next_template, scratch, template
from .tomorrow import PACKAGE, change


@cache
def without_routes() -> Path:
    """Create a template without one of its files."""
    return _newer(
        "without", lambda tree: (tree / PACKAGE / "core/development/commands/routes.py").unlink()
    )


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
