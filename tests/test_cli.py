"""The command line `groundplan`."""

import os
import subprocess
import sys
from importlib.metadata import version

PROMPT = 0.150  # seconds


def groundplan(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = (sys.executable, "-W", "error", "-m", "groundplan", *arguments)
    return subprocess.run(command, capture_output=True, text=True, check=False)


def test_help_says_what_it_does() -> None:
    done = groundplan("--help")
    assert done.returncode == 0
    assert "Start FastAPI services" in done.stdout
    assert not done.stderr


def test_version_is_the_installed_one() -> None:
    assert groundplan("--version").stdout == f"groundplan {version('groundplan')}\n"


def test_an_unknown_command_is_a_usage_error() -> None:
    done = groundplan("starproject")
    assert done.returncode == 2
    assert "starproject" in done.stderr


def test_help_is_prompt() -> None:
    """Processor time, the least of five: what else the machine does has no part in it."""
    assert min(_processor_seconds() for _ in range(5)) < PROMPT


def _processor_seconds() -> float:
    before = os.times()
    groundplan("--help")
    after = os.times()
    return (after.children_user + after.children_system) - (
        before.children_user + before.children_system
    )
