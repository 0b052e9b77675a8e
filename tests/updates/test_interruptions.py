"""Killed anywhere, an update leaves a clean service, or one that `git reset --hard` restores."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from groundplan.cli import run

from . import services
from .history import commit, git
from .services import files
from .tomorrow import tomorrow

pytestmark = pytest.mark.full

KILLED_AT = """
import os, signal, sys, subprocess
from pathlib import Path
from groundplan.cli import run

steps = int(sys.argv[1])

def counted(function):
    def step(*arguments, **options):
        global steps
        steps -= 1
        if steps < 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return function(*arguments, **options)
    return step

from groundplan.updates import applying

def apply(service, merged, inner=applying.apply):
    subprocess.run = counted(subprocess.run)
    for name in ("mkdir", "replace", "unlink", "write_text"):
        setattr(Path, name, counted(getattr(Path, name)))
    os.unlink = counted(os.unlink)
    return inner(service, merged)

applying.apply = apply
sys.exit(run(["update", *sys.argv[2:]]))
"""
STEPS = 60  # more than it takes


def edited(folder: Path) -> Path:
    """A service with an edit that merges, one in conflict, and a file that git ignores."""
    services.service("v0.1.0", folder)
    toml = folder / "pyproject.toml"
    text = toml.read_text().replace("fastapi>=0.165", "fastapi>=0.165,<1")
    toml.write_text(text.replace('version = "0.1.0"', 'version = "2.0.0"'))
    commit(folder)
    folder.joinpath(".env").write_text("DEBUG=true\n")
    return folder


def assert_restored(folder: Path, before: dict[str, bytes]) -> bool:
    """Tell whether the service had been touched; restore it in that case."""
    touched = bool(git(folder, "status", "--porcelain"))
    if touched:
        git(folder, "reset", "--quiet", "--hard")
    assert not git(folder, "status", "--porcelain")
    assert files(folder) == before
    return touched


def test_killed_at_each_step_it_can_be_taken_back(tmp_path: Path) -> None:
    folder = edited(tmp_path / "service")
    before = files(folder)
    touched: list[bool] = []
    for step in range(STEPS):
        command = [sys.executable, "-c", KILLED_AT, str(step), str(folder)]
        code = subprocess.run(
            [*command, "--template", str(tomorrow())], capture_output=True, check=False
        ).returncode
        if code != -signal.SIGKILL:
            assert code == 1, "it ends with a conflict"
            break
        touched.append(assert_restored(folder, before))
    assert True in touched
    assert False in touched
    assert len(touched) < STEPS, "it has not been run to its end"
    assert_restored(folder, before)


@pytest.mark.parametrize("part", [0.05, 0.5, 0.7, 0.8, 0.9, 0.95])
def test_killed_at_any_time_with_its_children_it_can_be_taken_back(
    tmp_path: Path, part: float
) -> None:
    folder = edited(tmp_path / "service")
    before = files(folder)
    command = [sys.executable, "-m", "groundplan", "update", str(folder), "--template"]
    began = time.monotonic()
    subprocess.run([*command, str(tomorrow()), "--dry-run"], capture_output=True, check=False)
    seconds = time.monotonic() - began
    process = subprocess.Popen(
        [*command, str(tomorrow())],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    try:
        process.wait(timeout=seconds * part)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    assert_restored(folder, before)


def test_a_finished_update_is_taken_back_by_the_same_command(tmp_path: Path) -> None:
    folder = edited(tmp_path / "service")
    before = files(folder)
    assert run(["update", str(folder), "--template", str(tomorrow())]) == 1
    assert files(folder) != before
    assert assert_restored(folder, before)


def test_after_an_update_was_cut_short_the_next_says_how_to_take_it_back(tmp_path: Path) -> None:
    folder = edited(tmp_path / "service")
    for step in range(STEPS):
        command = [sys.executable, "-c", KILLED_AT, str(step), str(folder)]
        subprocess.run([*command, "--template", str(tomorrow())], capture_output=True, check=False)
        if git(folder, "status", "--porcelain"):
            break
    words = [sys.executable, "-m", "groundplan", "update", str(folder)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "cut short" in done.stderr
    assert "`git reset --hard`" in done.stderr
