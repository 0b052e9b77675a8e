"""Rows that a killed server acknowledged are in the database."""

from random import Random

import pytest

from ..support.deep import scaled
from ..support.processes import eventually
from ..support.projects import Project
from ..support.servers import Server
from .client import Request
from .load import Load
from .served import assert_closed, database_of, with_settings

pytestmark = pytest.mark.full

TIMES = scaled(usual=2, deep=10)
KINDS = ("/api/posts", "/api/accounts", "/api/transfers")  # each commits in a different way
A_WHILE = 60.0  # seconds to wait for an event


def test_acknowledged_rows_survive_a_kill(database: Server, project: Project) -> None:
    random = Random("moments")
    for time in range(TIMES):
        kill_under_load(project, kind=KINDS[time % 3], acknowledged=random.randint(50, 250))
        assert_closed(database, project)


def kill_under_load(project: Project, *, kind: str, acknowledged: int) -> None:
    """Kill a server and its workers as soon as a client has read a 201, and check the database.

    Args:
        project: the project to serve.
        kind: the path of the request after whose 201 the server is killed.
        acknowledged: the number of 201s before it.
    """
    with with_settings(project).serve("--workers", "2") as service:

        def kill_at_the_last(request: Request) -> None:
            if request.path == kind and load.acknowledged().total() > acknowledged:
                service.kill()

        with Load(service, on_acknowledged=kill_at_the_last) as load:
            assert eventually(load.is_over, seconds=A_WHILE), load.summary()
        assert load.acknowledged().total() > acknowledged
        load.assert_kept(database_of(project))
        assert service.log == ""
