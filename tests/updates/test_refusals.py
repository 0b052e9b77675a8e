"""What an update refuses, word by word, and that it has touched nothing then."""

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

NEW_FOLDER = "my_service/core/development"  # which the first release does not have
STASH = (
    "Commit them, or `git stash --include-untracked`: what an update changes is told apart from "
    "your own changes by the last commit."
)
MEND = "Mend that (of a broken repository, `git fsck` tells more), and run the command again."
RENAME = "Rename by hand, or start a new service under the new name and move your apps into it."
QUESTIONS = ", ".join(
    name for name, question in questions().items() if question.get("when") is not False
)


class Case(NamedTuple):
    """What is told of a service that is not as it should be, or of words that are not."""

    told: str
    spoilt: Spoil = spoil.nothing
    words: tuple[str, ...] = ()


CASES = {
    "an untracked file": Case(
        f"There are changes that are not committed: notes.txt. {STASH}", spoil.untracked
    ),
    "an edited file": Case(
        f"There are changes that are not committed: README.md. {STASH}", spoil.edited
    ),
    "a staged file": Case(
        f"There are changes that are not committed: README.md. {STASH}", spoil.staged
    ),
    "many files": Case(
        "There are changes that are not committed: a.txt, b.txt, c.txt, d.txt, e.txt and 2 more. "
        f"{STASH}",
        spoil.much_untracked,
    ),
    "no git": Case(
        "{folder} is not in git, which updates are merged by (fatal: not a git repository (or any "
        "of the parent directories): .git). Run `git init`, `git add --all` and `git commit`.",
        spoil.no_git,
    ),
    "no commit": Case(
        "{folder} has no commit yet, which an update could be merged into. "
        "Run `git add --all` and `git commit`.",
        spoil.no_commit,
    ),
    "a lock": Case(
        "Another git is at work here, or was killed: there is {folder}/.git/index.lock. "
        "Wait for it, or delete that file.",
        spoil.locked,
    ),
    "a broken index": Case(
        "It ended before it touched anything: `git status --porcelain -z --no-renames` failed: bad "
        f"signature 0x69206e61; index file corrupt. {MEND}",
        spoil.broken_index,
    ),
    "no place to work in": Case(
        "It ended before it touched anything: [Errno 17] File exists: "
        f"'{{folder}}/.git/groundplan-update'. {MEND}",
        spoil.no_way_to_work,
    ),
    "no answers": Case(
        "'{folder}' is not in a Groundplan project: neither it nor a parent folder has a "
        ".copier-answers.yml. Change to a project's folder, or start a project: "
        "groundplan startproject my-service.",
        spoil.no_answers,
    ),
    "answers that git ignores": Case(
        "{folder}/.copier-answers.yml is not in the last commit, which the answers are taken from. "
        "Run `git add --force .copier-answers.yml` and `git commit`.",
        spoil.ignored_answers,
    ),
    "answers that it did not ask": Case(
        ".copier-answers.yml is another template's: it does not answer package_name, primary_key, "
        "project_slug. Update this folder by `copier update`.",
        spoil.answers("_src_path: gh:a/b\n_commit: v1\ndriver: x\n"),
    ),
    "answers that are a list": Case(
        ".copier-answers.yml is another template's: it does not answer driver, package_name, "
        "primary_key, project_slug. Update this folder by `copier update`.",
        spoil.answers("- a\n"),
    ),
    "answers that are no text": Case(
        ".copier-answers.yml is not YAML: line 2: expected ',' or ']', but got '<stream end>'. "
        "Take it from an earlier commit.",
        spoil.answers("driver: [b"),
    ),
    "answers with a zero byte": Case(
        ".copier-answers.yml is not YAML: unacceptable character #x0000: special characters are not "
        'allowed in "<unicode string>", position 8. Take it from an earlier commit.',
        spoil.answers("driver: \0\n"),
    ),
    "no version": Case(
        ".copier-answers.yml does not tell the template's version, since the template was in no git. "
        "Copy the service's answers with a template that is in git, and commit the outcome.",
        spoil.answers_without("_commit"),
    ),
    "a version that is gone": Case(
        "This service is on version v0.1.1, which the template at {template} does not have. "
        "Name the template that has it by `--template`.",
        spoil.answers_changed("_commit", "v0.1.1"),
    ),
    "an answer that it did not give": Case(
        ".copier-answers.yml holds answers that made no service: Invalid choice for 'driver': "
        "'oracle' is not in ['asyncpg', 'aiosqlite', 'aiomysql']. "
        "Take it from an earlier commit, and change answers by `--set`.",
        spoil.answers_changed("driver", "oracle"),
    ),
    "a template that is gone": Case(
        "The template at /nowhere/at/all cannot be read: repository '/nowhere/at/all' does not "
        "exist. Where it has moved, name its new address by `--template`.",
        spoil.answers_changed("_src_path", "/nowhere/at/all"),
    ),
    "no folder of a template": Case(
        "The template at /nowhere cannot be read: repository '/nowhere' does not exist. "
        "Where it has moved, name its new address by `--template`.",
        words=("--template", "/nowhere"),
    ),
    "an older version": Case(
        "This service is on v9999, and v0.1.0 is older. "
        "Updates go forward only: to go back, revert the commit of the update.",
        spoil.answers_changed("_commit", NEWEST),
        ("--to", "v0.1.0"),
    ),
    "no such version": Case(
        "The template at {template} has no version 'v0.1.1'. "
        "Name a tag, a branch or a commit of it, such as v0.1.0.",
        words=("--to", "v0.1.1"),
    ),
    "a file in the way": Case(
        "The update creates .gitlab-ci.yml, where git ignores a file that is there. "
        "Move it away, or commit it by `git add --force`.",
        spoil.ignored_file(".gitlab-ci.yml"),
        ("--set", "ci=gitlab"),
    ),
    "a file in a folder's way": Case(
        f"The update creates {NEW_FOLDER}, where git ignores a file that is there. "
        "Move it away, or commit it by `git add --force`.",
        spoil.ignored_file(NEW_FOLDER),
    ),
    "a link in a folder's way": Case(
        f"The update creates {NEW_FOLDER}, where git ignores a file that is there. "
        "Move it away, or commit it by `git add --force`.",
        spoil.ignored_link(NEW_FOLDER),
    ),
    "an unknown key": Case(
        "'drivr': there is no question of this name. Did you mean 'driver'?",
        words=("--set", "drivr=asyncpg"),
    ),
    "a wholly unknown key": Case(
        f"'x': there is no question of this name. The questions are {QUESTIONS}.",
        words=("--set", "x=1"),
    ),
    "a hidden key": Case(
        "'database': it is worked out from other answers, and cannot be set. "
        f"The questions are {QUESTIONS}.",
        words=("--set", "database=mysql"),
    ),
    "no value": Case(
        "'driver': --set takes key=value. As in --set driver=asyncpg.", words=("--set", "driver")
    ),
    "no such choice": Case(
        "'asyncpgx': driver has no such answer. Did you mean 'asyncpg'?",
        words=("--set", "driver=asyncpgx"),
    ),
    "no yes or no": Case(
        "'maybe': container is answered by yes or no. As in container=no.",
        words=("--set", "container=maybe"),
    ),
    "a bad address": Case(
        "author_email: got 'ada', wanted one like 'ada@example.org': an address in ASCII, or "
        "nothing. Name another by --set author_email=….",
        words=("--set", "author_email=ada"),
    ),
    "another key": Case(
        "primary_key may not change later: the rows that exist are known by it, and so are the "
        "references to them. "
        "Give single models another key by its mixin, with a migration of your own.",
        words=("--set", "primary_key=bigint"),
    ),
    "no example": Case(
        "example may not change later: its apps are yours since the first day. "
        "Delete its apps and their names in INSTALLED_APPS, or copy them from a new service.",
        words=("--set", "example=false"),
    ),
    "another name": Case(
        "project_name may not change later: your README, your application's title and your issues "
        f"go by it. {RENAME}",
        words=("--set", "project_name=X"),
    ),
    "another slug": Case(
        "project_slug may not change later: your image, your lock file and your deployments go by "
        f"it. {RENAME}",
        words=("--set", "project_slug=x"),
    ),
    "another package": Case(
        f"package_name may not change later: all of your imports go by it. {RENAME}",
        words=("--set", "package_name=x"),
    ),
    "nothing to verify by": Case(
        "--verify found no environment to run {folder} in: it has no .venv, and none is active. "
        "Make one by `uv sync`.",
        words=("--verify",),
    ),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
def test_it_refuses_before_it_touches_anything(
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
    """Return all that a person would miss: the files, and what git says of them."""
    status = subprocess.run(
        ("git", "status", "--porcelain", "--ignored"),
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    return files(folder), status.stdout
