"""What an update refuses: each whole message, and that nothing was changed."""

import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from groundplan.cli import run

from ..support.rules import questions
from . import spoiling as spoil
from .history import NEWEST, template
from .services import files
from .spoiling import Spoil

pytestmark = pytest.mark.full

NEW_FOLDER = "my_service/core/development"  # not in the first release
HIDDEN = (
    "git is set to ignore changes to pyproject.toml. "
    "Run `git update-index --no-skip-worktree --no-assume-unchanged FILE`, and commit."
)
STASH = "Commit them, or run `git stash --include-untracked`."
MEND = (
    "nothing was changed. Correct that (`git fsck` describes a broken repository), and run "
    "the command again."
)
RENAME = "Rename by hand, or start a service under the new name and move your apps into it."
QUESTIONS = ", ".join(
    name for name, question in questions().items() if question.get("when") is not False
)


class Case(NamedTuple):
    """The message for a service in some state and some options."""

    told: str
    spoilt: Spoil = spoil.nothing
    words: tuple[str, ...] = ()


CASES = {
    "an untracked file": Case(
        f"There are uncommitted changes: notes.txt. {STASH}", spoil.untracked
    ),
    "an edited file": Case(f"There are uncommitted changes: README.md. {STASH}", spoil.edited),
    "a staged file": Case(f"There are uncommitted changes: README.md. {STASH}", spoil.staged),
    "many files": Case(
        f"There are uncommitted changes: a.txt, b.txt, c.txt, d.txt, e.txt and 2 more. {STASH}",
        spoil.much_untracked,
    ),
    "a skipped file": Case(HIDDEN, spoil.hidden("--skip-worktree")),
    "a file assumed unchanged": Case(HIDDEN, spoil.hidden("--assume-unchanged")),
    "no git": Case(
        "{folder} is not in a git repository, which updates need. Run `git init`, `git add --all` and "
        "`git commit`.",
        spoil.no_git,
    ),
    "no commit": Case(
        "{folder} has no commit yet, which updates need. Run `git add --all` and `git commit`.",
        spoil.no_commit,
    ),
    "a lock": Case(
        "Another git command is running here, or was killed: {folder}/.git/index.lock exists. "
        "Wait for it to end, or delete that file.",
        spoil.locked,
    ),
    "a broken index": Case(
        "`git status --porcelain -z --no-renames --untracked-files=normal` failed: "
        f"bad signature 0x69206e61; index file corrupt; {MEND}",
        spoil.broken_index,
    ),
    "a file in place of the update's folder": Case(
        f"[Errno 17] File exists: '{{folder}}/.git/groundplan-update'; {MEND}",
        spoil.no_way_to_work,
    ),
    "no answers": Case(
        "'{folder}' is not in a Groundplan project: neither it nor a parent folder has a "
        ".copier-answers.yml. Change to a project's folder, or start a project: "
        "groundplan startproject my-service.",
        spoil.no_answers,
    ),
    "answers that git ignores": Case(
        "{folder}/.copier-answers.yml is not in the last commit. "
        "Run `git add --force .copier-answers.yml` and `git commit`.",
        spoil.ignored_answers,
    ),
    "answers of another template": Case(
        ".copier-answers.yml belongs to another template: it has no answer to package_name, primary_key, "
        "project_slug. Update this folder with `copier update`.",
        spoil.answers("_src_path: gh:a/b\n_commit: v1\ndriver: x\n"),
    ),
    "answers that are a list": Case(
        ".copier-answers.yml belongs to another template: it has no answer to driver, package_name, "
        "primary_key, project_slug. Update this folder with `copier update`.",
        spoil.answers("- a\n"),
    ),
    "answers that are not YAML": Case(
        ".copier-answers.yml is not valid YAML: line 2: expected ',' or ']', but got '<stream end>'. "
        "Restore it from an earlier commit.",
        spoil.answers("driver: [b"),
    ),
    "answers with a zero byte": Case(
        ".copier-answers.yml is not valid YAML: unacceptable character #x0000: special characters are not "
        'allowed in "<unicode string>", position 8. Restore it from an earlier commit.',
        spoil.answers("driver: \0\n"),
    ),
    "no version": Case(
        ".copier-answers.yml has no version of the template: the template was not in a git repository. "
        "Run `copier recopy` with a template in git, and commit the result.",
        spoil.answers_without("_commit"),
    ),
    "a version that is gone": Case(
        "This service is on version v0.1.1, which the template at {template} does not have. "
        "Name the template that has it with --template.",
        spoil.answers_changed("_commit", "v0.1.1"),
    ),
    "an invalid recorded answer": Case(
        ".copier-answers.yml has invalid answers: Invalid choice for 'driver': "
        "'oracle' is not in ['asyncpg', 'aiosqlite', 'aiomysql']. "
        "Restore it from an earlier commit, and change answers with --set.",
        spoil.answers_changed("driver", "oracle"),
    ),
    "a template that is gone": Case(
        "The template at /nowhere/at/all cannot be read: repository '/nowhere/at/all' does not "
        "exist. If it has moved, name its new address with --template.",
        spoil.answers_changed("_src_path", "/nowhere/at/all"),
    ),
    "a --template that does not exist": Case(
        "The template at /nowhere cannot be read: repository '/nowhere' does not exist. "
        "If it has moved, name its new address with --template.",
        words=("--template", "/nowhere"),
    ),
    "an older version": Case(
        "This service is on v9999, and v0.1.0 is older. "
        "Updates only go forward. To go back, revert the commit of the update.",
        spoil.answers_changed("_commit", NEWEST),
        ("--to", "v0.1.0"),
    ),
    "no such version": Case(
        "The template at {template} has no version 'v0.1.1'. "
        "Name a tag, branch or commit, such as v0.1.0.",
        words=("--to", "v0.1.1"),
    ),
    "a file in the way": Case(
        "The update would overwrite .gitlab-ci.yml, which git ignores. "
        "Move it away, or commit it with `git add --force`.",
        spoil.ignored_file(".gitlab-ci.yml"),
        ("--set", "ci=gitlab"),
    ),
    "a file in a folder's way": Case(
        f"The update would overwrite {NEW_FOLDER}, which git ignores. "
        "Move it away, or commit it with `git add --force`.",
        spoil.ignored_file(NEW_FOLDER),
    ),
    "a link in a folder's way": Case(
        f"The update would overwrite {NEW_FOLDER}, which git ignores. "
        "Move it away, or commit it with `git add --force`.",
        spoil.ignored_link(NEW_FOLDER),
    ),
    "an unknown key": Case(
        "No such question: 'drivr'. Did you mean 'driver'?",
        words=("--set", "drivr=asyncpg"),
    ),
    "an unknown key without a near match": Case(
        f"No such question: 'x'. The questions are {QUESTIONS}.",
        words=("--set", "x=1"),
    ),
    "a hidden key": Case(
        "'database' is derived from other answers and cannot be set. "
        f"The questions are {QUESTIONS}.",
        words=("--set", "database=mysql"),
    ),
    "no value": Case(
        "--set 'driver' is not key=value. Example: --set driver=asyncpg.", words=("--set", "driver")
    ),
    "no such choice": Case(
        "'asyncpgx' is not a valid driver. Did you mean 'asyncpg'?",
        words=("--set", "driver=asyncpgx"),
    ),
    "neither yes nor no": Case(
        "'maybe' is not a valid container. Answer yes or no, as in container=no.",
        words=("--set", "container=maybe"),
    ),
    "a bad address": Case(
        "author_email: got 'ada', want an ASCII email address such as 'ada@example.org', or nothing. "
        "Give another answer with --set author_email=….",
        words=("--set", "author_email=ada"),
    ),
    "another key": Case(
        "primary_key cannot change later: existing rows and the references to them use it. "
        "To give a model another key, change its mixin and write a migration.",
        words=("--set", "primary_key=bigint"),
    ),
    "no example": Case(
        "example cannot change later: the example apps became yours when the service was started. "
        "Delete the apps and their names in INSTALLED_APPS, or copy them from a new service.",
        words=("--set", "example=false"),
    ),
    "another name": Case(
        "project_name cannot change later: your README and your application's title use it. "
        f"{RENAME}",
        words=("--set", "project_name=X"),
    ),
    "another slug": Case(
        "project_slug cannot change later: your image, your lock file and your deployments use it. "
        f"{RENAME}",
        words=("--set", "project_slug=x"),
    ),
    "another package": Case(
        f"package_name cannot change later: all of your imports use it. {RENAME}",
        words=("--set", "package_name=x"),
    ),
    "no environment for --verify": Case(
        "--verify needs an environment: {folder} has no .venv, and none is active. "
        "Create one with `uv sync`.",
        words=("--verify",),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_an_update_is_refused_before_anything_changes(
    first: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, case: Case
) -> None:
    monkeypatch.delenv("VIRTUAL_ENV", raising=False)
    case.spoilt(first)
    before = everything(first)
    assert run(["update", str(first), *case.words]) == 1
    assert everything(first) == before
    told = case.told.format(folder=first, template=template())
    assert capsys.readouterr().err == f"Error: {told}\n"


def everything(folder: Path) -> tuple[dict[str, bytes], str]:
    """Return the content of all files, and git's status."""
    status = subprocess.run(
        ("git", "status", "--porcelain", "--ignored"),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return files(folder), status.stdout
