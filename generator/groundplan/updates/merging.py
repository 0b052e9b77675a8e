"""Merge the template's changes into the service's last commit, with git's three-way merge.

Files that either side has moved keep the other side's edits: git follows renames of similar files,
and the template's own moves are listed in its changelog.
"""

import os
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Literal

from ..git import Git
from . import lists, style
from .rendering import Rendered
from .service import Service

BASE, OURS, THEIRS = "1", "2", "3"
TEXT_MODES = {"100644", "100755"}  # others are links and submodules
Action = Literal["conflict", "create", "remove", "update"]


@dataclass(frozen=True, order=True)
class MergedFile:
    """A file that the update changes."""

    path: str
    action: Action


@dataclass(frozen=True)
class Entry:
    """One side's version of a file in conflict."""

    mode: str
    blob: str
    stage: str
    path: str


@dataclass(frozen=True)
class Merged:
    """The result of a merge, before it is written into the service.

    Attributes:
        git: the repository that holds it, on the branch `merged`.
        tree: the service's files, with conflict markers.
        changes: the changed files, by path.
        conflicts: the sides of the files in conflict.
        orphaned: files that the owner has edited and the template has removed.
        left_out: files that the owner has deleted and the template has changed.
        kept: files that the owner has renamed and the template has removed.
    """

    git: Git
    tree: str
    changes: list[MergedFile]
    conflicts: list[Entry] = field(default_factory=list[Entry])
    orphaned: list[str] = field(default_factory=list[str])
    left_out: list[str] = field(default_factory=list[str])
    kept: list[str] = field(default_factory=list[str])

    @property
    def replaced(self) -> set[str]:
        """Return the paths of the conflicts in which a side is not a file of text."""
        return {entry.path for entry in self.conflicts if entry.mode not in TEXT_MODES}

    @property
    def conflicting(self) -> list[str]:
        """Return the paths of the files in conflict."""
        return sorted({entry.path for entry in self.conflicts})


def merge(
    service: Service, rendered: Rendered, label: str, moves: Iterable[Mapping[str, str]] = ()
) -> Merged:
    """Merge the template's changes into a service.

    Args:
        service: the service at its last commit.
        rendered: the service before and after the template's changes.
        label: the template's name in conflict markers.
        moves: the moves of template files, version by version. Git alone follows a moved file only
            while the two versions of it are similar.

    Returns:
        The merge.
    """
    git = rendered.git
    names = _names(rendered, moves, str(service.answers.get("package_name")))
    mine = _renamed(git, service.tree, names)
    before, after = style.adopt(
        service.root,
        git,
        base=_renamed(git, rendered.before, names),
        ours=mine,
        theirs=rendered.after,
    )
    base = git("commit-tree", before, "-m", "before")
    ours = git("commit-tree", mine, "-p", base, "-m", "yours")
    theirs = git("commit-tree", after, "-p", base, "-m", label)
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
    unmerged = _unmerged(fields)
    for aside in [
        path for path in unmerged if path.removesuffix(f"~{label}") in unmerged.keys() - {path}
    ]:
        # The owner has replaced a file by a link: git puts the template's file next to it.
        path = aside.removesuffix(f"~{label}")
        sides = unmerged.pop(aside)
        unmerged[path] |= {stage: replace(side, path=path) for stage, side in sides.items()}
        settled[aside] = None
    for path, sides in unmerged.items():
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
    found = sorted(changes(git, service.tree, tree, merged.conflicting))
    commit = git("commit-tree", tree, "-p", ours, "-p", theirs, "-m", "merged")
    git("update-ref", "refs/heads/merged", commit)
    return Merged(git, tree, found, merged.conflicts, merged.orphaned, merged.left_out, merged.kept)


def new_name(path: str, moves: Iterable[Mapping[str, str]], package: str) -> str:
    """Return where a file is after moves.

    Args:
        path: the file before them.
        moves: as for `merge`.
        package: the project's package, which paths under `core/` are relative to.
    """
    for version in moves:
        for old in sorted(version, key=len, reverse=True):  # a file's row before its folder's
            was, becomes = (
                f"{package}/{name}" if name.startswith("core/") else name
                for name in (old, version[old])
            )
            if path == was or (was.endswith("/") and path.startswith(was)):
                path = becomes + path.removeprefix(was)
                break
    return path


def _names(rendered: Rendered, moves: Iterable[Mapping[str, str]], package: str) -> dict[str, str]:
    """Return the new names of the files that moved and still exist."""
    before, after = (
        set(rendered.git.lines("ls-tree", "-r", "-z", "--name-only", tree))
        for tree in (rendered.before, rendered.after)
    )
    versions = list(moves)
    names = {path: new_name(path, versions, package) for path in before - after}
    return {path: name for path, name in names.items() if name in after - before}


def _renamed(git: Git, tree: str, names: Mapping[str, str]) -> str:
    """Return a tree with files under new names, as far as these are free in it."""
    entries = [line.partition("\t")[::2] for line in git.lines("ls-tree", "-r", "-z", tree) if line]
    taken = {path for _, path in entries}
    free = {old: new for old, new in names.items() if new not in taken}
    lines = (f"{facts}\t{free.get(path, path)}\0" for facts, path in entries)
    index = git.with_index(git.folder / ".git/groundplan-renamed")
    index("read-tree", "--empty")
    index("update-index", "-z", "--index-info", stdin="".join(lines))
    return index("write-tree")


def _unmerged(fields: list[str]) -> dict[str, dict[str, Entry]]:
    """Parse the files in conflict, and their sides, from the output of merge-tree."""
    found: defaultdict[str, dict[str, Entry]] = defaultdict(dict)
    for line in filter(None, fields):
        facts, _, path = line.partition("\t")
        mode, blob, stage = facts.split(" ")
        found[path][stage] = Entry(mode, blob, stage, path)
    return found


def _by_lists(git: Git, sides: dict[str, Entry]) -> Entry | None:
    """Merge a file whose only conflicts are between neighbours in a list."""
    ours = sides.get(OURS)
    if ours is None or len(sides) != len((BASE, OURS, THEIRS)) or not lists.has_items(ours.path):
        return None
    if any(side.mode not in TEXT_MODES for side in sides.values()):
        return None
    names = [f".git/groundplan-side-{stage}" for stage in (OURS, BASE, THEIRS)]
    for name, stage in zip(names, (OURS, BASE, THEIRS), strict=True):
        text = git.run("cat-file", "blob", sides[stage].blob).stdout
        git.folder.joinpath(name).write_bytes(text)
    marked = os.fsdecode(git.run("merge-file", "-p", "--diff3", *names).stdout)
    settled = lists.settle(ours.path, marked.replace("\r\n", "\n"))
    if settled is None:
        return None
    if "\r\n" in marked:
        settled = settled.replace("\n", "\r\n")
    blob = git("hash-object", "-w", "--stdin", stdin=settled)
    return Entry(ours.mode, blob, OURS, ours.path)


def _settle(git: Git, tree: str, settled: dict[str, Entry | None]) -> str:
    """Return a tree with one side of each file; None removes the file."""
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


def changes(git: Git, before: str, after: str, conflicting: list[str]) -> Iterator[MergedFile]:
    """Yield the files that differ between two trees, and those in conflict."""
    fields = git.lines("diff-tree", "-r", "-z", "--no-renames", "--name-status", before, after)
    actions: dict[str, Action] = {"A": "create", "D": "remove", "M": "update", "T": "update"}
    for status, path in zip(fields[::2], fields[1::2], strict=False):
        if path not in conflicting:
            yield MergedFile(path, actions[status])
    for path in conflicting:
        yield MergedFile(path, "conflict")
