"""The database becomes unavailable under load, and comes back."""

import resource
import time
from collections.abc import Callable, Generator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from ..support.deep import DEEP
from ..support.processes import eventually
from ..support.projects import Project, Service
from ..support.servers import Server
from ..support.shared import Fragile
from ..support.sql import held
from .load import Load, assert_told
from .served import assert_clean_end, database_of, holders, migrated, with_settings

pytestmark = pytest.mark.full

RETURN = 5.0  # seconds from the database's return to full service
A_WHILE = 60.0  # seconds to wait for an event
FULL = 200_000  # bytes
WAYS = ["stop", "kill"] if DEEP else ["kill"]


@pytest.mark.parametrize("way", WAYS)
def test_service_resumes_after_a_restart_of_the_database(
    fragile_server: Fragile, tmp_path: Path, way: str
) -> None:
    leave = {"stop": fragile_server.stop, "kill": fragile_server.kill}[way]

    @contextmanager
    def away() -> Generator[None]:
        leave()
        try:
            yield
        finally:
            fragile_server.start()

    with migrated(fragile_server.server, tmp_path) as project:
        outlive(with_settings(project), away)


def test_service_resumes_after_a_lock_by_another_process(sqlite: Server, tmp_path: Path) -> None:
    """SQLite has no server to restart; writers are refused while another process has the lock."""
    with migrated(sqlite, tmp_path) as project:
        impatient = with_settings(project, {"DB_STATEMENT_TIMEOUT": "0.5"})
        outlive(impatient, lambda: held(database_of(project), "BEGIN IMMEDIATE"), reads=True)


def test_service_resumes_after_a_full_disk(sqlite: Server, tmp_path: Path) -> None:
    """The server's files are limited to a size that the write-ahead log soon reaches."""
    with migrated(sqlite, tmp_path) as project:
        file = Path(database_of(project).database or "")
        outlive(with_settings(project), lambda: full_disk(file), reads=True, wholly=False)


@contextmanager
def full_disk(file: Path) -> Generator[None]:
    processes = set(holders(file))
    limits = {process: resource.prlimit(process, resource.RLIMIT_FSIZE) for process in processes}
    for process, (_, hard) in limits.items():
        resource.prlimit(process, resource.RLIMIT_FSIZE, (FULL, hard))
    try:
        yield
    finally:
        for process, limit in limits.items():
            resource.prlimit(process, resource.RLIMIT_FSIZE, limit)


def outlive(
    project: Project,
    away: Callable[[], AbstractContextManager[None]],
    *,
    reads: bool = False,
    wholly: bool = True,
) -> None:
    """Serve a project under load while its database is unavailable, and check the answers.

    Args:
        project: the project to serve.
        away: makes the database unavailable while its block runs.
        reads: whether reads still succeed.
        wholly: whether all writes fail.
    """
    with project.serve() as service:
        with Load(service) as load:
            assert eventually(lambda: load.each_was_told(201, since=0, times=5), seconds=A_WHILE)
            with away():
                left = time.monotonic()
                told = eventually(
                    lambda: load.each_was_told(503, since=left, times=3), seconds=A_WHILE
                )
                assert told, load.summary()
                assert readiness(service) == (200 if reads else 503)
                returning = time.monotonic()
            back = time.monotonic()
            well = eventually(
                lambda: load.each_was_told(201, since=back, times=20), seconds=A_WHILE
            )
            assert well, load.summary()
        assert_told(load)
        between = [it for it in load.attempts if it.began > left and it.ended < returning]
        assert not wholly or {it.status for it in between} == {503}, load.summary()
        troubles = [it.ended - back for it in load.attempts if it.status != 201]
        print(f"full service {max(0.0, *troubles):.2f} s after its return")
        assert max(troubles) <= RETURN, load.summary()
        load.assert_kept(database_of(project))
        assert readiness(service) == 200
        assert_clean_end(service)


def readiness(service: Service) -> int:
    return service.client.get("/health/ready", timeout=10).status_code
