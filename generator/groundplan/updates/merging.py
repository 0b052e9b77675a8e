"""The merge: the template's change into the service's last commit, by git's own three ways.

Git follows renames, so an edit reaches a file under its new name, on either side.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from ..git import Git
from . import lists
from .rendering import Rendered
from .service import Service

BASE, OURS, THEIRS = "1", "2", "3"
Action = Literal["conflict", "create", "remove", "update"]


@dataclass(frozen=True, order=True)
class MergedFile:
    """What becomes of a file."""

    path: str
    action: Action


@dataclass(frozen=True)
class Entry:
    """A side's version of a file that git could not merge."""

    mode: str
    blob: str
    stage: str
    path: str


@dataclass(frozen=True)
class Merged:
    """The outcome of a merge, nothing of which is in the service yet.

    Attributes:
        git: the repository that holds it, on the branch `merged`.
        tree: the service's files, with conflict markers where there are conflicts.
        changes: what becomes of files, by path.
        conflicts: the sides of the files in conflict.
        orphaned: edited files that the template has no more.
        left_out: files that the service has deleted, and that the template has changed.
        kept: files that the service has renamed, and that the template has no more.
    """

    git: Git
    tree: str
    changes: list[MergedFile]
    conflicts: list[Entry] = field(default_factory=list[Entry])
    orphaned: list[str] = field(default_factory=list[str])
    left_out: list[str] = field(default_factory=list[str])
    kept: list[str] = field(default_factory=list[str])

    @property
    def conflicting(self) -> list[str]:
        """Return the files in conflict, by name."""
        return sorted({entry.path for entry in self.conflicts})


def merge(service: Service, rendered: Rendered, label: str) -> Merged:
    """Merge what the template changed into a service.

    Args:
        service: the service as it was committed.
        rendered: the template's change.
        label: what conflict markers call the template's side.

    Returns:
        The merge.
    """
    git = rendered.git
    base = git("commit-tree", rendered.before, "-m", "before")
    ours = git("commit-tree", service.tree, "-p", base, "-m", "yours")
    theirs = git("commit-tree", rendered.after, "-p", base, "-m", label)
    git("update-ref", "refs/heads/yours", ours)
    git("update-ref", f"refs/heads/{label}", theirs)
    tree, *fields = git.lines(
        "-c",
        "merge.directoryRenames=true",
        "merge-tree",
        "--write-tree",
        "--no-messages",
        "-z",
        "yours",
        label,
        codes=(0, 1),
    )
    known = set(git.lines("ls-tree", "-r", "-z", "--name-only", base))
    merged = Merged(git, tree, [])
    settled: dict[str, Entry | None] = {}
    for path, sides in _unmerged(fields).items():
        if sides.keys() == {BASE, THEIRS}:  # deleted here
            settled[path] = None
            merged.left_out.append(path)
        elif sides.keys() != {BASE, OURS}:
            settled[path] = _by_lists(git, sides)
            if settled[path] is None:
                merged.conflicts.extend(sides.values())
                del settled[path]
        elif path in known:
            merged.orphaned.append(path)
        else:  # renamed here
            settled[path] = sides[OURS]
            merged.kept.append(path)
    tree = _settle(git, tree, settled)
    changes = sorted(_changes(git, service.tree, tree, merged.conflicting))
    commit = git("commit-tree", tree, "-p", ours, "-p", theirs, "-m", "merged")
    git("update-ref", "refs/heads/merged", commit)
    return Merged(
        git, tree, changes, merged.conflicts, merged.orphaned, merged.left_out, merged.kept
    )


def _unmerged(fields: list[str]) -> dict[str, dict[str, Entry]]:
    """Read merge-tree's list of the sides of files that it could not merge."""
    found: defaultdict[str, dict[str, Entry]] = defaultdict(dict)
    for line in filter(None, fields):
        facts, _, path = line.partition("\t")
        mode, blob, stage = facts.split(" ")
        found[path][stage] = Entry(mode, blob, stage, path)
    return found


def _by_lists(git: Git, sides: dict[str, Entry]) -> Entry | None:
    """Merge what conflicts between neighbours in a list only."""
    ours = sides.get(OURS)
    if ours is None or len(sides) != len((BASE, OURS, THEIRS)) or not lists.has_items(ours.path):
        return None
    names = [f".git/groundplan-side-{stage}" for stage in (OURS, BASE, THEIRS)]
    for name, stage in zip(names, (OURS, BASE, THEIRS), strict=True):
        text = git.run("cat-file", "blob", sides[stage].blob).stdout
        git.folder.joinpath(name).write_bytes(text)
    marked = git.run("merge-file", "-p", "--diff3", *names).stdout
    settled = lists.settle(ours.path, os.fsdecode(marked))
    if settled is None:
        return None
    blob = git("hash-object", "-w", "--stdin", stdin=settled)
    return Entry(ours.mode, blob, OURS, ours.path)


def _settle(git: Git, tree: str, settled: dict[str, Entry | None]) -> str:
    """Put one side of files into a tree; None takes the file out."""
    if not settled:
        return tree
    index = git.with_index(git.folder / ".git/groundplan-merge")
    index("read-tree", tree)
    for path, side in settled.items():
        if side is None:
            index("update-index", "--force-remove", "--", path)
        else:
            index("update-index", "--add", "--cacheinfo", f"{side.mode},{side.blob},{path}")
    return index("write-tree")


def _changes(git: Git, before: str, after: str, conflicting: list[str]) -> Iterator[MergedFile]:
    fields = git.lines("diff-tree", "-r", "-z", "--no-renames", "--name-status", before, after)
    actions: dict[str, Action] = {"A": "create", "D": "remove", "M": "update", "T": "update"}
    for status, path in zip(fields[::2], fields[1::2], strict=False):
        if path not in conflicting:
            yield MergedFile(path, actions[status])
    for path in conflicting:
        yield MergedFile(path, "conflict")
