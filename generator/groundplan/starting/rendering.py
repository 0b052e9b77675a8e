"""Render a project in a temporary folder, and move it into place."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..errors import Refusal
from ..git import GitError, own_repositories
from ..projects import sources
from ..projects.project import ANSWERS
from ..template import Template


def render(
    template: Template, folder: Path, data: Mapping[str, Any], *, ask: bool
) -> dict[str, Any]:
    """Render a project with Copier.

    Args:
        folder: an empty folder, or one that does not exist yet.
        data: the given answers.
        ask: ask for the others at the terminal instead of using their defaults.

    Returns:
        All answers that Copier recorded.

    Raises:
        Refusal: an answer is invalid, or Copier refuses the template.
    """
    from copier import run_copy
    from copier.errors import CopierAnswersInterrupt, CopierError, InteractiveSessionError

    try:
        with own_repositories():
            run_copy(
                template.address,
                folder,
                data=dict(data),
                vcs_ref=template.ref,
                defaults=not ask,
                quiet=True,
            )
    except (CopierAnswersInterrupt, InteractiveSessionError):  # Ctrl-C, Ctrl-D
        raise KeyboardInterrupt from None
    except (CopierError, ValueError) as error:
        raise _refusal(error) from None
    except (GitError, OSError) as error:
        raise Refusal(
            f"The template cannot be copied: {error}; nothing was changed",
            "Correct that, and run the command again",
        ) from None
    recorded = sources.answers(folder / ANSWERS)
    return {key: value for key, value in recorded.items() if not key.startswith("_")}


def files(folder: Path) -> Iterator[Path]:
    """Yield the files of a rendered project, relative to it, in order."""
    for file in sorted(folder.rglob("*")):
        relative = file.relative_to(folder)
        if not file.is_dir() and relative.parts[0] != ".git":
            yield relative


def refuse_taken(target: Path) -> None:
    """Refuse a target that is not free.

    Raises:
        Refusal: it is a folder that is not empty, or a file.
    """
    complete = _beside(target.absolute(), "complete")
    if complete.is_dir() and target.is_dir():
        _fill(target.absolute(), complete)
        problem = (
            f"{str(target)!r} now contains the whole project of a startproject that was killed"
        )
        raise Refusal(problem, "Continue with its README.md, or empty the folder and start again.")
    if target.is_dir() and not any(target.iterdir()):
        return
    if target.exists() or target.is_symlink():
        what = "is not empty" if target.is_dir() else "exists and is not a folder"
        fix = "Choose another folder: groundplan startproject NAME DIR."
        raise Refusal(f"{str(target)!r} {what}", fix)


def settle(folder: Path, target: Path) -> None:
    """Put a project in its place, whole or not at all.

    A new folder appears by one rename. An existing one, which may be the shell's working folder, is
    filled; when that is killed halfway, `refuse_taken` finishes it for the next `startproject`.

    Raises:
        Refusal: it cannot be written there.
    """
    made = _missing(target.parent)
    copy, complete = _beside(target, "copy"), _beside(target, "complete")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if copy.exists():  # from a run that was killed
            shutil.rmtree(copy)
        _copy(folder, copy)
        if target.exists():
            copy.rename(complete)
            _fill(target, complete)
        else:
            copy.rename(target)
    except BaseException as error:
        shutil.rmtree(copy, ignore_errors=True)
        shutil.rmtree(complete, ignore_errors=True)
        if target.is_dir():
            _empty(target)
        for parent in filter(Path.is_dir, made):
            parent.rmdir()
        if not isinstance(error, OSError):
            raise
        problem = f"{str(target)!r} cannot be written: {error.strerror}; nothing was changed"
        raise Refusal(problem, "Correct that, or choose another folder.") from None


def _beside(target: Path, state: str) -> Path:
    return target.with_name(f".{target.name}.groundplan-{state}")


def _fill(target: Path, complete: Path) -> None:
    for entry in sorted(complete.iterdir()):
        entry.rename(target / entry.name)
    complete.rmdir()


def _copy(folder: Path, to: Path) -> None:
    """Copy a tree, and raise the first error alone: `copytree` raises a list of them."""
    failed: list[OSError] = []

    def copy(source: str, file: str) -> str:
        try:
            return shutil.copy2(source, file)
        except OSError as error:
            failed.append(error)
            raise

    try:
        shutil.copytree(folder, to, symlinks=True, copy_function=copy)
    except shutil.Error as error:
        raise (failed or [error])[0] from None


def _missing(folder: Path) -> list[Path]:
    return [parent for parent in (folder, *folder.parents) if not parent.exists()]


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()


def _refusal(error: Exception) -> Refusal:
    reason = " ".join(str(error).split())
    reason = reason.removeprefix("Validation error for question ").rstrip(".")
    return Refusal(reason, "Give another answer with --set, or with the option of the same name.")
