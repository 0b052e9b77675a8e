"""The command line of `groundplan`."""

import os
import subprocess
import sys
from importlib.metadata import version

from groundplan.cli import COMMANDS

# Of a help text, however narrow the terminal: click's own least width.
NARROW = 50


def groundplan(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-W", "error", "-m", "groundplan", *arguments)
    env = {**os.environ, **variables}
    return subprocess.run(command, capture_output=True, text=True, check=False, env=env)


def test_help_says_what_it_does() -> None:
    done = groundplan("--help")
    assert done.returncode == 0
    assert "Start FastAPI services" in done.stdout
    assert not done.stderr


def test_help_shows_whole_summaries_in_a_narrow_terminal() -> None:
    said = groundplan("--help", COLUMNS="40").stdout
    assert max(map(len, said.splitlines())) <= NARROW
    words = " ".join(said.split())
    for file in COMMANDS.glob("[!_]*.py"):
        summary = file.read_text().splitlines()[0].strip('"')
        assert f"{file.stem} {summary}" in words


def test_version_is_the_installed_one() -> None:
    assert groundplan("--version").stdout == f"groundplan {version('groundplan')}\n"


def test_an_unknown_command_is_a_usage_error() -> None:
    done = groundplan("starproject")
    assert done.returncode == 2
    assert "starproject" in done.stderr


def test_help_imports_no_slow_library() -> None:
    """These libraries take most of a second to import, and `--help` does not need them."""
    command = (sys.executable, "-X", "importtime", "-m", "groundplan", "--help")
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "click" in imported
    assert imported.isdisjoint({"asyncio", "copier", "jinja2", "pydantic", "sqlalchemy", "yaml"})
