"""Ways to bring a service into a state in which it cannot be updated."""

import shutil
from collections.abc import Callable
from pathlib import Path

from .history import commit, git

ANSWERS = ".copier-answers.yml"
Spoil = Callable[[Path], None]


def nothing(folder: Path) -> None:
    """Change nothing."""


def untracked(folder: Path) -> None:
    folder.joinpath("notes.txt").write_text("mine")


def edited(folder: Path) -> None:
    folder.joinpath("README.md").write_text("mine")


def staged(folder: Path) -> None:
    edited(folder)
    git(folder, "add", "--all")


def hidden(flag: str) -> Spoil:
    """Edit a file after telling git to ignore changes to it."""

    def hide(folder: Path) -> None:
        git(folder, "update-index", flag, "pyproject.toml")
        with folder.joinpath("pyproject.toml").open("a") as file:
            file.write("# mine\n")

    return hide


def much_untracked(folder: Path) -> None:
    for name in "abcdefg":
        folder.joinpath(f"{name}.txt").write_text("mine")


def no_git(folder: Path) -> None:
    shutil.rmtree(folder / ".git")


def no_commit(folder: Path) -> None:
    no_git(folder)
    git(folder, "init", "--quiet")


def broken_index(folder: Path) -> None:
    folder.joinpath(".git/index").write_text(
        "an index has at least twelve bytes, and begins differently"
    )


def locked(folder: Path) -> None:
    folder.joinpath(".git/index.lock").touch()


def no_way_to_work(folder: Path) -> None:
    """Put a file where the update creates a folder."""
    folder.joinpath(".git/groundplan-update").touch()


def no_answers(folder: Path) -> None:
    folder.joinpath(ANSWERS).unlink()
    commit(folder)


def ignored_answers(folder: Path) -> None:
    git(folder, "rm", "--quiet", "--cached", ANSWERS)
    git(folder, "commit", "--quiet", "--message", "No answers")
    ignored(f"/{ANSWERS}")(folder)


def ignored(pattern: str) -> Spoil:
    return lambda folder: _write(folder / ".git/info/exclude", f"{pattern}\n")


def ignored_file(name: str) -> Spoil:
    def write(folder: Path) -> None:
        ignored(f"/{name}")(folder)
        folder.joinpath(name).write_text("mine")

    return write


def ignored_link(name: str) -> Spoil:
    def link(folder: Path) -> None:
        ignored(f"/{name}")(folder)
        folder.joinpath(name).symlink_to(folder.parent)

    return link


def answers(text: str) -> Spoil:
    def write(folder: Path) -> None:
        folder.joinpath(ANSWERS).write_text(text)
        commit(folder)

    return write


def answers_without(key: str) -> Spoil:
    return answers_changed(key, None)


def answers_changed(key: str, value: str | None) -> Spoil:
    """Change an answer's value, or remove the answer."""

    def write(folder: Path) -> None:
        file = folder / ANSWERS
        lines = file.read_text().splitlines(keepends=True)
        kept = [line for line in lines if not line.startswith(f"{key}: ")]
        assert len(kept) == len(lines) - 1, f"{ANSWERS} has no {key}"
        file.write_text("".join(kept) + (f"{key}: {value}\n" if value else ""))
        commit(folder)

    return write


def appended_to(name: str) -> Spoil:
    def append(folder: Path) -> None:
        with folder.joinpath(name).open("a") as file:
            file.write("# mine\n")
        commit(folder)

    return append


def unwritable_by_git(folder: Path) -> None:
    """Configure a git filter that fails on checkout, as a partly installed one does."""
    git(folder, "config", "filter.half.clean", "cat")
    git(folder, "config", "filter.half.smudge", "false")
    git(folder, "config", "filter.half.required", "true")
    _write(folder / ".git/info/attributes", "pyproject.toml filter=half\n")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(exist_ok=True)
    file.write_text(text)
