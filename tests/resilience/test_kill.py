"""A server that is killed: what it acknowledged is there."""

from random import Random

import pytest

from ..support.processes import eventually
from ..support.projects import Project
from ..support.servers import Server
from .load import Load
from .scale import scaled
from .served import assert_closed, database_of, with_settings

pytestmark = pytest.mark.full

TIMES = scaled(usual=1, deep=10)
A_WHILE = 60.0  # seconds within which something has happened


def test_what_was_acknowledged_outlives_a_kill(database: Server, project: Project) -> None:
    random = Random("moments")
    for _ in range(TIMES):
        kill_under_load(project, acknowledged=random.randint(50, 250))
        assert_closed(database, project)


def kill_under_load(project: Project, *, acknowledged: int) -> None:
    """Kill a server and its workers once so much was acknowledged, and look at what is there."""
    with with_settings(project).serve("--workers", "2") as service:
        with Load(service) as load:
            enough = eventually(
                lambda: load.acknowledged().total() >= acknowledged, seconds=A_WHILE
            )
            assert enough, load.summary()
            service.kill()
        load.assert_kept(database_of(project))
        assert service.log == ""
