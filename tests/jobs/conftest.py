"""The cases and the app are no tests of this folder: they run inside rendered projects."""

from collections.abc import Generator

import pytest

from ..support.projects import Project
from ..support.servers import Server
from .workshop import workshop

collect_ignore = ["app", "cases", "inside"]


@pytest.fixture(scope="module")
def project(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    with workshop(database, tmp_path_factory.mktemp(database.name) / "project") as project:
        yield project
