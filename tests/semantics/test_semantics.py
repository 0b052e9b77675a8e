"""The data layer's laws, the same on every database: the cases run inside a rendered project."""

import sys
from pathlib import Path

import pytest

from ..support.projects import ROOT, Project
from ..support.servers import Server
from . import pages
from .laboratory import HERE, furnish, laboratory, run

COOKBOOK = ROOT / "docs" / "cookbook"
BIN = Path(sys.executable).parent
QUOTES = [
    pytest.param(page.name, *quote, id=f"{page.stem}-{number}")
    for page in pages.pages(COOKBOOK)
    for number, block in enumerate(pages.blocks(page))
    if (quote := pages.quoted(block)) is not None
]


def test_the_laws_hold(database: Server, tmp_path: Path, subtests: pytest.Subtests) -> None:
    with laboratory(database, tmp_path / "project") as project:
        report = run(project)
        for case, failures in report.items():
            with subtests.test(case):
                assert failures == []
        with subtests.test("autogenerate leaves no difference"):
            project.manage("makemigrations", "--check")
    files = {path.stem for path in (project.root / "tests" / "semantics").glob("test_*.py")}
    assert set(report) == files


@pytest.mark.full
def test_the_cases_are_clean_code(tmp_path: Path) -> None:
    project = Project(furnish(tmp_path / "project", driver="aiosqlite"))
    excused = "PT012,S105"  # it is whole blocks that fail; the passwords are of nobody
    project.run(BIN / "ruff", "check", "--no-cache", "--extend-ignore", excused)
    project.run(BIN / "ruff", "format", "--check", "--no-cache", "--exclude", "test_*_page.py")
    project.run(BIN / "mypy", "--strict")
    project.run(BIN / "pyright", "--pythonpath", sys.executable)


@pytest.mark.parametrize(("page", "path", "text"), QUOTES)
def test_the_cookbook_quotes_the_lab(page: str, path: str, text: str) -> None:
    assert text in (HERE / "app" / path.removeprefix("apps/")).read_text(), page
