"""Run a service's checks after an update, in the service's environment."""

import os
import shutil
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
SYNC = ("uv", "sync", "--inexact", "--quiet")
NEED_REVISION = (("manage.py", "makemigrations", "--check"), ("manage.py", "test"))


def checks(service: Service) -> list[tuple[str, ...]]:
    """Return the commands that check a service, after one that installs its new dependencies with uv.

    Raises:
        Refusal: the service has no environment.
    """
    root, python = service.root, _python(service.root)
    commands = [(str(python), *words) for words in CHECKS]
    by_uv = root / ".venv" in python.parents and root.joinpath("uv.lock").is_file()
    return [SYNC, *commands] if by_uv and shutil.which("uv") else commands


def run(
    service: Service, commands: list[tuple[str, ...]], *, needs_revision: bool, quiet: bool
) -> bool:
    """Run all checks, and show the output of those that fail.

    Args:
        service: the service.
        commands: the checks.
        needs_revision: skip the checks that fail until the service has a revision for the update.
        quiet: write to standard error only.

    Returns:
        Whether all passed.
    """
    passed = True
    for command in commands:
        words = " ".join(command if command is SYNC else command[1:]).removeprefix("-m ")
        if needs_revision and command[1:] in NEED_REVISION:
            click.echo(f"  skipped   {words}: create the revision first", err=quiet)
            continue
        done = subprocess.run(
            command,
            cwd=service.root,
            env=without_git(os.environ),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
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
        f"--verify needs an environment: {root} has no .venv, and none is active",
        "Create one with `uv sync`",
    )
