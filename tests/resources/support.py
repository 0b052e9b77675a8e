"""What is asked of every project with resources."""

import sys
from pathlib import Path

from ..support.projects import Project

BIN = Path(sys.executable).parent


def assert_sound(project: Project, *tests: str, typed: bool = True) -> None:
    """See that it migrates up, down and up, equals its models, and passes its tests, lint and types.

    Args:
        project: with a database that is empty.
        tests: the folders of its tests that are run.
        typed: whether types are checked, which takes longest, and are the same on each database.
    """
    for target in ("head", "0001", "head"):
        project.manage("migrate", target)
    project.manage("makemigrations", "--check")
    project.manage("test", *tests)
    project.run(BIN / "ruff", "check", "--no-cache")
    project.run(BIN / "ruff", "format", "--check", "--diff", "--no-cache")
    if typed:
        project.run(BIN / "mypy", "--strict", "--cache-dir", project.root.parent / "mypy")
        project.run(BIN / "pyright", "--pythonpath", sys.executable)
