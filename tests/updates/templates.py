"""Templates that a service of ours cannot be updated to."""

import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

from .history import commit, git, next_template, scratch, template
from .tomorrow import PACKAGE, change


@cache
def without_routes() -> Path:
    """Make a template that has a file less."""
    return _newer(
        "without", lambda tree: (tree / PACKAGE / "core/development/commands/routes.py").unlink()
    )


@cache
def of_a_later_copier() -> Path:
    """Make a template that wants another Copier than there is."""
    pattern = r"(?m)^_min_copier_version: .*$"
    return _newer(
        "later", lambda tree: change(tree / "copier.yml", pattern, '_min_copier_version: "99"')
    )


@cache
def another() -> Path:
    """Make a template of somebody else's, which has a version of the same name."""
    return _small("another", "copier.yml", "package_name: x\n")


@cache
def none() -> Path:
    """Make a repository with such a version, and without a template."""
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
