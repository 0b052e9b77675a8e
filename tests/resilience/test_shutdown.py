"""After SIGTERM under load, accepted requests are answered, and others leave nothing behind."""

import pytest

from ..support.deep import DEEP, scaled
from ..support.processes import eventually
from ..support.projects import Project
from ..support.servers import Server
from ..support.sql import held
from .load import Load
from .served import assert_clean_end, assert_closed, database_of, with_settings

pytestmark = pytest.mark.full

WORKERS = [1, 2] if DEEP else [2]
ENOUGH = scaled(usual=150, deep=1000)
A_WHILE = 60.0  # seconds to wait for an event
LOCK = {  # a request writes to one of PostgreSQL's two tables, so it cannot deadlock with this
    "sqlite": "BEGIN IMMEDIATE",
    "postgresql": "LOCK TABLE accounts, posts",
    "mysql": "LOCK TABLES users WRITE, posts WRITE, accounts WRITE, transfers WRITE",
}


@pytest.mark.parametrize("workers", WORKERS)
def test_each_accepted_request_is_answered(
    database: Server, project: Project, workers: int
) -> None:
    with project.serve("--workers", str(workers)) as service:
        with Load(service) as load:
            assert eventually(lambda: load.acknowledged().total() >= ENOUGH, seconds=A_WHILE)
            assert_clean_end(service)
        assert_all_told(load, project, {201})
    assert_closed(database, project)


@pytest.mark.parametrize("workers", WORKERS)
def test_requests_that_outlast_the_grace_period_are_answered(
    database: Server, project: Project, workers: int
) -> None:
    """They wait for a lock that they do not get: they are rolled back and answered with 503."""
    lock = LOCK[database.url.get_backend_name()]
    with with_settings(project).serve("--workers", str(workers)) as service:
        with Load(service) as load:
            assert eventually(lambda: load.acknowledged().total() >= 20, seconds=A_WHILE)
            with held(database_of(project), lock):
                assert eventually(load.stands_still, seconds=A_WHILE)
                assert_clean_end(service, says="Cancel ")
        assert_all_told(load, project, {201, 503})
        assert 503 in {attempt.status for attempt in load.attempts}, load.summary()
    assert_closed(database, project)


def assert_all_told(load: Load, project: Project, statuses: set[int]) -> None:
    """Assert that each request got one of these statuses, or was not accepted and left no row."""
    assert {attempt.status for attempt in load.attempts} <= {*statuses, None}, load.summary()
    assert not [attempt for attempt in load.attempts if attempt.torn], load.summary()
    assert load.written(database_of(project)) == load.acknowledged()
    load.assert_kept(database_of(project))
