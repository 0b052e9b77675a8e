"""The service to update: a folder in a git repository, with an answers file."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import yaml
from packaging.version import Version

from ..changes import journal
from ..errors import Refusal
from ..git import OLDEST, Git
from ..projects.project import ANSWERS, outside, root_of
from . import recovery

ASKED = {"driver", "package_name", "primary_key", "project_slug"}
SHOWN = 5


@dataclass(frozen=True)
class Service:
    """A service at its last commit.

    Attributes:
        root: its folder.
        git: git in that folder.
        prefix: the folder's path in its repository: empty, or ending in a slash.
        tree: the tree of the folder in the last commit.
        recorded: the text of the answers file.
        answers: the answers in it.
        address: the template's address in the answers file.
        commit: the template's version in the answers file.
    """

    root: Path
    git: Git
    prefix: str
    tree: str
    recorded: str
    answers: Mapping[str, Any]
    address: str
    commit: str

    def path_in_git(self, name: str) -> Path:
        """Return the path of one of git's own files."""
        return self.root / self.git("rev-parse", "--git-path", name)


def find(start: Path, *, committed: bool = True) -> Service:
    """Find the service that a folder is in.

    Args:
        start: the service's folder, or one within it.
        committed: refuse uncommitted changes.

    Returns:
        The service at its last commit.

    Raises:
        Refusal: it is not a Groundplan service, not in git, or has uncommitted changes.
    """
    root = root_of(start)
    if root is None:
        raise outside(start)
    if committed:
        journal.recover(root)
    git = Git(root)
    _new_enough(git)
    asked = git.run("rev-parse", "--show-prefix")
    if b"dubious ownership" in asked.stderr:
        raise Refusal(
            f"{root} belongs to another user, so git refuses to work there",
            f"If you trust them, run `git config --global --add safe.directory {root}`",
        )
    if asked.returncode:
        told = _first_line(asked.stderr)
        reason = "" if "not a git repository" in told else f" ({told})"
        raise Refusal(
            f"{root} is not in a git repository, which updates need{reason}",
            "Run `git init`, `git add --all` and `git commit`",
        )
    if not git.succeeds("rev-parse", "--verify", "HEAD"):
        raise Refusal(
            f"{root} has no commit yet, which updates need",
            "Run `git add --all` and `git commit`",
        )
    prefix = git("rev-parse", "--show-prefix")
    if committed:
        with journal.locked(root):  # waits for the end of an update that is being written
            _all_committed(git, root)
    name = f"HEAD:{prefix}{ANSWERS}"
    if not git.succeeds("cat-file", "-e", name):
        raise Refusal(
            f"{root / ANSWERS} is not in the last commit",
            f"Run `git add --force {ANSWERS}` and `git commit`",
        )
    recorded = git("cat-file", "blob", name) + "\n"
    answers = _read(recorded)
    return Service(
        root=root,
        git=git,
        prefix=prefix,
        tree=git("rev-parse", f"HEAD:{prefix}"),
        recorded=recorded,
        answers={key: value for key, value in answers.items() if not key.startswith("_")},
        address=str(answers["_src_path"]),
        commit=str(answers["_commit"]),
    )


def refuse_changes_since(found: Service) -> None:
    """Refuse a service that has changed since it was found: an update would overwrite the changes.

    Raises:
        Refusal: it has uncommitted changes or another last commit.
    """
    _all_committed(found.git, found.root)
    if found.git("rev-parse", f"HEAD:{found.prefix}") != found.tree:
        raise Refusal(
            f"{found.root} has a new commit since the update began; nothing was changed",
            "Run the command again",
        )


def _first_line(stderr: bytes) -> str:
    return stderr.decode(errors="replace").partition("\n")[0]


def _new_enough(git: Git) -> None:
    installed = git("version")
    found = re.search(r"\d+\.\d+", installed)
    if found and Version(found[0]) < Version(OLDEST):
        raise Refusal(
            f"{installed} is too old to merge an update", f"Install git {OLDEST} or newer"
        )


def _read(recorded: str) -> dict[str, Any]:
    try:
        document: object = yaml.safe_load(recorded)
    except yaml.YAMLError as error:
        raise Refusal(
            f"{ANSWERS} is not valid YAML: {_in_a_line(error)}", "Restore it from an earlier commit"
        ) from None
    answers = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    if missing := sorted(ASKED - answers.keys()):
        raise Refusal(
            f"{ANSWERS} belongs to another template: it has no answer to {', '.join(missing)}",
            "Update this folder with `copier update`",
        )
    if not {"_src_path", "_commit"} <= answers.keys():
        raise Refusal(
            f"{ANSWERS} has no version of the template: the template was not in a git repository",
            "Run `copier recopy` with a template in git, and commit the result",
        )
    return answers


def _in_a_line(error: yaml.YAMLError) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return f"line {error.problem_mark.line + 1}: {error.problem}"
    return " ".join(str(error).split())


def _all_committed(git: Git, root: Path) -> None:
    lock = root / git("rev-parse", "--git-path", "index.lock")
    if lock.exists():
        raise Refusal(
            f"Another git command is running here, or was killed: {lock} exists",
            "Wait for it to end, or delete that file",
        )
    status = git.lines("status", "--porcelain", "-z", "--no-renames", "--untracked-files=normal")
    _refuse_hidden(git, root)
    changed = [entry[3:] for entry in status if entry]
    if not changed:
        return
    if recovery.happened(git):
        raise Refusal(
            f"An update of {root} was interrupted",
            "Undo it with `git reset --hard`, then update again",
        )
    more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
    raise Refusal(
        f"There are uncommitted changes: {', '.join(changed[:SHOWN])}{more}",
        "Commit them, or run `git stash --include-untracked`",
    )


def _refuse_hidden(git: Git, root: Path) -> None:
    """Refuse files whose changes git does not look at: an update would overwrite them."""
    entries = (line.partition(" ") for line in git.lines("ls-files", "-v", "-z"))
    flagged = [path for flag, _, path in entries if flag == "S" or flag.islower()]
    hidden = [path for path in flagged if os.path.lexists(root / path)]  # else a sparse checkout
    if hidden:
        raise Refusal(
            f"git is set to ignore changes to {', '.join(hidden[:SHOWN])}",
            "Run `git update-index --no-skip-worktree --no-assume-unchanged FILE`, and commit",
        )
