"""A project on each database, for the tests of this folder to serve."""

from collections.abc import Generator

import pytest

from ..support.projects import Project
from ..support.servers import Server
from .served import migrated


@pytest.fixture(scope="session")
def project(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Project]:
    with migrated(database, tmp_path_factory.mktemp(database.name)) as project:
        yield project
