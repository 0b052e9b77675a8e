"""Renders projects from the working tree with plain Copier, and runs them."""

import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import NamedTuple
from uuid import uuid4

import httpx
from copier import run_copy
from sqlalchemy import URL

from . import bytecode, forking, processes
from .deep import scaled
from .rendering import quickly
from .scratch import scratch

ROOT = Path(__file__).resolve().parents[2]
BOOTING = 30.0  # seconds
COMMAND_LIMIT = scaled(600, 1800)  # seconds
SECRET_KEY = "a key for tests, which signs nothing else"
PASSWORD = "seven purple rivers under the moon"  # of all users that tests create


def render(dest: Path, **answers: str | bool) -> Path:
    """Render the working tree into `dest`, uncommitted changes included; other answers are defaults."""
    rendered = _rendered(tuple(sorted(answers.items())))
    shutil.copytree(rendered, dest, symlinks=True, copy_function=bytecode.copy, dirs_exist_ok=True)
    return dest


def copy_working_tree(dest: Path) -> Path:
    """Copy the files that a commit of the working tree would contain, without a repository."""
    listed = subprocess.run(
        ("git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    for name in listed.stdout.split("\0"):
        source = ROOT / name
        if source.is_file():  # otherwise it is deleted, but not committed yet
            target = dest / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(source, target)
    return dest


@cache
def mypy_cache() -> Path:
    """Return a folder where mypy keeps what it knows of the libraries, for all projects of this process.

    It begins with what `make lint` has found out, if that ran.
    """
    folder = scratch("rendered") / "mypy"
    for known in (ROOT / ".mypy_cache").glob("*/*.db"):
        copy = folder / known.relative_to(ROOT / ".mypy_cache")
        copy.parent.mkdir(parents=True, exist_ok=True)
        with closing(sqlite3.connect(known)) as source, closing(sqlite3.connect(copy)) as target:
            source.backup(target)
    return folder


@cache
def _template() -> Path:
    return copy_working_tree(scratch("rendered") / "template")


@cache
def _rendered(answers: tuple[tuple[str, str | bool], ...]) -> Path:
    dest = Path(tempfile.mkdtemp(dir=scratch("rendered")))
    with quickly():
        run_copy(str(_template()), dest, data=dict(answers), defaults=True, quiet=True)
    bytecode.add(dest)
    return dest


class Stopped(NamedTuple):
    """How a service ended."""

    exit_code: int
    seconds: float


@dataclass
class Service:
    """A running server of a project, and its output."""

    address: str
    client: httpx.Client
    project: "Project"
    _process: subprocess.Popen[str]
    _log: Path

    @property
    def log(self) -> str:
        return self._log.read_text()

    def log_in(self, *options: str) -> str:
        """Log the client in as a new user, and return the address; see `Project.log_in`."""
        return self.project.log_in(self.client, *options)

    @property
    def authorization(self) -> str:
        """The header of the user as whom the client is logged in."""
        return self.client.headers["Authorization"]

    @property
    def pid(self) -> int:
        return self._process.pid

    def stop(self) -> Stopped:
        """Send SIGTERM, and wait until the server ends."""
        began = time.monotonic()
        exit_code = processes.stop(self._process)
        return Stopped(exit_code, time.monotonic() - began)

    def kill(self) -> None:
        """Kill the server and its workers."""
        processes.kill(self._process)


@dataclass
class Project:
    """A rendered project, and a Python with its dependencies."""

    root: Path
    database: URL | None = None
    python: Path = Path(sys.executable)
    settings: Mapping[str, str] = field(default_factory=dict[str, str])

    def environment(self) -> dict[str, str]:
        """Return its environment: few inherited variables, and warnings as errors."""
        inherited = ("PATH", "HOME", "LANG", "TMPDIR", "SSL_CERT_FILE")
        env = {name: os.environ[name] for name in inherited if name in os.environ}
        env |= {"PYTHONWARNINGS": "error", "SECRET_KEY": SECRET_KEY, "DOCS": "true"}
        env["MYPY_CACHE_DIR"] = str(mypy_cache())
        if self.database is not None:
            env["DATABASE_URL"] = self.database.render_as_string(hide_password=False)
        return {**env, **self.settings}

    def manage(self, *arguments: str, expect: int = 0) -> subprocess.CompletedProcess[str]:
        """Run a command of manage.py, and check its exit code."""
        return self.run(self.python, "manage.py", *arguments, expect=expect)

    def log_in(self, client: httpx.Client, *options: str) -> str:
        """Create a user, let a client of the running service send a token, and return the address.

        Args:
            client: sends the bearer token of a login from now on.
            options: of `manage.py createuser`, such as --staff.
        """
        email = f"{uuid4().hex}@example.com"
        create = ("manage.py", "createuser", email, *options)
        self.run(self.python, *create, given=f"{PASSWORD}\n")
        body = {"email": email, "password": PASSWORD, "bearer": True}
        answer = client.post("/api/auth/login", json=body, timeout=BOOTING)
        assert answer.status_code == 200, answer.text
        client.headers["Authorization"] = f"Bearer {answer.json()['token']}"
        return email

    def run(
        self, *command: str | Path, expect: int = 0, given: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in the project with an input, and check its exit code."""
        done = forking.run(
            command, cwd=self.root, env=self.environment(), given=given, limit=COMMAND_LIMIT
        )
        words = " ".join(map(str, command))
        assert done.returncode == expect, (
            f"`{words}` ended with {done.returncode}, not {expect}:\n{done.stdout}{done.stderr}"
        )
        return done

    @contextmanager
    def serve(self, *arguments: str, port: int | None = None) -> Generator[Service]:
        """Run `manage.py runserver` while the block runs, on a free port by default."""
        port = port or processes.free_port()
        address = f"http://127.0.0.1:{port}"
        log = self.root.parent / f"{self.root.name}-{port}.log"
        with log.open("w") as output, httpx.Client(base_url=address, trust_env=False) as client:
            process = processes.spawn(
                [self.python, "manage.py", "runserver", "--port", str(port), *arguments],
                cwd=self.root,
                log=output,
                env=self.environment(),
            )

            def lives() -> bool:
                try:
                    return client.get("/health/live").is_success
                except httpx.TransportError:
                    return False

            try:
                up = processes.wait_until(lives, process, seconds=BOOTING)
                assert up, f"the server did not start:\n{log.read_text()}"
                yield Service(address, client, self, process, log)
            finally:
                processes.stop(process)
                print(log.read_text())  # pytest shows it if the test fails
