"""Starts the servers that are compared: Groundplan's as rendered, and its peers in their own environment."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
from sqlalchemy import URL

from tests.support import processes
from tests.support.projects import ROOT, Project

ENVIRONMENT = ROOT / "build" / "peers"
LOCK = ROOT / "benchmarks" / "requirements.lock"
BOOTING = 60.0  # seconds
TICK = os.sysconf("SC_CLK_TCK")

SERVER_CORE = 0
CLIENT_CORE = 1

OURS = "Groundplan"
FLOOR = {
    "postgresql": "FastAPI, raw asyncpg",
    "sqlite": "FastAPI, raw aiosqlite",
    "mariadb": "FastAPI, raw aiomysql",
}
STACKS = {
    "FastAPI, raw asyncpg": "raw_asyncpg",
    "FastAPI, raw aiosqlite": "raw_aiosqlite",
    "FastAPI, raw aiomysql": "raw_aiomysql",
    "FastAPI, SQLAlchemy Core": "sqlalchemy_core",
    "FastAPI, SQLAlchemy ORM": "sqlalchemy_orm",
    "FastAPI, SQLModel": "sqlmodel_users",
    "FastAPI, Advanced Alchemy": "advanced_alchemy_fastapi",
    "Litestar, Advanced Alchemy": "advanced_alchemy_litestar",
    "FastAPI, FastCRUD": "fastcrud_users",
    "Django, async views": "django_views",
    "django-ninja": "django_ninja_users",
    "FastAPI, raw asyncpg, login": "raw_asyncpg_auth",
    "FastAPI, SQLModel, login by JWT": "sqlmodel_auth",
    "Django, async views, login by session": "django_auth",
    "FastAPI, raw asyncpg, articles": "raw_asyncpg_articles",
    "FastAPI, Advanced Alchemy, articles": "advanced_alchemy_articles",
}
ON = {
    "postgresql": [
        name
        for name in STACKS
        if not any(word in name for word in ("sqlite", "mysql", "login", "articles"))
    ],
    "sqlite": ["FastAPI, raw aiosqlite"],
    "mariadb": ["FastAPI, raw aiomysql"],
}


@dataclass
class Stack:
    """A running server."""

    name: str
    port: int
    process: subprocess.Popen[str]

    def processor_seconds(self) -> float:
        """Return the CPU time that its processes have used so far, in seconds."""
        ticks = 0
        for process in self.processes():
            fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICK

    def memory(self) -> int:
        """Return the resident memory (RSS) of its largest process, in bytes."""
        pages = (Path(f"/proc/{one}/statm").read_text().split()[1] for one in self.processes())
        return max(map(int, pages)) * os.sysconf("SC_PAGE_SIZE")

    def processes(self) -> list[int]:
        """Return the ids of its main process and of the workers."""
        process = self.process.pid
        started = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        return [process, *map(int, started)]


def python() -> Path:
    """Return the Python with all peers installed; recreate its environment if the lock has changed."""
    stamp = ENVIRONMENT / "lock"
    if not stamp.is_file() or stamp.read_text() != LOCK.read_text():
        uv = Path(sys.executable).with_name("uv")
        subprocess.run((uv, "venv", "--quiet", "--clear", ENVIRONMENT), check=True)
        subprocess.run(
            (uv, "pip", "sync", "--quiet", "--python", ENVIRONMENT / "bin" / "python", LOCK),
            check=True,
        )
        stamp.write_text(LOCK.read_text())
    return ENVIRONMENT / "bin" / "python"


def pin(core: int) -> None:
    """Pin this process to a core, if the machine has at least two."""
    if len(os.sched_getaffinity(0)) > 1:
        os.sched_setaffinity(0, {core})


def pinned(command: Sequence[str | Path], core: int) -> list[str | Path]:
    """Return the command pinned to a core, if the machine has at least two."""
    alone = (os.cpu_count() or 1) < 2
    return list(command) if alone else ["taskset", "--cpu-list", str(core), *command]


@contextmanager
def serve(
    name: str, project: Project, database: URL, *, workers: int = 1, probe: str = "/api/users"
) -> Generator[Stack]:
    """Serve a stack on a free port while the block runs.

    Args:
        name: a name in `STACKS`, or one that begins with `OURS`.
        project: the rendered project, which serves the latter.
        database: the database with the users.
        workers: the number of worker processes of `OURS`.
        probe: the path whose first answer below 500 shows that the server is up.
    """
    port = processes.free_port()
    if name.startswith(OURS):
        command: list[str | Path] = [project.python, "manage.py", "runserver", f"--port={port}"]
        command.append(f"--workers={workers}")
        folder, settings = project.root, project.settings
    else:
        app = f"benchmarks.stacks.{STACKS[name]}:app"
        command = [
            python(),
            "-m",
            "uvicorn",
            app,
            f"--port={port}",
            "--no-access-log",
            "--log-level=warning",
        ]
        folder, settings = ROOT, dict[str, str]()
    log = project.root.parent / f"{port}.log"
    with log.open("w") as output:
        process = processes.spawn(
            pinned(command, SERVER_CORE),
            cwd=folder,
            log=output,
            env=_environment(database) | dict(settings),
        )
        try:
            up = processes.wait_until(lambda: _answers(port, probe), process, seconds=BOOTING)
            assert up, f"{name} did not start:\n{log.read_text()}"
            yield Stack(name, port, process)
        finally:
            processes.stop(process)


def log_in(name: str, database: URL, keys: Sequence[str]) -> list[str]:
    """Log users in to a peer, and return the header that each of them sends.

    Args:
        name: a name in `STACKS`, of a module with `log_in`.
        database: has the users.
        keys: of the users.
    """
    done = subprocess.run(
        (python(), "-m", "benchmarks.stacks.log_in", STACKS[name]),
        cwd=ROOT,
        env=_environment(database),
        input=json.dumps(keys),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    headers: list[str] = json.loads(done.stdout)
    return headers


def _environment(database: URL) -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return kept | {
        "DATABASE_URL": database.render_as_string(hide_password=False),
        "DJANGO_SETTINGS_MODULE": "benchmarks.stacks.django_settings",
        "LOG_LEVEL": "WARNING",  # the peers do not log requests
        "DB_POOL_SIZE": "10",
        "DB_MAX_OVERFLOW": "0",
        "DB_POOL_TIMEOUT": "30",
        "SECRET_KEY": "of a benchmark, which signs nothing else",
    }


def _answers(port: int, path: str) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}", trust_env=False).status_code < 500
    except httpx.TransportError:
        return False
