"""Install, migrate and serve a new project."""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from ..changes import show
from ..errors import Refusal


def run(folder: Path, answers: Mapping[str, Any]) -> None:
    """Install, migrate and serve a project, until Ctrl-C.

    Raises:
        Refusal: a step fails.
    """
    environment = {key: value for key, value in os.environ.items() if key != "VIRTUAL_ENV"}
    shutil.copy(folder / ".env.example", folder / ".env")
    for step in _steps(answers):
        click.echo(show.status("run", " ".join(step), "green"))
        done = subprocess.run(step, cwd=folder, env=environment, check=False)
        if done.returncode != 0:
            problem = f"`{' '.join(step)}` ended with {done.returncode}; the project is in {folder}"
            raise Refusal(problem, "Correct that, and run the remaining steps there.")


def _steps(answers: Mapping[str, Any]) -> list[tuple[str, ...]]:
    install: list[tuple[str, ...]]
    python: tuple[str, ...]
    if shutil.which("uv"):
        install = [("uv", "sync")]
        python = ("uv", "run", "python")
    else:
        python = (str(Path(".venv", "bin", "python")),)
        install = [
            (sys.executable, "-m", "venv", ".venv"),
            (*python, "-m", "pip", "install", "--quiet", "--upgrade", "pip"),
            (*python, "-m", "pip", "install", "--quiet", "--editable", ".", "--group", "dev"),
        ]
    if answers.get("driver") != "aiosqlite" and answers.get("container") and shutil.which("docker"):
        install.append(("docker", "compose", "up", "-d", "--wait", "db"))
    return [*install, (*python, "manage.py", "migrate"), (*python, "manage.py", "runserver")]
