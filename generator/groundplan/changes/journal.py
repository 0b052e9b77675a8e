"""Write the files of a plan: all of them or none, even when the process is killed.

1. The new contents are staged in `.groundplan-journal/`, with a manifest of the files.
2. Each file moves into that folder, and its new content moves into its place.
3. Deleting the manifest commits the change. The folder is deleted last.

While the manifest exists, the change can be undone: an error undoes it at once, and after a kill the
next command does, by `recover`. Old contents are moved, never rewritten, so files that git ignores
are as safe as the others.
"""

import hashlib
import json
import os
import shutil
import sys
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import Refusal
from .fingerprint import Fingerprint, fingerprint
from .plan import FileChange, FilePlan

FOLDER = ".groundplan-journal"
MANIFEST = "manifest.json"
AGAIN = "Correct that, and run the command again."


@dataclass(frozen=True)
class Step:
    """One file in the manifest.

    Attributes:
        existed: whether the file existed before the change.
        new: the SHA-256 of its new content, or None for a file that is removed.
    """

    path: str
    existed: bool
    new: str | None


def apply(plan: FilePlan, built_on: Fingerprint | None = None) -> None:
    """Make all of a plan's changes, or none.

    Args:
        built_on: the fingerprint of the project that the plan was made for.

    Raises:
        Refusal: a file cannot be written, or has changed since the plan was made.
    """
    if not plan.writes:
        return
    try:
        with locked(plan.root):
            _undo(plan.root)
            if built_on is not None and fingerprint(plan.root) != built_on:
                raise Refusal("The project changed in the meantime", "Run the command again.")
            _make_or_undo(plan)
    except OSError as error:
        raise Refusal(f"{_reason(error)}; nothing was changed", AGAIN) from None


def recover(root: Path) -> bool:
    """Undo a change that a killed command left half done.

    Returns:
        Whether there was one.

    Raises:
        Refusal: a file cannot be written, or one of them has been edited since.
    """
    if not (root / FOLDER).is_dir():
        return False
    with locked(root):
        try:
            return _undo(root)
        except OSError as error:
            raise Refusal(
                f"An interrupted change cannot be undone: {_reason(error)}", AGAIN
            ) from None


@contextmanager
def locked(root: Path) -> Generator[None]:
    """Keep other commands out of a project."""
    if sys.platform == "win32":
        yield
        return
    import fcntl

    descriptor = os.open(root, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _stage(root: Path, changes: Iterable[FileChange]) -> list[Step]:
    """Write the new contents, and then the manifest."""
    folder = root / FOLDER
    (folder / "new").mkdir(parents=True)
    (folder / "old").mkdir()
    _write(folder / ".gitignore", b"*\n")
    steps: list[Step] = []
    for change in changes:
        file, new = root / change.path, folder / "new" / str(len(steps))
        if (file.read_bytes() if file.exists() else None) != change.before:
            raise Refusal(f"{str(change.path)!r} changed in the meantime", "Run the command again.")
        if change.after is not None:
            _write(new, change.after)
            if change.before is not None:
                shutil.copymode(file, new)
        steps.append(Step(str(change.path), change.before is not None, _hash(change.after)))
    draft = folder / "draft.json"
    _write(draft, json.dumps([asdict(step) for step in steps]).encode())
    draft.rename(folder / MANIFEST)
    return steps


def _make_or_undo(plan: FilePlan) -> None:
    try:
        _make(plan.root, _stage(plan.root, plan.writes))
    except BaseException as error:
        try:
            _undo(plan.root)
        except OSError as second:
            problem = f"{_reason(error)}, and then {_reason(second)}: the change is half done"
            fix = "Correct that: the next groundplan command in this project undoes it."
            raise Refusal(problem, fix) from None
        raise


def _make(root: Path, steps: Sequence[Step]) -> None:
    folder = root / FOLDER
    for number, step in enumerate(steps):
        file = root / step.path
        if step.existed:
            file.rename(folder / "old" / str(number))
        if step.new is not None:
            file.parent.mkdir(parents=True, exist_ok=True)
            (folder / "new" / str(number)).rename(file)
    _prune(root, (step.path for step in steps if step.new is None))
    _end(folder)


def _undo(root: Path) -> bool:
    """Put back the files of a change that is not committed, and return whether there was one."""
    folder = root / FOLDER
    if not (folder / MANIFEST).exists():
        if folder.exists():
            shutil.rmtree(folder)
        return False
    listed = json.loads((folder / MANIFEST).read_bytes())
    steps = [Step(**step) for step in listed]
    made = [
        (root / step.path, number, step)
        for number, step in enumerate(steps)
        if _made(folder, number, step)
    ]
    for file, _, step in made:
        if file.exists() and _hash(file.read_bytes()) != step.new:
            problem = (
                f"{step.path!r} was edited after a command was killed halfway through a change"
            )
            fix = f"Delete your version and run the command again, or keep all files as they are: rm -r {folder}."
            raise Refusal(problem, fix)
    for file, number, step in made:
        if step.existed:
            file.parent.mkdir(parents=True, exist_ok=True)
            (folder / "old" / str(number)).replace(file)
        else:
            file.unlink(missing_ok=True)
    _prune(root, (step.path for step in steps if not step.existed))
    _end(folder)
    return True


def _made(folder: Path, number: int, step: Step) -> bool:
    """Return whether a step was made, or begun."""
    if step.existed:
        return (folder / "old" / str(number)).exists()
    return not (folder / "new" / str(number)).exists()


def _end(folder: Path) -> None:
    (folder / MANIFEST).unlink()
    with suppress(OSError):  # nothing depends on the rest: the next command deletes it
        shutil.rmtree(folder)


def _prune(root: Path, paths: Iterable[str]) -> None:
    """Remove the bytecode of removed files, and folders that hold nothing but bytecode."""
    for path in paths:
        file = root / path
        for bytecode in file.parent.glob(f"__pycache__/{file.stem}.*.pyc"):
            bytecode.unlink(missing_ok=True)
        folder = file.parent
        while folder != root:
            if folder.is_dir():
                if {entry.name for entry in folder.iterdir()} - {"__pycache__"}:
                    break
                shutil.rmtree(folder)
            folder = folder.parent


def _write(file: Path, content: bytes) -> None:
    try:
        file.write_bytes(content)
    except OSError as error:  # a full disk's error names no file
        raise OSError(error.errno, error.strerror, str(file)) from None


def _hash(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _reason(error: BaseException) -> str:
    if not isinstance(error, OSError):
        return "The command was interrupted"
    where = repr(str(error.filename)) if error.filename else "a file"
    return f"{where} cannot be written: {error.strerror or error}"
