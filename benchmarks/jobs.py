"""Measures background jobs: to enqueue one, to run many, to start one after its commit, to wait for one.

On PostgreSQL, procrastinate runs the same jobs on the same server. SAQ runs them on Redis or Valkey, if one is installed: jobs there
are not written in a transaction, and a crash of the server loses the newest ones. Both have their defaults. All jobs do nothing, and
each worker runs ten at once, in one process on one core. Figures are medians of the repeats.
"""

import json
import os
import shutil
import socket
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import URL

from tests.support import processes
from tests.support.projects import Project, render
from tests.support.servers import Server

from . import peers
from .databases import on_each

INSIDE = Path(__file__).parent / "inside"
JOBS = os.environ.get("JOBS", "2000")
REPEATS = os.environ.get("REPEATS", "5")
REDIS = ("redis-server", "valkey-server")  # Debian's packages have the same names
TASKS = '''"""The job that is measured."""

import time

from ...core.jobs import task

latencies: list[float] = []  # seconds from before the commit to the start


@task()
async def note(sent: float) -> None:
    latencies.append(time.time() - sent)
'''


def main() -> None:
    """Print a Markdown table."""
    print(f"{JOBS} jobs, {REPEATS} repeats\n")
    print(
        "| database | what | enqueue, times an insert | jobs/s | commit to start, p50 / p99 | idle |"
    )
    print("|---|---|---|---|---|---|", flush=True)
    on_each(measure)


def measure(server: Server, folder: Path) -> None:
    """Print the lines for one database."""
    database: URL = server.create_database()
    try:
        project = generated_with_task(folder, server.driver, database)
        show(server.kind.title, peers.OURS, project, "jobs.py")
        if server.name == "postgresql":
            show(server.kind.title, "procrastinate", project, "procrastinate_jobs.py")
            show_saq(project)
    finally:
        server.drop_database(database)


def generated_with_task(folder: Path, driver: str, database: URL) -> Project:
    """Render a project whose only app has one task, and migrate the database."""
    render(folder, driver=driver, auth=False, jobs=True, example=False)
    project = Project(folder, database=database, python=peers.python())
    app = folder / "my_service" / "apps" / "errands"
    app.mkdir(parents=True)
    (app / "__init__.py").touch()
    (app / "tasks.py").write_text(TASKS)
    settings = folder / "my_service" / "settings.py"
    settings.write_text(settings.read_text().replace("= []", '= ["errands"]', 1))
    project.manage("migrate")
    return project


def show_saq(project: Project) -> None:
    """Measure SAQ and print its line. Without a Redis server, print that it was not measured."""
    programs = [found for name in REDIS if (found := shutil.which(name))]
    if not programs:
        print(f"| Redis | SAQ | not measured: no {' or '.join(REDIS)} | | | |", flush=True)
        return
    folder = project.root.parent / "redis"
    folder.mkdir()
    with redis(programs[0], folder) as url:
        show(Path(programs[0]).name.partition("-")[0].title(), "SAQ", project, "saq_jobs.py", url)


@contextmanager
def redis(program: str, folder: Path) -> Generator[str]:
    """Run a private server with its defaults; return its URL."""
    port = processes.free_port()

    def answers() -> bool:
        with socket.socket() as client:
            return client.connect_ex(("127.0.0.1", port)) == 0

    with (folder / "log").open("w") as log:
        command = [program, "--port", f"{port}", "--bind", "127.0.0.1"]
        process = processes.spawn(command, cwd=folder, log=log)
        try:
            assert processes.wait_until(answers, process, seconds=10), (folder / "log").read_text()
            yield f"redis://127.0.0.1:{port}"
        finally:
            processes.stop(process)


def show(database: str, name: str, project: Project, script: str, *arguments: str) -> None:
    """Measure one system, and print its line."""
    done = project.run(project.python, INSIDE / script, JOBS, REPEATS, *arguments)
    found = json.loads(done.stdout.splitlines()[-1])
    ratio = f"{found['ratio']:.2f}" if "ratio" in found else ""
    p50, p99 = (1000 * seconds for seconds in found["latency"])
    print(
        f"| {database} | {name} | {ratio} | {found['rate']:.0f} | {p50:.0f} / {p99:.0f} ms "
        f"| {found['idle']:.1%} |",
        flush=True,
    )
