"""A plan: the change of each file, before anything is written."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path, PurePosixPath

from ..errors import Refusal


class Action(StrEnum):
    """The kind of a change."""

    CREATE = "create"
    IDENTICAL = "identical"
    UPDATE = "update"
    CONFLICT = "conflict"
    SKIP = "skip"
    REMOVE = "remove"


WRITING = (Action.CREATE, Action.UPDATE, Action.REMOVE)


@dataclass(frozen=True)
class FileChange:
    """The change of one file.

    Attributes:
        path: relative to the project's root.
        before: the current content, or None if the file does not exist.
        after: the new content, or None if the file is removed.
    """

    path: PurePosixPath
    action: Action
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True)
class FilePlan:
    """The changes of a command, in the order in which they are shown."""

    root: Path
    changes: tuple[FileChange, ...]

    @property
    def conflicts(self) -> tuple[FileChange, ...]:
        return tuple(change for change in self.changes if change.action is Action.CONFLICT)

    @property
    def writes(self) -> tuple[FileChange, ...]:
        """The changes that write or remove a file."""
        return tuple(change for change in self.changes if change.action in WRITING)

    def settle(self, path: PurePosixPath, action: Action) -> "FilePlan":
        """Return the plan with a conflict decided: UPDATE takes the new content, SKIP the old."""
        changes = (
            replace(change, action=action) if change.path == path else change
            for change in self.changes
        )
        return replace(self, changes=tuple(changes))

    def overwriting(self) -> "FilePlan":
        """Return the plan with all conflicts decided for the new content."""
        plan = self
        for change in self.conflicts:
            plan = plan.settle(change.path, Action.UPDATE)
        return plan


def make(
    root: Path,
    *,
    files: Mapping[PurePosixPath, str] | None = None,
    edits: Mapping[PurePosixPath, str] | None = None,
    removed: Iterable[PurePosixPath] = (),
) -> FilePlan:
    """Plan changes to the files as they are now.

    Args:
        root: the project's folder.
        files: the texts of new files. One that exists with another text is a conflict.
        edits: the whole new texts of existing files.
        removed: files to remove.

    Raises:
        Refusal: a path leads out of the project, or is not a file.
    """
    changes: list[FileChange] = []
    for path, text in sorted((files or {}).items()):
        changes.append(_change(root, path, text.encode(), Action.CONFLICT))
    for path, text in sorted((edits or {}).items()):
        changes.append(_change(root, path, text.encode("utf-8", "surrogateescape"), Action.UPDATE))
    for path in sorted(removed):
        before = read(root, path)
        action = Action.IDENTICAL if before is None else Action.REMOVE
        changes.append(FileChange(path, action, before, None))
    return FilePlan(root, tuple(changes))


def read(root: Path, path: PurePosixPath) -> bytes | None:
    """Return a file's content, or None if it does not exist.

    Raises:
        Refusal: the path leads out of the project, or is not a file.
    """
    file = root / path
    parent = file.parent
    while not parent.exists():
        parent = parent.parent
    outside = path.is_absolute() or ".." in path.parts
    if outside or not parent.resolve().is_relative_to(root.resolve()) or not parent.is_dir():
        raise Refusal(f"{str(path)!r} leads out of the project", "Remove the symbolic link.")
    if file.is_symlink() or (file.exists() and not file.is_file()):
        raise Refusal(f"{str(path)!r} exists and is not a file", "Move it away.")
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise Refusal(f"{str(path)!r} cannot be read: {error.strerror}", "Correct that.") from None


def _change(root: Path, path: PurePosixPath, after: bytes, over: Action) -> FileChange:
    before = read(root, path)
    if before is None:
        return FileChange(path, Action.CREATE, None, after)
    return FileChange(path, Action.IDENTICAL if before == after else over, before, after)
