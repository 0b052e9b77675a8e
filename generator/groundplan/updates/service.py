"""The service that is updated: a folder of a git repository, with the answers that made it."""

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
from . import cut_short

ASKED = {"driver", "package_name", "primary_key", "project_slug"}
SHOWN = 5


@dataclass(frozen=True)
class Service:
    """A service in git, with nothing uncommitted.

    Attributes:
        root: its folder.
        git: git in it.
        prefix: the folder in its repository: empty, or ending in a slash.
        tree: the commit's files, from the folder on.
        recorded: the answers file, as text.
        answers: the answers in it.
        address: the template's, as the answers file has it.
        commit: the template's version that the service is on.
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
        """Return where git keeps one of its own files."""
        return self.root / self.git("rev-parse", "--git-path", name)


def find(start: Path, *, committed: bool = True) -> Service:
    """Find the service that a folder is of.

    Args:
        start: the folder, or one within it.
        committed: refuse where something is not committed.

    Returns:
        The service as its last commit has it.

    Raises:
        Refusal: It is no service of Groundplan's, not in git, or not all committed.
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
            f"{root} belongs to another user, and git does not read what it is told there",
            f"Run `git config --global --add safe.directory {root}`, if you trust them",
        )
    if asked.returncode:
        raise Refusal(
            f"{root} is not in git, which updates are merged by ({_first_line(asked.stderr)})",
            "Run `git init`, `git add --all` and `git commit`",
        )
    if not git.succeeds("rev-parse", "--verify", "HEAD"):
        raise Refusal(
            f"{root} has no commit yet, which an update could be merged into",
            "Run `git add --all` and `git commit`",
        )
    prefix = git("rev-parse", "--show-prefix")
    if committed:
        _all_committed(git, root)
    name = f"HEAD:{prefix}{ANSWERS}"
    if not git.succeeds("cat-file", "-e", name):
        raise Refusal(
            f"{root / ANSWERS} is not in the last commit, which the answers are taken from",
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
            f"{ANSWERS} is not YAML: {_in_a_line(error)}", "Take it from an earlier commit"
        ) from None
    answers = cast("dict[str, Any]", document) if isinstance(document, dict) else {}
    if missing := sorted(ASKED - answers.keys()):
        raise Refusal(
            f"{ANSWERS} is another template's: it does not answer {', '.join(missing)}",
            "Update this folder by `copier update`",
        )
    if not {"_src_path", "_commit"} <= answers.keys():
        raise Refusal(
            f"{ANSWERS} does not tell the template's version, since the template was in no git",
            "Copy the service's answers with a template that is in git, and commit the outcome",
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
            f"Another git is at work here, or was killed: there is {lock}",
            "Wait for it, or delete that file",
        )
    status = git.lines("status", "--porcelain", "-z", "--no-renames")
    changed = [entry[3:] for entry in status if entry]
    if not changed:
        return
    if cut_short.happened(git):
        raise Refusal(
            f"An update of {root} was cut short",
            "`git reset --hard` takes it back; then update again",
        )
    more = f" and {len(changed) - SHOWN} more" if len(changed) > SHOWN else ""
    raise Refusal(
        f"There are changes that are not committed: {', '.join(changed[:SHOWN])}{more}",
        "Commit them, or `git stash --include-untracked`: what an update changes is told apart "
        "from your own changes by the last commit",
    )
