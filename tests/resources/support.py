"""The check that every project with resources must pass."""

import sys
from pathlib import Path

from ..support.deep import DEEP
from ..support.projects import Project

BIN = Path(sys.executable).parent


def assert_sound(project: Project, *tests: str, typed: bool = True, pyright: bool = DEEP) -> None:
    """Check that a project migrates up, down and up, matches its models, and passes its checks.

    Args:
        project: a project with an empty database.
        tests: the folders of its tests to run.
        typed: whether to check types: that is slow, and the result is the same on each database.
        pyright: whether pyright checks the apps and their tests, too, as `test_types.py` does for several
            projects at once; `tests/variants` checks `core`.
    """
    for target in ("head", "0001", "head"):
        project.manage("migrate", target)
    project.manage("makemigrations", "--check")
    project.manage("test", *tests)
    project.run(BIN / "ruff", "check", "--no-cache")
    project.run(BIN / "ruff", "format", "--check", "--diff", "--no-cache")
    if typed:
        project.run(BIN / "mypy", "--strict")
    if typed and pyright:
        written = [project.root / "tests", *(project.root / "my_service/apps").glob("[!_]*")]
        project.run(BIN / "pyright", "--pythonpath", sys.executable, *written)
