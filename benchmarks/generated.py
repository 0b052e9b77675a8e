"""Creates the projects that are measured: without the example, with what `startapp` generates."""

import json
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from copier import run_copy
from sqlalchemy import URL

from tests.support.projects import Project, render
from tests.updates import history

from . import peers

INSIDE = Path(__file__).parent / "inside" / "users.py"
APP = (
    "accounts",
    "User",
    "email:email:unique",
    "username:str=40:unique",
    "full_name:str=120:null",
    "is_active:bool:default=true",
)


def create(folder: Path, driver: str, database: URL) -> Project:
    """Render a project of this version, generate its users, and migrate the database.

    Args:
        folder: created.
        driver: answers the template's question.
        database: empty.
    """
    render(folder, driver=driver, auth=False, jobs=False, example=False)
    startapp(folder, *APP)
    project = Project(folder, database=database, python=peers.python())
    project.manage("migrate")
    return project


def create_older(folder: Path, driver: str, database: URL, release: str) -> Project:
    """Render a project of a release, and generate its users with that release's own command.

    Args:
        folder: created.
        driver: answers the template's question.
        database: has the users' table already.
        release: for example 0.2.0.
    """
    answers = {"driver": driver, "jobs": False, "example": False}
    tag = f"v{release}"
    run_copy(str(history.template()), folder, data=answers, vcs_ref=tag, defaults=True, quiet=True)
    startapp(folder, *APP, PYTHONPATH=str(sources(tag) / "generator"))
    return Project(folder, database=database, python=peers.python())


def fill(project: Project, rows: int, name: str = "user") -> list[str]:
    """Add users with names that begin with `name`, and return the keys of some users."""
    keys: list[str] = json.loads(project.run(project.python, INSIDE, str(rows), name).stdout)
    return keys


@cache
def sources(tag: str) -> Path:
    """Check out a release beside the repository of all releases."""
    folder = history.scratch() / f"sources-{tag}"
    history.git(history.template(), "worktree", "add", "--quiet", str(folder), tag)
    return folder


def startapp(project: Path, *words: str, **environment: str) -> None:
    """Run `groundplan startapp` in a project."""
    subprocess.run(
        (sys.executable, "-m", "groundplan", "startapp", *words),
        cwd=project,
        env=os.environ | environment,
        stdout=subprocess.DEVNULL,
        check=True,
    )
