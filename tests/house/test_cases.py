"""The cases that run inside rendered projects are clean code, as the projects themselves are."""

import sys
from pathlib import Path

import pytest

from ..management import test_management as management
from ..semantics import laboratory as semantics
from ..support.projects import Project
from ..variants import judging
from ..web import test_web as web

pytestmark = pytest.mark.full

BIN = Path(sys.executable).parent
# In the semantic cases whole blocks fail, and passwords are examples.
LABORATORY = ("--extend-ignore", "PT012,S105")


def test_the_cases_are_clean_code(tmp_path: Path) -> None:
    laboratory = semantics.furnish(tmp_path / "semantics", driver="asyncpg")
    others = (
        management.furnish(tmp_path / "management", driver="aiosqlite"),
        web.furnish(tmp_path / "web"),
    )
    for root in (laboratory, *others):
        project = Project(root)
        options = LABORATORY if root is laboratory else ()
        project.run(BIN / "ruff", "check", "--no-cache", *options)
        pages = ("--exclude", "test_*_page.py") if root is laboratory else ()
        project.run(BIN / "ruff", "format", "--check", "--no-cache", *pages)
        project.run(BIN / "mypy", "--strict")
    assert list(judging.pyright(laboratory, *others)) == []
