# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""The check of the last update: it names edited template files that the update moved or removed.

Plain `copier update` drops the edits in such a file; `groundplan update` does not. Git's history
has both the edits and the update. Without git or that history, nothing is checked.
"""

import subprocess
from collections.abc import Iterator

from ..management.checks.registry import Message, check_settings, warning
from ..management.discovery import PROJECT
from ..settings import CoreSettings

ANSWERS = ".copier-answers.yml"
VERSION = "-G^_commit: "  # commits and changes that touch the template's version
OWNED = "From Groundplan, kept current by"  # in the first line of the template's files

# A name, since the formatter writes tuples in `except` differently from Python 3.14 on.
GIT_FAILED = (OSError, subprocess.CalledProcessError)


@check_settings("updates")
def edits_are_kept(_settings: CoreSettings) -> Iterator[Message]:
    try:
        for commit, path, line in _lost_edits():
            yield warning(
                "updates.W001",
                f"The last update moved or removed {path}. Your edits are lost, such as {line!r}.",
                f"See your version with `git show {commit}:./{path}`, and repeat the edits in "
                "the file's new place, if it has one: Groundplan's changelog lists them.",
            )
    except GIT_FAILED:
        return


def _lost_edits() -> Iterator[tuple[str, str, str]]:
    """Yield the commit before the update, a file that is gone, and an edited line that no file has now."""
    updates = _git("log", "--format=%h", VERSION, "--", ANSWERS).split()
    if _git("diff", "--name-only", VERSION, "HEAD", "--", ANSWERS):  # not committed yet
        before, span = "HEAD", ["HEAD"]
    elif len(updates) > 1:
        before, span = f"{updates[0]}^", [f"{updates[0]}^", updates[0]]
    else:
        return
    deleted = ("diff", "--name-only", "--no-renames", "--diff-filter=D", "--relative", "-z")
    for path in filter(None, _git(*deleted, *span).split("\0")):
        text = _git("show", f"{before}:./{path}")
        if OWNED not in text.partition("\n")[0]:
            continue
        for line in _edited_lines(before, path, set(updates)):
            if line in text and not _git("grep", "--untracked", "-lF", "-e", line, ok=(0, 1)):
                yield before, path, line
                break


def _edited_lines(before: str, path: str, updates: set[str]) -> Iterator[str]:
    """Yield the lines that commits other than updates added to a file."""
    for commit in _git("log", "--format=%h", before, "--", path).split():
        if commit not in updates:
            patch = _git("show", "--format=", "--unified=0", commit, "--", path)
            added = (line[1:].strip() for line in patch.splitlines() if line[:1] == "+")
            yield from (line for line in added if line and not line.startswith("++"))


def _git(*words: str, ok: tuple[int, ...] = (0,)) -> str:
    done = subprocess.run(
        ["git", "-c", "core.quotePath=false", *words],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in ok:
        done.check_returncode()
    return done.stdout
