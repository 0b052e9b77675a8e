"""Reads releases.toml, and runs git in this repository."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple, NoReturn

ROOT = Path(__file__).resolve().parent.parent
LIST = ROOT / "releases.toml"
NUMBER = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")


class Release(NamedTuple):
    """A released version and its commit's full hash."""

    version: str
    commit: str

    @property
    def tag(self) -> str:
        return f"v{self.version}"


def released() -> list[Release]:
    """Return the releases, oldest first."""
    listed = tomllib.loads(LIST.read_text())["releases"]
    return [Release(entry["version"], entry["commit"]) for entry in listed]


def parse(version: str) -> tuple[int, ...] | None:
    """Return a version's three numbers, or None if it is not written `X.Y.Z`."""
    found = NUMBER.fullmatch(version)
    return tuple(map(int, found.groups())) if found else None


def git(*arguments: str) -> str:
    """Run git, and return what it prints.

    Raises:
        SystemExit: git failed; its message is in the exception.
    """
    done = subprocess.run(
        ("git", *arguments), cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        fail(f"`git {' '.join(arguments)}` failed: {done.stderr.strip()}")
    return done.stdout.strip()


def commit_of(tag: str) -> str | None:
    """Return the commit of a tag, or None if there is no such tag."""
    listed = git("for-each-ref", "--format=%(objectname) %(*objectname)", f"refs/tags/{tag}")
    return listed.split()[-1] if listed else None  # an annotated tag's commit comes second


def fail(message: str) -> NoReturn:
    sys.exit(f"error: {message}")
