"""A new project's repository: updates need a first commit to start from."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..errors import Refusal
from ..git import Git, GitError, identity

MESSAGE = "Start from Groundplan"


def is_within(folder: Path) -> bool:
    """Return whether a folder, existing or not, is in a repository that does not ignore it."""
    git = Git(next(parent for parent in (folder, *folder.parents) if parent.is_dir()))
    inside = git.run("rev-parse", "--is-inside-work-tree")
    if inside.returncode != 0 or inside.stdout.strip() != b"true":
        return False
    return not git.succeeds("check-ignore", "--quiet", str(folder))


def commit(folder: Path, answers: Mapping[str, Any]) -> None:
    """Make a repository of a project, with a first commit.

    Args:
        answers: they name the author if git's own settings do not.

    Raises:
        Refusal: git is not installed, or fails.
    """
    git = Git(folder)
    if not git.succeeds("config", "user.email"):
        author = {key: answers.get(f"author_{key}") for key in ("name", "email")}
        git = Git(folder, identity(**{key: value for key, value in author.items() if value}))
    try:
        git("init", "--quiet", "--initial-branch", "main")
        git("add", "--all")
        git("commit", "--quiet", "--no-verify", "--message", MESSAGE)
    except GitError as error:
        raise Refusal(
            f"{error}; nothing was changed",
            "Correct that, or start without a repository: --no-git.",
        ) from None
