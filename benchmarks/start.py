"""Measures the time to the first answer: of a server, and of `make demo` from nothing.

The server is the default variant on PostgreSQL, with the dependencies that its `pyproject.toml` declares, as
in its image; its first answer is a list of posts from the database. "From nothing" is `make demo` without
`make setup`, for each driver: copy, install from cached packages, create the database, migrate, serve, answer.
Figures are medians of the repeats, in seconds.
"""

import os
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

from sqlalchemy import URL

from tests.support import pythons
from tests.support.projects import ROOT, Project, render
from tests.support.servers import Server

from . import peers
from .databases import on_each

REPEATS = int(os.environ.get("REPEATS", "5"))
ANSWERS = "Your service runs at"
DRIVERS = ("aiosqlite", "asyncpg", "aiomysql")
MEBIBYTE = 2**20


def main() -> None:
    """Print a Markdown table."""
    print("| what | seconds |\n|---|---|")
    for driver in DRIVERS:
        say(
            f"from nothing to a first answer, {driver}",
            [from_nothing(driver) for _ in range(REPEATS)],
        )
    on_each(measure, "postgresql")


def measure(server: Server, folder: Path) -> None:
    """Print the time to a server's first answer, and its memory then."""
    database = server.create_database()
    seconds: list[float] = []
    memory: list[float] = []
    try:
        project = installed(render(folder, driver=server.driver), database)
        project.manage("migrate")
        for _ in range(REPEATS + 1):  # the first run warms caches and is not counted
            began = time.perf_counter()
            with peers.serve(peers.OURS, project, database, probe="/api/posts") as stack:
                seconds.append(time.perf_counter() - began)
                memory.append(stack.memory() / MEBIBYTE)
    finally:
        server.drop_database(database)
    say("`manage.py runserver` to a first answer", seconds[1:])
    print(
        f"\nA worker uses {median(memory):.0f} MiB after its first answer, including shared libraries."
    )


def installed(root: Path, database: URL) -> Project:
    """Install the dependencies that a rendered project declares, in a new environment."""
    python = pythons.environment(pythons.RUNNING, root / ".venv")
    pythons.install(
        python, "--constraints", ROOT / "requirements.lock", "--editable", ".", cwd=root
    )
    return Project(root, database=database, python=python)


def from_nothing(driver: str) -> float:
    """Return the seconds until the demo's service answers."""
    with tempfile.TemporaryDirectory() as folder:
        command = [sys.executable, "-m", "tools.demo", "--once", "--driver", driver]
        command += ["--dir", f"{folder}/demo"]
        began = time.perf_counter()
        with subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        ) as demo:
            assert demo.stdout is not None
            up = next((time.perf_counter() for line in demo.stdout if ANSWERS in line), None)
            demo.stdout.read()
        assert up is not None, f"`{shlex.join(command)}` did not start a service"
        return up - began


def say(what: str, seconds: list[float]) -> None:
    """Print a line of the table."""
    middle, least, most = median(seconds), min(seconds), max(seconds)
    print(f"| {what} | {middle:.2f} ({least:.2f} to {most:.2f}) |", flush=True)
