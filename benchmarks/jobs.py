"""Measures background jobs: to enqueue one, to run many, to start one after its commit, to wait for one.

On PostgreSQL, procrastinate runs the same jobs on the same server, with its defaults. All jobs do nothing, and
each worker runs ten at once, in one process on one core. Figures are medians of the repeats.
"""

import json
import os
from pathlib import Path

from sqlalchemy import URL

from tests.support.projects import Project, render
from tests.support.servers import Server

from . import peers
from .databases import on_each

INSIDE = Path(__file__).parent / "inside"
JOBS = os.environ.get("JOBS", "2000")
REPEATS = os.environ.get("REPEATS", "5")
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
        show(server, peers.OURS, project, "jobs.py")
        if server.name == "postgresql":
            show(server, "procrastinate", project, "procrastinate_jobs.py")
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


def show(server: Server, name: str, project: Project, script: str) -> None:
    """Measure one system, and print its line."""
    done = project.run(project.python, INSIDE / script, JOBS, REPEATS)
    found = json.loads(done.stdout.splitlines()[-1])
    ratio = f"{found['ratio']:.2f}" if "ratio" in found else ""
    p50, p99 = (1000 * seconds for seconds in found["latency"])
    print(
        f"| {server.kind.title} | {name} | {ratio} | {found['rate']:.0f} | {p50:.0f} / {p99:.0f} ms "
        f"| {found['idle']:.1%} |",
        flush=True,
    )
