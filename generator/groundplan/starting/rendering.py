"""Render a project where nobody sees it, and put it in its place in one step."""

import shutil
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from ..changes import apart
from ..errors import Refusal
from ..projects import sources
from ..projects.project import ANSWERS
from ..template import Template


def render(
    template: Template, folder: Path, data: Mapping[str, Any], *, ask: bool
) -> dict[str, Any]:
    """Render a project by Copier.

    Args:
        folder: an empty folder, or one that does not exist yet.
        data: the answers that are known.
        ask: ask for the others at the terminal; else the defaults are taken.

    Returns:
        All answers that Copier records.

    Raises:
        Refusal: a rule refuses an answer, or Copier the template.
    """
    from copier import run_copy
    from copier.errors import CopierAnswersInterrupt, CopierError

    try:
        run_copy(
            template.address,
            folder,
            data=dict(data),
            vcs_ref=template.ref,
            defaults=not ask,
            quiet=True,
        )
    except CopierAnswersInterrupt:
        raise KeyboardInterrupt from None
    except (CopierError, ValueError) as error:
        raise _refusal(error) from None
    recorded = sources.answers(folder / ANSWERS)
    return {key: value for key, value in recorded.items() if not key.startswith("_")}


def files(folder: Path) -> Iterator[Path]:
    """Yield the files of a rendered project, relative to it, in order."""
    for file in sorted(folder.rglob("*")):
        relative = file.relative_to(folder)
        if not file.is_dir() and relative.parts[0] != ".git":
            yield relative


def refuse_taken(target: Path) -> None:
    """Refuse a place where something is.

    Raises:
        Refusal: it is a folder that is not empty, or a file.
    """
    if target.is_dir() and not any(target.iterdir()):
        return
    if target.exists() or target.is_symlink():
        what = "is a folder that is not empty" if target.is_dir() else "is there, and is no folder"
        fix = "Choose another: groundplan startproject NAME DIR."
        raise Refusal(f"{str(target)!r} {what}", fix)


def settle(folder: Path, target: Path) -> None:
    """Put a project in its place, whole or not at all.

    Raises:
        Refusal: it cannot be written there.
    """
    try:
        apart.run(lambda: _settle(folder, target))
    except OSError as error:
        problem = f"{str(target)!r} cannot be written: {error.strerror}; nothing was changed"
        raise Refusal(problem, "Correct that, or choose another folder.") from None


def _settle(folder: Path, target: Path) -> None:
    """Rename a whole folder; a folder that is there, and is perhaps somebody's own, is filled."""
    made = _missing(target.parent)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        near = target.with_name(f".{target.name}.groundplan")
        shutil.rmtree(near, ignore_errors=True)
        _copy(folder, near)
        if not target.exists():
            near.rename(target)
            return
        for entry in sorted(near.iterdir()):
            entry.rename(target / entry.name)
        near.rmdir()
    except OSError:
        shutil.rmtree(target.with_name(f".{target.name}.groundplan"), ignore_errors=True)
        if target.is_dir():
            _empty(target)
        for parent in filter(Path.is_dir, made):
            parent.rmdir()
        raise


def _copy(folder: Path, to: Path) -> None:
    """Copy a tree; of what fails, the first is raised, where `copytree` raises a list."""
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
    said = " ".join(str(error).split())
    said = said.removeprefix("Validation error for question ").rstrip(".")
    return Refusal(said, "Give another by --set, or by the option of that name.")
