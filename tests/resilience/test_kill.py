"""A server that is killed: what it acknowledged is there."""

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

TIMES = scaled(usual=3, deep=10)
KINDS = ("/api/posts", "/api/users", "/api/transfers")  # each commits in a way of its own
A_WHILE = 60.0  # seconds within which something has happened


def test_what_was_acknowledged_outlives_a_kill(database: Server, project: Project) -> None:
    random = Random("moments")
    for time in range(TIMES):
        kill_under_load(project, kind=KINDS[time % 3], acknowledged=random.randint(50, 250))
        assert_closed(database, project)


def kill_under_load(project: Project, *, kind: str, acknowledged: int) -> None:
    """Kill a server and its workers the moment that a client is told 201, and look at what is there.

    Args:
        project: what is served.
        kind: the path of the request whose acknowledgement is the last.
        acknowledged: how many come before it.
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
