"""The cases that run inside rendered projects are clean code, as the projects themselves are."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

from ..admin import test_admin as admin
from ..auth import workshop as auth
from ..jobs import workshop as jobs
from ..mail import test_mail as mail
from ..management import test_management as management
from ..semantics import laboratory as semantics
from ..support.projects import Project
from ..variants import judging
from ..web import test_web as web

pytestmark = pytest.mark.full

BIN = Path(sys.executable).parent
WRITTEN = ("my_service/apps", "migrations", "tests")  # `tests/variants` checks `core`


class Cases(NamedTuple):
    """Cases of a folder, in a project.

    Attributes:
        excused: rules of ruff that do not apply to them.
        unformatted: a pattern of files that documents quote, in another format.
    """

    furnish: Callable[..., Path]
    driver: str = ""
    excused: str = ""
    unformatted: str = ""


ALL = {
    # Whole blocks fail, and passwords are examples.
    "semantics": Cases(semantics.furnish, "asyncpg", "PT012,S105", "test_*_page.py"),
    "management": Cases(management.furnish, "aiosqlite"),
    "web": Cases(web.furnish),
    "admin": Cases(admin.furnish, "asyncpg", "S106"),
    "auth": Cases(auth.furnish, "asyncpg", "S105,S106,S107"),
    # Random choices are repeatable.
    "jobs": Cases(jobs.furnish, "asyncpg", "S311"),
    # Addresses, passwords and commands are the cases' own.
    "mail": Cases(mail.furnish, "aiosqlite", "S104,S105,S106,S603"),
}


@pytest.mark.long
def test_the_cases_are_clean_code(tmp_path: Path) -> None:
    roots = [furnished(tmp_path / name, cases) for name, cases in ALL.items()]
    for root in roots:
        cases, project = ALL[root.name], Project(root)
        excused = ("--extend-ignore", cases.excused) if cases.excused else ()
        project.run(BIN / "ruff", "check", "--no-cache", *excused)
        excluded = ("--exclude", cases.unformatted) if cases.unformatted else ()
        project.run(BIN / "ruff", "format", "--check", "--no-cache", *excluded)
        project.run(BIN / "mypy", "--strict")
    assert list(judging.pyright(*roots, only=WRITTEN)) == []


def furnished(root: Path, cases: Cases) -> Path:
    return cases.furnish(root, driver=cases.driver) if cases.driver else cases.furnish(root)
