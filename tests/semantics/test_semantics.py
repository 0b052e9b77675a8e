"""The cases, run inside a rendered project on each database."""

import shutil
from collections.abc import Generator
from pathlib import Path

import pytest

from ..support.projects import Project, render
from ..support.servers import Server

HERE = Path(__file__).parent
CASES = sorted(path.name for path in (HERE / "cases").glob("test_*.py"))


@pytest.fixture(scope="session")
def laboratory(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    """A project with the lab's app in it, whose revision autogenerate has written."""
    root = render(tmp_path_factory.mktemp(database.name) / "project", driver=database.driver)
    shutil.copytree(HERE / "app" / "lab", root / "my_service" / "apps" / "lab")
    shutil.copytree(HERE / "cases", root / "tests" / "semantics")
    settings = root / "my_service" / "settings.py"
    settings.write_text(settings.read_text().replace('"ledger",\n', '"ledger",\n        "lab",\n'))
    project = Project(root, database=database.create_database())
    try:
        project.manage("migrate")
        project.manage("makemigrations", "-m", "lab")
        yield project
    finally:
        if project.database is not None:
            database.drop_database(project.database)


@pytest.mark.parametrize("case", CASES)
def test_the_laws_hold(laboratory: Project, case: str) -> None:
    laboratory.run(laboratory.python, "-m", "pytest", "-q", "--tb=short", f"tests/semantics/{case}")
