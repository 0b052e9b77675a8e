"""The code in docs/jobs.md and docs/mail.md is right: it is the code of an app, and its tests pass.

A block belongs to the file that its first line names; blocks of one file follow each other.
"""

import shutil
import sys
from pathlib import Path

import pytest

from ..support.documents import files
from ..support.projects import Project, render
from ..support.servers import Server
from .test_mail import HERE, NO_APPS

BIN = Path(sys.executable).parent


def furnish(root: Path, page: str, driver: str = "aiosqlite") -> Path:
    """Render a project with the app "shop", and write the page's files into it."""
    render(root, driver=driver, auth=False)
    shutil.copytree(HERE / "app/shop", root / "my_service/apps/shop")
    for name, text in files(page).items():
        root.joinpath(name).parent.mkdir(exist_ok=True)
        root.joinpath(name).write_text(text)
    settings = root / "my_service/settings.py"
    installed = NO_APPS.replace("[]", '["shop"]')
    settings.write_text(settings.read_text().replace(NO_APPS, installed))
    return root


@pytest.mark.full
@pytest.mark.parametrize("page", ["jobs", "mail"])
def test_the_code_of_the_page_is_right(page: str, sqlite: Server, tmp_path: Path) -> None:
    project = Project(furnish(tmp_path / "project", page), database=sqlite.create_database())
    project.manage("migrate")
    project.manage("makemigrations", "-m", "shop")
    project.manage("migrate")
    project.run(project.python, "-m", "pytest", "tests/shop")
    project.run(BIN / "mypy", "--strict", "my_service", "tests/shop")
