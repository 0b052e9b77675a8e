"""Undo what commands made of an app, in memory, the last step first."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from ..projects import Project, installed
from . import records
from .plan import Action, FileChange, FilePlan, make, read


@dataclass
class Undone:
    """The result of undoing.

    Attributes:
        removed: new files that have not changed since.
        restored: the content of edited files, without the edit.
        edited: files that have changed since, and are kept.
    """

    removed: list[PurePosixPath] = field(default_factory=list[PurePosixPath])
    restored: dict[PurePosixPath, bytes] = field(default_factory=dict[PurePosixPath, bytes])
    edited: list[PurePosixPath] = field(default_factory=list[PurePosixPath])


def undo(project: Project, taken: Sequence[records.Record]) -> Undone:
    """Work out how to undo the steps of apps.

    Raises:
        Refusal: a path is not a file.
    """
    root, settings = project.root, project.settings.relative_to(project.root).as_posix()
    texts: dict[str, bytes | None] = {}
    edited: set[str] = set()
    removed: set[str] = set()
    made: dict[str, str] = {}  # the hash of each new file; if it was made twice, the older one

    def text(path: str) -> bytes | None:
        return texts[path] if path in texts else read(root, PurePosixPath(path))

    steps = [(one.app, step) for one in taken for step in reversed(one.steps)]
    for app, step in steps:
        made |= step.files
        for path, edit in step.edits.items():
            content = text(path)
            if edit.after == records.GONE and (
                content is None or records.digest(content) == made.get(path)
            ):
                content = b""  # as the step that removed it left it
            if content is None:
                continue  # its owner has deleted it
            without = records.reverse(content, edit, exactly=path == settings)
            if without is None and path == settings:
                without = _uninstalled(content, app)
            if without is None:
                edited.add(path)
            else:
                texts[path] = without
    for path, digest in made.items():  # one app may have edited the files of another
        content = text(path)
        if content is None:
            continue
        if records.digest(content) == digest:
            removed.add(path)
        else:
            edited.add(path)
    return Undone(
        removed=[PurePosixPath(path) for path in sorted(removed - edited)],
        restored={
            PurePosixPath(path): content
            for path, content in sorted(texts.items())
            if content is not None and path not in removed | edited
        },
        edited=[PurePosixPath(path) for path in sorted(edited)],
    )


def _uninstalled(content: bytes, app: str) -> bytes | None:
    """Return settings.py without an app, although its list may have other apps by now."""
    try:
        text = installed.without(content.decode(), app)
    except UnicodeDecodeError:
        return None
    return None if text is None else text.encode()


def plan(root: Path, taken: Sequence[records.Record], undone: Undone) -> FilePlan:
    """Plan the undoing: edited files are skipped, and the records are removed.

    Raises:
        Refusal: a path is not a file.
    """
    edits = {
        path: content.decode("utf-8", "surrogateescape")
        for path, content in undone.restored.items()
    }
    made = make(root, edits=edits, removed=[*undone.removed, *(one.path for one in taken)])
    skipped = (
        FileChange(path, Action.SKIP, before := read(root, path), before) for path in undone.edited
    )
    return FilePlan(root, tuple(sorted((*made.changes, *skipped), key=lambda change: change.path)))
