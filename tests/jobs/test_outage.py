"""The database server is killed while workers run: they continue with the next one."""

import subprocess
from contextlib import ExitStack
from pathlib import Path

import pytest

from ..support import processes
from ..support.deep import scaled
from ..support.processes import eventually
from ..support.shared import Fragile
from ..support.sql import execute
from .workshop import workshop

pytestmark = pytest.mark.full

JOBS = scaled(usual=80, deep=2_000)
KILLS = scaled(usual=2, deep=10)
A_WHILE = scaled(usual=120, deep=900)  # seconds


def test_jobs_outlive_the_server(fragile_server: Fragile, tmp_path: Path) -> None:
    with workshop(fragile_server.server, tmp_path / "project") as project, ExitStack() as stack:
        database = project.database
        assert database is not None
        project.run(project.python, "enqueue.py", str(JOBS))
        log = stack.enter_context((tmp_path / "log").open("w"))
        workers: list[subprocess.Popen[str]] = []
        for _ in range(2):
            worker = processes.spawn(
                [project.python, "manage.py", "worker", "--concurrency", "2"],
                cwd=project.root,
                log=log,
                env=project.environment(),
            )
            stack.callback(processes.kill, worker)
            workers.append(worker)
        assert eventually(  # without a database a worker does not start
            lambda: execute(database, "SELECT COUNT(*) FROM job_worker") == [(len(workers),)],
            seconds=A_WHILE,
        ), (tmp_path / "log").read_text()
        for kill in range(KILLS):
            most = JOBS * (KILLS - kill) // (KILLS + 1)

            def fewer_are_left(most: int = most) -> bool:
                return int(execute(database, "SELECT COUNT(*) FROM job")[0][0]) <= most

            assert eventually(fewer_are_left, seconds=A_WHILE), (tmp_path / "log").read_text()
            fragile_server.kill()
            fragile_server.start()
        assert eventually(lambda: fewer_are_left(0), seconds=A_WHILE), "jobs are left"
        done = "SELECT COUNT(DISTINCT number) FROM effects"
        assert execute(database, done) == [(JOBS,)]
        assert all(worker.poll() is None for worker in workers), (tmp_path / "log").read_text()
