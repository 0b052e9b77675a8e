"""The code in docs/application.md is right: it is an app and its tests, which pass."""

import sys
from pathlib import Path

import pytest

from ..support.documents import files
from ..support.projects import Project, render
from ..support.servers import Server

BIN = Path(sys.executable).parent
NO_APPS = "INSTALLED_APPS: ClassVar[list[str]] = []"


@pytest.mark.full
def test_the_code_of_the_page_is_right(sqlite: Server, tmp_path: Path) -> None:
    root = render(tmp_path / "project", auth=False)
    for name, text in {"my_service/apps/shop/__init__.py": "", **files("application")}.items():
        root.joinpath(name).parent.mkdir(exist_ok=True)
        root.joinpath(name).write_text(text)
    settings = root / "my_service/settings.py"
    before = settings.read_text()
    assert NO_APPS in before
    settings.write_text(before.replace(NO_APPS, NO_APPS.replace("[]", '["shop"]')))
    project = Project(root, database=sqlite.create_database())
    project.run(project.python, "-m", "pytest", "tests/shop")
    project.run(BIN / "ruff", "check", "--no-cache", "my_service", "--extend-ignore", "D,RUF029")
    project.run(BIN / "ruff", "format", "--check", "--no-cache")
    project.run(BIN / "mypy", "--strict", "my_service", "tests/shop")
