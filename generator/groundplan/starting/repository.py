"""A new project's repository: updates start from a first commit."""

import os
import subprocess
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import Refusal
from ..git import git

MESSAGE = "Start from Groundplan"


def is_within(folder: Path) -> bool:
    """Whether a folder, or the nearest above it that exists, is in a repository that sees it."""
    existing = next(parent for parent in (folder, *folder.parents) if parent.is_dir())
    inside = _git(existing, "rev-parse", "--is-inside-work-tree")
    if inside.returncode != 0 or inside.stdout.strip() != "true":
        return False
    return _git(existing, "check-ignore", "--quiet", str(folder)).returncode != 0


def commit(folder: Path, answers: Mapping[str, Any]) -> None:
    """Make a repository of a project, with a first commit.

    Args:
        answers: who the author is, where git does not know.

    Raises:
        Refusal: git is missing, or fails.
    """
    steps = [
        ("init", "--quiet", "--initial-branch", "main"),
        ("add", "--all"),
        ("commit", "--quiet", "--no-verify", "--message", MESSAGE),
    ]
    identity = _identity(folder, answers)
    for step in steps:
        done = _git(folder, *step, identity=identity)
        if done.returncode != 0:
            problem = f"git {step[0]} failed: {done.stderr.strip()}; nothing was changed"
            raise Refusal(problem, "Correct that, or leave the repository to you: --no-git.")


def _identity(folder: Path, answers: Mapping[str, Any]) -> dict[str, str]:
    known = _git(folder, "config", "user.email").returncode == 0
    if known:
        return {}
    name = answers.get("author_name") or "Groundplan"
    email = answers.get("author_email") or "groundplan@localhost"
    return {
        f"GIT_{role}_{part}": value
        for role in ("AUTHOR", "COMMITTER")
        for part, value in (("NAME", name), ("EMAIL", email))
    }


def _git(
    folder: Path, *arguments: str, identity: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    hooked = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX")
    environment = {key: value for key, value in os.environ.items() if key not in hooked}
    options = ("-c", f"core.hooksPath={os.devnull}", "-c", "commit.gpgSign=false")
    return git(folder, *options, *arguments, environment={**environment, **(identity or {})})
