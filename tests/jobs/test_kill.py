"""Processes that enqueue or run jobs are killed: no job is lost, and none is left behind."""

import json
import signal
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from random import Random
from typing import IO, Any

import pytest
from sqlalchemy import URL

from ..conftest import each_driver
from ..support import processes
from ..support.deep import scaled
from ..support.processes import eventually
from ..support.projects import Project
from ..support.sql import execute

pytestmark = [pytest.mark.full, each_driver]

UNITS = scaled(usual=150, deep=10_000)
JOBS = scaled(usual=120, deep=10_000)
KILLS = scaled(usual=3, deep=40)
MOVES = scaled(usual=8, deep=200)  # of the clock
WORKERS = 4
START = datetime(2028, 2, 29, 12, 0, 30, tzinfo=UTC)
A_WHILE = scaled(usual=120, deep=1800)  # seconds


def count(project: Project, rows: str, **parameters: object) -> int:
    [[number]] = execute(database_of(project), f"SELECT COUNT(*) FROM {rows}", parameters)
    return int(number)


def database_of(project: Project) -> URL:
    assert project.database is not None
    return project.database


@pytest.fixture(autouse=True)
def empty(project: Project) -> None:
    for table in ("job", "job_schedule", "job_worker", "effects"):
        execute(database_of(project), f"DELETE FROM {table}")


@pytest.fixture
def log(tmp_path: Path) -> Generator[IO[str]]:
    with tmp_path.joinpath("log").open("w+") as file:
        yield file
        file.seek(0)
        print(file.read())  # pytest shows it if the test fails


def test_the_jobs_are_those_of_the_committed_units(project: Project, log: IO[str]) -> None:
    """A unit writes a row and a job. It commits, fails, is cancelled, or its process is killed."""
    random, most = Random("units"), UNITS // scaled(usual=4, deep=40)
    seed = ended = 0
    while ended < UNITS:
        process = subprocess.Popen(
            processes.guarded([project.python, "units.py", str(seed), str(most)]),
            cwd=project.root,
            env=project.environment(),
            stdout=subprocess.PIPE,
            stderr=log,
            start_new_session=True,
            text=True,
        )
        assert process.stdout is not None
        before_kill = random.randrange(1, most)
        for _ in range(before_kill):
            assert process.stdout.readline()
        ended += before_kill
        seed += 1
        if ended < UNITS:
            processes.kill(process)
        process.communicate(timeout=A_WHILE)
    commits = count(project, "effects")
    print(f"{ended} units in {seed} processes, {seed - 1} of them killed: {commits} commits")
    assert count(project, "job") == commits
    numbers = execute(database_of(project), "SELECT number FROM effects ORDER BY number")
    stored = execute(database_of(project), "SELECT arguments FROM job")
    assert sorted(number_of(arguments) for (arguments,) in stored) == [n for (n,) in numbers]


def number_of(arguments: Any) -> int:
    document: Any = json.loads(arguments) if isinstance(arguments, str) else arguments
    return int(document["number"])


@contextmanager
def worker(
    project: Project, log: IO[str], *command: str | Path
) -> Generator[subprocess.Popen[str]]:
    process = processes.spawn(
        [project.python, *(command or ("manage.py", "worker", "--concurrency", "2"))],
        cwd=project.root,
        log=log,
        env=project.environment(),
    )
    try:
        yield process
    finally:
        processes.kill(process)


def test_killed_workers_lose_no_job(project: Project, log: IO[str]) -> None:
    """Each job is done at least once, and repeated at most as often as it was running at a kill."""
    project.run(project.python, "enqueue.py", str(JOBS))
    random, running_at_kills = Random("kills"), 0
    workers = [worker(project, log) for _ in range(WORKERS)]
    started = [each.__enter__() for each in workers]
    try:
        for kill in range(KILLS):
            done = partial(has_done, project, JOBS * (kill + 1) // (KILLS + 2))
            assert eventually(done, seconds=A_WHILE)
            victim = random.randrange(WORKERS)
            started[victim].send_signal(signal.SIGSTOP)
            running_at_kills += held_by(project, started[victim].pid)
            workers[victim].__exit__(None, None, None)
            workers[victim] = worker(project, log)
            started[victim] = workers[victim].__enter__()
        assert eventually(lambda: count(project, "job") == 0, seconds=A_WHILE), "jobs are left"
    finally:
        for each in workers:
            each.__exit__(None, None, None)
    [[most, distinct]] = execute(
        database_of(project), "SELECT COUNT(*), COUNT(DISTINCT number) FROM effects"
    )
    print(f"{KILLS} kills: {running_at_kills} jobs were running, {most - distinct} were repeated")
    assert distinct == JOBS
    assert most - distinct <= running_at_kills


def has_done(project: Project, number: int) -> bool:
    return count(project, "effects") >= number


def held_by(project: Project, pid: int) -> int:
    """The number of jobs that a stopped worker holds."""
    pair = "job JOIN job_worker ON job_worker.id = job.worker_id AND job_worker.name LIKE :name"
    return count(project, pair, name=f"%:{pid}")


def test_each_due_time_is_enqueued_once_by_killed_workers(
    project: Project, log: IO[str], tmp_path: Path
) -> None:
    """Five workers enqueue a task that is due every minute, by a clock that also jumps."""
    keeping = Project(
        project.root, project.database, settings={**project.settings, "JOBS_KEEP_DAYS": "1"}
    )
    random, clock, minute = Random("clock"), tmp_path / "clock", 0
    seen = {minute}
    set_clock(clock, minute)
    command = ("clocked_worker.py", clock)
    workers = [worker(keeping, log, *command) for _ in range(5)]
    for each in workers:
        each.__enter__()
    try:
        for _ in range(MOVES):
            assert eventually(lambda: count(project, "job_schedule") == len(seen), seconds=A_WHILE)
            minute += random.choice((0, 1, 1, 2, 30, -1, -20))
            seen.add(minute)
            set_clock(clock, minute)
            victim = random.randrange(5)
            workers[victim].__exit__(None, None, None)
            workers[victim] = worker(keeping, log, *command)
            workers[victim].__enter__()
        assert eventually(lambda: count(project, "job_schedule") == len(seen), seconds=A_WHILE)
    finally:
        for each in workers:
            each.__exit__(None, None, None)
    print(f"{MOVES} moves of the clock and kills: {len(seen)} due times")
    assert count(project, "job WHERE task = 'errands.every_minute'") == len(seen) - 1


def set_clock(file: Path, minute: int) -> None:
    """Write the time that the workers read, in one step."""
    new = file.with_suffix(".new")
    new.write_text((START + timedelta(minutes=minute)).isoformat())
    new.replace(file)


def test_a_terminated_worker_returns_its_jobs(project: Project, log: IO[str]) -> None:
    project.run(project.python, "enqueue.py", "2", "slow")
    impatient = {**project.settings, "JOBS_SHUTDOWN_TIMEOUT": "0"}
    with worker(Project(project.root, project.database, settings=impatient), log) as process:
        assert eventually(lambda: count(project, "job WHERE state = 'running'") == 2, seconds=30)
        assert processes.stop(process) == 0
    assert count(project, "job WHERE state = 'ready' AND attempts = 0") == 2
    assert count(project, "job_worker") == 0
