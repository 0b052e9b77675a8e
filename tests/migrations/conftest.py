"""Fixtures of the migrations' tests."""

from collections.abc import Generator
from pathlib import Path

import pytest

from ..support.projects import Project, render
from ..support.servers import Server
from .lab import Lab, lab


@pytest.fixture
def project(database: Server, tmp_path: Path) -> Generator[Lab]:
    """A project without models yet, on each database."""
    with lab(database, tmp_path) as project:
        yield project


@pytest.fixture
def shipped(database: Server, tmp_path: Path) -> Generator[Project]:
    """A project with the examples, on each database, empty."""
    root = render(tmp_path / "shipped", driver=database.driver)
    url = database.create_database()
    yield Project(root, database=url)
    database.drop_database(url)
