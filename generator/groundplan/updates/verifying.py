"""A service's own checks, run by its own Python after an update."""

import os
import subprocess
from pathlib import Path

import click

from ..errors import Refusal
from ..git import without_git
from .service import Service

CHECKS = (
    ("manage.py", "check"),
    ("-m", "ruff", "check"),
    ("-m", "ruff", "format", "--check"),
    ("-m", "mypy"),
    ("manage.py", "makemigrations", "--check"),
    ("manage.py", "test"),
)


def checks(service: Service) -> list[tuple[str, ...]]:
    """Return the commands that check a service.

    Raises:
        Refusal: There is no environment to run them in.
    """
    return [(str(_python(service.root)), *words) for words in CHECKS]


def run(service: Service, commands: list[tuple[str, ...]], *, quiet: bool) -> bool:
    """Run the checks, all of them, and show what the failing ones print.

    Args:
        service: the service.
        commands: the checks.
        quiet: write to the error stream only.

    Returns:
        Whether all have passed.
    """
    passed = True
    for command in commands:
        done = subprocess.run(
            command,
            cwd=service.root,
            env=without_git(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
        words = " ".join(command[1:]).removeprefix("-m ")
        click.echo(f"  {'failed' if done.returncode else 'passed':<8}  {words}", err=quiet)
        if done.returncode:
            passed = False
            click.echo(done.stdout.decode(errors="replace"), err=True)
    return passed


def _python(root: Path) -> Path:
    homes = [root / ".venv"]
    if "VIRTUAL_ENV" in os.environ:
        homes.append(Path(os.environ["VIRTUAL_ENV"]))
    for home in homes:
        for python in (home / "bin/python", home / "Scripts/python.exe"):
            if python.is_file():
                return python
    raise Refusal(
        f"--verify found no environment to run {root} in: it has no .venv, and none is active",
        "Make one by `uv sync`",
    )
