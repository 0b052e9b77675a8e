"""Apply a plan as one: the tree is as before or as after, whatever happens in between.

1. Every new content, and every old one that it replaces, is written to a folder that git does not
   see, and flushed to the disk, with the list of the steps. Until here the tree is untouched: a
   failure or a kill leaves it so.
2. A process of its own, which killing the command does not end, renames the list into place: from
   here on the change is decided. It makes the steps, each a rename or an unlink of microseconds.
   A step that fails is undone, together with those before it. Then the folder goes.

When the machine stops within 2, the change is finished by `recover`, which every command of the
program does first.
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
from . import apart, places
from .fingerprint import Fingerprint, fingerprint
from .plan import FileChange, FilePlan, read

STEPS = "steps.json"


class Failed(Refusal):
    """Writing failed, and the tree is as before."""


@dataclass(frozen=True)
class Step:
    """One file's change, as the journal has it.

    Attributes:
        old, new: hashes of the contents, or None where there is no file.
        mode: the permissions that the file is to have, or None for those of a new file.
    """

    path: str
    old: str | None
    new: str | None
    mode: int | None


def apply(plan: FilePlan, built_on: Fingerprint | None = None) -> None:
    """Make all of a plan's changes, or none.

    Args:
        built_on: what the plan was built on, which must still be so.

    Raises:
        Failed: a file cannot be written, or has changed since it was planned.
    """
    if not plan.writes:
        return
    folder = places.journal(plan.root)
    try:
        with _locked(plan.root):
            if built_on is not None and fingerprint(plan.root) != built_on:
                raise Failed("The project was changed meanwhile", "Run the command again.")
            steps = _write_ahead(plan.root, folder, plan.writes)
            apart.run(lambda: _decide(plan.root, folder, steps))
    except apart.Stopped as error:
        raise Failed(error.problem, error.fix) from None
    except apart.Killed as error:
        recover(plan.root)
        if any(read(plan.root, change.path) != change.after for change in plan.writes):
            raise Failed(f"{error}; nothing was changed", "Run the command again.") from None
    except OSError as error:
        raise _failure(error) from None


def recover(root: Path) -> bool:
    """Finish a change that the machine's end interrupted.

    Returns:
        Whether there was one.

    Raises:
        Failed: a file cannot be written.
        Refusal: one of its files has been edited since.
    """
    if not places.is_left(root):
        return False
    folder = places.journal(root)
    with _locked(root):
        try:
            listed = json.loads((folder / STEPS).read_text())
        except FileNotFoundError:
            _discard(folder)
            return False
        steps = [Step(**step) for step in listed]
        _refuse_edited(root, folder, steps)
        try:
            _make(root, folder, steps)
        except OSError as error:
            raise _failure(error) from None
        return True


@contextmanager
def _locked(root: Path) -> Generator[None]:
    """Keep other commands out, until the last process that works on the change has ended."""
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


def _write_ahead(root: Path, folder: Path, changes: Iterable[FileChange]) -> list[Step]:
    """Write contents and the list of steps."""
    if folder.exists():
        _discard(folder)
    places.make(folder)
    try:
        steps = [_written(root, folder, number, change) for number, change in enumerate(changes)]
        _write(folder / f"{STEPS}.new", json.dumps([asdict(step) for step in steps]).encode())
        _flush(folder)
    except BaseException:
        _discard(folder)
        raise
    return steps


def _written(root: Path, folder: Path, number: int, change: FileChange) -> Step:
    file = root / change.path
    found = file.read_bytes() if file.exists() else None
    if found != change.before:
        raise Failed(f"{str(change.path)!r} was changed meanwhile", "Run the command again.")
    mode = file.stat().st_mode & 0o7777 if found is not None else None
    for name, content in (("old", found), ("new", change.after)):
        if content is not None:
            _write(folder / f"{number}.{name}", content, mode)
    return Step(str(change.path), _hash(found), _hash(change.after), mode)


def _decide(root: Path, folder: Path, steps: Sequence[Step]) -> None:
    try:
        (folder / f"{STEPS}.new").replace(folder / STEPS)
        _flush(folder)
    except OSError:
        _discard(folder)
        raise
    _make(root, folder, steps)


def _make(root: Path, folder: Path, steps: Sequence[Step]) -> None:
    """Make the steps that are left; when one fails, take all back."""
    try:
        for number, step in enumerate(steps):
            _forward(root / step.path, folder / f"{number}.new", step)
        _prune(root, (step.path for step in steps if step.new is None))
    except OSError as error:
        _take_back(root, folder, steps, error)
        raise
    with suppress(OSError):  # the files are in their places, whatever becomes of the rest
        for place in {(root / step.path).parent for step in steps}:
            if place.is_dir():
                _flush(place)
        _discard(folder)


def _take_back(root: Path, folder: Path, steps: Sequence[Step], failed: OSError) -> None:
    try:
        for number, step in enumerate(steps):
            _back(root / step.path, folder / f"{number}.old", step)
        _prune(root, (step.path for step in steps if step.old is None))
        _discard(folder)
    except OSError as error:
        problem = f"{_said(failed)}, and then {_said(error)}: the change is half done"
        fix = "Correct that: the next groundplan command in this project finishes it."
        raise Failed(problem, fix) from None


def _forward(file: Path, new: Path, step: Step) -> None:
    if step.new is None:
        file.unlink(missing_ok=True)
    elif new.exists():  # else it is in its place already
        file.parent.mkdir(parents=True, exist_ok=True)
        new.replace(file)


def _back(file: Path, old: Path, step: Step) -> None:
    if step.old is None:
        file.unlink(missing_ok=True)
    elif not file.exists() or _hash(file.read_bytes()) != step.old:
        file.parent.mkdir(parents=True, exist_ok=True)
        old.replace(file)


def _refuse_edited(root: Path, folder: Path, steps: Sequence[Step]) -> None:
    """Refuse to finish over what a person has written since."""
    for step in steps:
        file = root / step.path
        found = _hash(file.read_bytes()) if file.exists() else None
        if found not in (step.old, step.new):
            problem = f"{step.path!r} was edited while a change was half done"
            fix = f"Take your edit away, or keep the files as they are: rm -r {folder}."
            raise Refusal(problem, fix)


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


def _discard(folder: Path) -> None:
    """Take the journal away, its list first: without it there is nothing to finish."""
    (folder / STEPS).unlink(missing_ok=True)
    with suppress(OSError):
        shutil.rmtree(folder)
    places.tidy(folder)


def _write(file: Path, content: bytes, mode: int | None = None) -> None:
    try:
        with file.open("wb") as opened:
            opened.write(content)
            if mode is not None:
                file.chmod(mode)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:  # of a full disk, it names no file
        raise OSError(error.errno, error.strerror, str(file)) from None


def _flush(folder: Path) -> None:
    """Flush the names in a folder to the disk."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _hash(content: bytes | None) -> str | None:
    return None if content is None else hashlib.sha256(content).hexdigest()


def _failure(error: OSError) -> Failed:
    return Failed(
        f"{_said(error)}; nothing was changed", "Correct that, and run the command again."
    )


def _said(error: OSError) -> str:
    where = repr(str(error.filename)) if error.filename else "a file"
    return f"{where} cannot be written: {error.strerror or error}"
