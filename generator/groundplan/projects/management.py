"""Run a project's manage.py in the project's environment."""

import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

from ..errors import Refusal
from .project import Project

LIMIT = 600.0  # seconds; a migration may move many rows
FOLDER = "Scripts" if sys.platform == "win32" else "bin"


class Unasked(Exception):
    """The project's database cannot be asked; the message says why."""


def applied(project: Project) -> set[str]:
    """Return the revisions that the database has.

    Raises:
        Unasked: the project has no environment, or its database does not answer.
    """
    done = _manage(project, "showmigrations")
    if done.returncode != 0:
        raise Unasked(last_line(done.stderr or done.stdout))
    rows = (line.split() for line in done.stdout.splitlines())
    return {row[1] for row in rows if row[:1] == ["[X]"]}


def migrate(project: Project, target: str) -> None:
    """Bring the database to a revision, or to `base`.

    Raises:
        Refusal: the migration fails.
    """
    done = _manage(project, "migrate", target)
    if done.returncode != 0:
        problem = f"`manage.py migrate {target}` failed: {last_line(done.stderr)}"
        raise Refusal(problem, "Nothing was removed. Correct that, and run the command again.")


def _manage(project: Project, *arguments: str) -> subprocess.CompletedProcess[str]:
    return run(project.root, python(project), *arguments)


def run(root: Path, python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a command of the manage.py in a folder.

    Raises:
        Unasked: it cannot be run, or takes too long.
    """
    try:
        return subprocess.run(
            (python, "-B", "manage.py", *arguments),  # asking leaves no bytecode
            cwd=root,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=LIMIT,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise Unasked(str(error)) from None


def python(project: Project) -> Path:
    """The interpreter of the environment that is active, or of the project's `.venv`."""
    active = os.environ.get("VIRTUAL_ENV")
    for folder in ([Path(active)] if active else []) + [project.root / ".venv"]:
        python = folder / FOLDER / "python"
        if python.exists():
            return python
    if find_spec("sqlalchemy") and find_spec("fastapi"):
        return Path(sys.executable)
    raise Unasked("the project has no environment in .venv, and none is active")


def last_line(text: str) -> str:
    """Return the last line of a command's output, without its full stop."""
    return (text.strip().splitlines() or ["no message"])[-1].removeprefix("Error: ").rstrip(".")
