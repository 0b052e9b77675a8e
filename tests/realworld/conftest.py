"""The running RealWorld service, and newman."""

from collections.abc import Generator

import pytest

from ..support import newman
from ..support.once import once
from ..support.projects import Service
from ..support.servers import Server
from .building import conduit


@pytest.fixture(scope="session")
def service(database: Server, tmp_path_factory: pytest.TempPathFactory) -> Generator[Service]:
    root = tmp_path_factory.mktemp(database.name) / "conduit"
    with conduit(database, root) as project, project.serve() as service:
        yield service


@pytest.fixture(scope="session")
def newman_program(tested: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> str:
    """The path of newman, which a deep run installs."""
    program: str = once("newman", newman.install, tmp_path_factory)
    tested["newman"] = newman.version(program)
    return program
