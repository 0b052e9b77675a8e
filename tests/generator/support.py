"""Helpers that run the command line in another process, and read a folder's files."""

import os
import pty
import subprocess
import sys
import tty
from pathlib import Path

from ..support import forking

Tree = dict[str, tuple[bytes, int]]


def groundplan(
    *arguments: str | Path, cwd: Path, code: int | None = 0, answers: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command, and check its exit code."""
    command = (sys.executable, "-W", "error", "-m", "groundplan", *arguments)
    done = forking.run(command, cwd=cwd, env=environment(), given=answers or "")
    assert code is None or done.returncode == code, done.stdout + done.stderr
    assert "Traceback" not in done.stderr, done.stderr
    return done


def on_terminal(*arguments: str | Path, cwd: Path, typed: str) -> int:
    """Run a command on a terminal, type text into it, and return its exit code."""
    ours, theirs = pty.openpty()
    tty.setraw(theirs)  # keys that are typed before a prompt reads them have no meaning yet
    with os.fdopen(ours, "wb", buffering=0) as terminal, os.fdopen(theirs, "rb") as stdin:
        process = subprocess.Popen(
            (sys.executable, "-m", "groundplan", *map(str, arguments)),
            cwd=cwd,
            env=environment(),
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        terminal.write(typed.encode())
        return process.wait()


def environment() -> dict[str, str]:
    """Return the environment without variables that change output or prompts."""
    changing = ("VIRTUAL_ENV", "NO_COLOR", "FORCE_COLOR", "COLUMNS")
    kept = {key: value for key, value in os.environ.items() if key not in changing}
    return {**kept, "COLUMNS": "200"}


def git(root: Path, *arguments: str) -> str:
    """Run git, and return its output."""
    options = ("-c", "user.name=Tests", "-c", "user.email=tests@localhost")
    done = subprocess.run(
        ("git", *options, *arguments), cwd=root, capture_output=True, text=True, check=True
    )
    return done.stdout


def commit_all(root: Path) -> None:
    """Commit everything; create the repository if it does not exist."""
    git(root, "init", "--quiet")
    git(root, "add", "--all")
    git(root, "commit", "--quiet", "--message", "All")


def pack(root: Path) -> None:
    """Store the commits in few files, not in hundreds: copies of the project take a tenth of the time."""
    git(root, "-c", "pack.window=0", "repack", "-a", "-d", "--quiet")


def status(root: Path) -> str:
    """Return git's short status, including every untracked file."""
    return git(root, "status", "--short", "--untracked-files=all")


def tree(root: Path) -> Tree:
    """Return the content and permissions of every file outside .git."""
    return {
        str(file.relative_to(root)): (file.read_bytes(), file.stat().st_mode)
        for file in sorted(root.rglob("*"))
        if file.is_file() and ".git" not in file.relative_to(root).parts
    }
