"""What an update refuses, and that it has touched nothing then."""

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from groundplan.cli import run

from . import services
from .history import NEWEST, commit, git, next_template, scratch, template
from .services import files

pytestmark = pytest.mark.full


def untracked(folder: Path) -> None:
    folder.joinpath("notes.txt").write_text("mine")


def edited(folder: Path) -> None:
    folder.joinpath("README.md").write_text("mine")


def staged(folder: Path) -> None:
    edited(folder)
    git(folder, "add", "--all")


def no_git(folder: Path) -> None:
    shutil.rmtree(folder / ".git")


def no_commit(folder: Path) -> None:
    no_git(folder)
    git(folder, "init", "--quiet")


def no_answers(folder: Path) -> None:
    folder.joinpath(".copier-answers.yml").unlink()
    commit(folder)


def answers(text: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        folder.joinpath(".copier-answers.yml").write_text(text)
        commit(folder)

    return write


def answers_without(key: str) -> Callable[[Path], None]:
    def write(folder: Path) -> None:
        file = folder / ".copier-answers.yml"
        lines = file.read_text().splitlines(keepends=True)
        file.write_text("".join(line for line in lines if not line.startswith(key)))
        commit(folder)

    return write


def another_template(folder: Path) -> None:
    file = folder / ".copier-answers.yml"
    file.write_text(file.read_text().replace(str(template()), "/nowhere/at/all"))
    commit(folder)


def locked(folder: Path) -> None:
    folder.joinpath(".git/index.lock").touch()


def nothing(folder: Path) -> None:
    """The service is as it should be."""


REFUSED: list[tuple[str, Callable[[Path], None], tuple[str, ...], tuple[str, ...]]] = [
    ("an untracked file", untracked, (), ("notes.txt", "Commit")),
    ("an edited file", edited, (), ("README.md", "Commit")),
    ("a staged file", staged, (), ("README.md", "Commit")),
    ("no git", no_git, (), ("not in git", "git init")),
    ("no commit", no_commit, (), ("no commit", "git commit")),
    ("a lock", locked, (), ("index.lock",)),
    ("no answers", no_answers, (), ("no service of Groundplan's", "startproject")),
    ("not ours", answers("_src_path: gh:a/b\n_commit: v1\nname: x\n"), (), ("another template's",)),
    ("answers that are no text", answers("a: [b"), (), ("not YAML",)),
    ("no version", answers_without("_commit"), (), ("version",)),
    ("a template that is gone", another_template, (), ("/nowhere/at/all", "--template")),
    ("an older version", nothing, ("--to", "HEAD~1"), ("is older", "forward only")),
    ("no such version", nothing, ("--to", "v0.1.1"), ("'v0.1.1'", "v0.1.0")),
    ("no folder of a template", nothing, ("--template", "/nowhere"), ("/nowhere",)),
    ("an unknown key", nothing, ("--set", "drivr=asyncpg"), ("'drivr'", "'driver'?")),
    ("a wholly unknown key", nothing, ("--set", "x=1"), ("'x'", "driver")),
    ("a hidden key", nothing, ("--set", "database=mysql"), ("'database'", "worked out")),
    ("no value", nothing, ("--set", "driver"), ("'driver'", "key=value")),
    ("no such choice", nothing, ("--set", "driver=asyncpgx"), ("'asyncpgx'", "'asyncpg'?")),
    ("no yes or no", nothing, ("--set", "container=maybe"), ("'maybe'", "yes or no")),
    ("a bad address", nothing, ("--set", "author_email=ada"), ("'ada'", "ada@example.org")),
    ("another key", nothing, ("--set", "primary_key=bigint"), ("primary_key may not change",)),
    ("no example", nothing, ("--set", "example=false"), ("example may not change",)),
    ("another name", nothing, ("--set", "project_name=X"), ("project_name may not change",)),
    ("another slug", nothing, ("--set", "project_slug=x"), ("project_slug may not change",)),
    ("another package", nothing, ("--set", "package_name=x"), ("package_name may not change",)),
]


@pytest.mark.parametrize(("_case", "prepare", "words", "told"), REFUSED, ids=lambda v: str(v)[:24])
def test_it_refuses_before_it_touches_anything(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    _case: str,
    prepare: Callable[[Path], None],
    words: tuple[str, ...],
    told: tuple[str, ...],
) -> None:
    folder = services.service(
        NEWEST if words[:2] == ("--to", "HEAD~1") else "v0.1.0", tmp_path / "s"
    )
    prepare(folder)
    before = everything(folder)
    assert run(["update", str(folder), *words]) == 1
    assert everything(folder) == before
    error = capsys.readouterr().err
    assert "Traceback" not in error
    for text in told:
        assert text in error


@pytest.mark.parametrize(
    "words",
    [
        ("--check", "--dry-run"),
        ("--check", "--set", "ci=none"),
        ("--dry-run", "--verify"),
        ("--nope",),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_2(tmp_path: Path, words: tuple[str, ...]) -> None:
    folder = services.service("v0.1.0", tmp_path / "service")
    assert run(["update", str(folder), *words]) == 2


def test_it_stops_where_the_template_deletes_a_file_that_was_edited(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Plain Copier deletes it without a word."""
    deleted = "my_service/core/management/commands/routes.py"
    newer = without("core/management/commands/routes.py")
    folder = services.service("v0.1.0", tmp_path / "service")
    with folder.joinpath(deleted).open("a") as file:
        file.write("# mine\n")
    commit(folder)
    before = everything(folder)
    assert run(["update", str(folder), "--template", str(newer)]) == 1
    assert deleted in capsys.readouterr().err
    assert everything(folder) == before
    folder.joinpath("my_service/mine.py").write_text("# mine\n")
    folder.joinpath(deleted).unlink()
    commit(folder)
    assert run(["update", str(folder), "--template", str(newer)]) == 0
    assert not folder.joinpath(deleted).exists()


def test_it_does_not_write_over_a_file_that_git_ignores(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = services.service("v0.1.0", tmp_path / "service", {"ci": "none"})
    folder.joinpath(".git/info/exclude").write_text(".gitlab-ci.yml\n")
    folder.joinpath(".gitlab-ci.yml").write_text("mine")
    assert run(["update", str(folder), "--set", "ci=gitlab"]) == 1
    assert ".gitlab-ci.yml" in capsys.readouterr().err
    assert folder.joinpath(".gitlab-ci.yml").read_text() == "mine"
    assert not git(folder, "status", "--porcelain")


def without(name: str) -> Path:
    """Make a template that has a file less."""
    tree = scratch() / "without-tree"
    shutil.copytree(template(), tree, ignore=shutil.ignore_patterns(".git"), symlinks=True)
    tree.joinpath("template/{{package_name}}", name).unlink()
    return next_template("without", tree)


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
