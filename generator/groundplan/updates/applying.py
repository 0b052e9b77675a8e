"""Write a merge into the service: first the index, in one atomic step, then the files.

The repository's index is replaced by the update's before any file is touched. So at any moment
either `git status` is clean, or `git reset --hard` restores the last commit: files that the update
creates are already in the index, so the reset deletes them.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

import click

from ..errors import Refusal
from ..git import Git, GitError
from . import recovery
from .merging import Entry, Merged, MergedFile
from .service import Service

SPARSE = "S"  # git's flag of files that a sparse checkout leaves out


def refuse_to_overwrite(service: Service, merged: Merged) -> None:
    """Refuse to overwrite ignored files.

    Raises:
        Refusal: the update creates a file or folder where git ignores an existing file.
    """
    known = set(service.git.lines("ls-files", "-z"))
    paths = (change.path for change in merged.changes if change.path not in known)
    ways = {way for path in paths for way in _ways(service.root, PurePosixPath(path))}
    in_the_way = sorted(ways - known)
    if in_the_way:
        raise Refusal(
            f"The update would overwrite {', '.join(in_the_way)}, which git ignores",
            "Move it away, or commit it with `git add --force`",
        )


def _ways(root: Path, path: PurePosixPath) -> Iterator[str]:
    """Yield existing paths that block a new file or one of its folders."""
    if os.path.lexists(root / path):
        yield str(path)
    for parent in map(str, path.parents):
        if os.path.lexists(root / parent) and not _is_folder(root / parent):
            yield parent


def _is_folder(path: Path) -> bool:
    return path.is_dir() and not path.is_symlink()


def apply(service: Service, merged: Merged) -> None:
    """Write a merge into the service's index and folder, uncommitted.

    Raises:
        Refusal: a file cannot be written. `git reset --hard` restores the last commit.
    """
    work = recovery.folder(service.git)
    shutil.rmtree(work, ignore_errors=True)
    work.mkdir()
    live = service.path_in_git("index")
    service.git(
        "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", str(merged.git.folder), "merged"
    )
    tree = _whole(service, merged.tree, work)
    plain = service.git.with_index(
        work / "plain"
    )  # without conflicts; the files are written from it
    shutil.copyfile(live, work / "plain")
    plain("read-tree", "-m", tree)
    staged = service.git.with_index(work / "staged")
    shutil.copyfile(work / "plain", work / "staged")
    _stage(staged, service.prefix, merged.conflicts)
    recovery.announce(staged, work)
    work.joinpath("staged").replace(live)  # from here on, `git reset --hard` undoes the update
    try:
        _write(service, plain, merged.changes)
        _refresh(service, live, work / "refreshed")
        shutil.rmtree(work)
    except (GitError, OSError) as error:
        raise Refusal(
            f"The update failed halfway: {error}", "Undo it with `git reset --hard`"
        ) from error
    except KeyboardInterrupt:
        click.echo("The update was interrupted halfway. Undo it with `git reset --hard`.", err=True)
        raise


def _whole(service: Service, tree: str, work: Path) -> str:
    """Return the tree of the whole repository, with this one as the service's folder."""
    if not service.prefix:
        return tree
    index = service.git.with_index(work / "whole")
    index("read-tree", "HEAD")
    index("rm", "-r", "--quiet", "--force", "--cached", "--", ".")
    index("read-tree", f"--prefix={service.prefix}", tree)
    return index("write-tree")


def _stage(index: Git, prefix: str, conflicts: list[Entry]) -> None:
    """Add the sides of each conflict to the index, as a merge does."""
    gone = "0" * len(conflicts[0].blob) if conflicts else ""
    lines = [f"0 {gone}\t{prefix}{path}\0" for path in sorted({side.path for side in conflicts})]
    lines += [f"{side.mode} {side.blob} {side.stage}\t{prefix}{side.path}\0" for side in conflicts]
    if lines:
        index("update-index", "-z", "--index-info", stdin="".join(lines))


def _write(service: Service, index: Git, changes: list[MergedFile]) -> None:
    flags = {
        path: flag
        for flag, _, path in (line.partition(" ") for line in index.lines("ls-files", "-t", "-z"))
    }
    for change in changes:
        if change.path not in flags:
            path = service.root / change.path
            path.unlink(missing_ok=True)
            _remove_empty(path.parent, service.root)
    written = "".join(
        f"{change.path}\0"
        for change in changes
        if flags.get(change.path, SPARSE) != SPARSE
        or (change.action == "conflict" and change.path in flags)
    )
    options = ("--force", "--ignore-skip-worktree-bits", "-z", "--stdin")
    index("checkout-index", *options, stdin=written)


def _refresh(service: Service, live: Path, copy: Path) -> None:
    """Refresh the index for the written files.

    Git works on a copy: a killed git would leave its lock on the index.
    """
    shutil.copyfile(live, copy)
    service.git.with_index(copy).run("update-index", "-q", "--refresh")
    copy.replace(live)


def _remove_empty(folder: Path, top: Path) -> None:
    while folder != top and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent
