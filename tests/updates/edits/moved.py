"""Edits that move or delete files."""

import shutil
from pathlib import Path

from .edit import PACKAGE, Edit


def move(name: str, old: str, new: str, **facts: bool) -> Edit:
    """Move a file or a folder."""

    def make(root: Path) -> None:
        target = root / new
        target.parent.mkdir(parents=True, exist_ok=True)
        root.joinpath(old).rename(target)

    return Edit(name, make, **facts)


def delete(name: str, path: str, **facts: bool) -> Edit:
    """Delete a file or a folder."""

    def make(root: Path) -> None:
        found = root / path
        shutil.rmtree(found) if found.is_dir() else found.unlink()

    return Edit(name, make, **facts)


EDITS = (
    move(
        "a test in another folder",
        "tests/blog/test_posts.py",
        "tests/blog/posts/test_posts.py",
        alone=True,
    ),
    move(
        "the workflow by another name",
        ".github/workflows/ci.yml",
        ".github/workflows/checks.yml",
        alone=True,
    ),
    move("the image's recipe in a folder", "Dockerfile", "deploy/Dockerfile", alone=True),
    move("the page on the database in docs", "DATABASE.md", "docs/database.md", alone=True),
    move("an app by another name", f"{PACKAGE}/apps/blog", f"{PACKAGE}/apps/news", alone=True),
    delete("no hooks before commits", ".pre-commit-config.yaml", alone=True),
    delete("no compose file", "compose.yaml", alone=True),
    delete("no workflow", ".github", alone=True),
    delete("no README", "README.md", alone=True),
    delete("no tests of core", "tests/core", alone=True),
    delete("no command dbshell", f"{PACKAGE}/core/management/commands/dbshell.py", alone=True),
)
