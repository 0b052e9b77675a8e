"""Fields added to models that their owners have edited: correct, with no other byte changed."""

import difflib
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from groundplan.cli import run

from ..conftest import ALL
from ..generator.support import commit_all, git
from ..support import inside
from ..support.deep import DEEP
from ..support.projects import Project, render
from ..support.servers import Server
from .later_variants import VARIANTS
from .variants import FIELDS, MODEL

# Lines that are rewritten, because the addition does not fit on a line of its own.
REWRITTEN = re.compile(r"\s*(from \S+ import |__table_args__ ?= ?|[A-Z]\w+( as \w+)?,?$|pass$)")

WRITING = ("_is_created_and_read", "_is_changed")  # tests that write every field
TURNS = 4  # in which the other tests of an app are run, on successive apps

NAMES = {name: f"{number:02}" for number, name in enumerate(VARIANTS)}


@pytest.fixture(scope="module")
def edited(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project with one app for each variant, edited as its owner would."""
    root = render(tmp_path_factory.mktemp("editing") / "project")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(root)
        for name, number in NAMES.items():
            app, model = f"app_{number}", f"Thing{number}"
            assert run(["startapp", app, model, *MODEL.split()[1:]]) == 0
            folders = (root / "my_service/apps" / app, root / "tests" / app)
            files = {
                str(file.relative_to(root)): file.read_text()
                for folder in folders
                for file in folder.rglob("*.py")
            }
            before = set(files)
            VARIANTS[name].edit(files, model)
            for path in before - set(files):
                (root / path).unlink()
            for path, text in files.items():
                (root / path).parent.mkdir(exist_ok=True)
                (root / path).write_bytes(text.encode())
    project = Project(root)
    project.manage("migrate")
    project.manage("makemigrations", "-m", "what its owner added")
    commit_all(root)
    return root


@pytest.fixture(scope="module")
def added(edited: Path) -> Path:
    """The same project, with the fields added to each model."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(edited)
        for name, number in NAMES.items():
            assert run(["addfield", f"app_{number}.Thing{number}", *FIELDS]) == 0, name
    return edited


@pytest.mark.full
@pytest.mark.parametrize("name", VARIANTS)
def test_no_other_byte_changes(added: Path, name: str) -> None:
    number = NAMES[name]
    paths = git(added, "diff", "--name-only", "--", f"*app_{number}/*.py").split()
    assert {Path(path).name for path in paths} >= (
        {"given.py", "taken.py"} if "several_modules" in name else {"schemas.py"}
    )
    for path in paths:
        before = git_bytes(added, path).decode()
        after = (added / path).read_bytes().decode()
        old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
        for tag, start, end, to, upto in difflib.SequenceMatcher(
            a=old, b=new, autojunk=False
        ).get_opcodes():
            if tag in ("equal", "insert"):
                continue
            assert all(is_rewritten(line) for line in old[start:end]) or (
                "".join(new[to:upto]).startswith("".join(old[start:end]))
            ), (path, old[start:end], new[to:upto])


def is_rewritten(line: str) -> bool:
    return REWRITTEN.match(line) is not None


@pytest.mark.full
def test_the_project_is_clean(added: Path) -> None:
    project = Project(added)
    project.run(
        sys.executable, "-m", "ruff", "check", "--quiet", ".", "--extend-exclude", unformatted()
    )
    project.run(
        sys.executable,
        "-m",
        "ruff",
        "format",
        "--check",
        "--quiet",
        ".",
        "--extend-exclude",
        unformatted(),
    )
    project.run(sys.executable, "-m", "mypy")


def unformatted() -> str:
    return ",".join(f"app_{NAMES[name]}" for name, one in VARIANTS.items() if not one.is_formatted)


@pytest.mark.full
@pytest.mark.parametrize("database", ALL if DEEP else ["sqlite"], indirect=True)
def test_the_project_works(added: Path, database: Server, tmp_path: Path) -> None:
    """The owner's files, revisions included, are the same text on every database."""
    root = render(tmp_path / "project", driver=database.driver)
    copy = ("cp", "-r", "--remove-destination")  # bytecode is linked
    for path in ("my_service/apps", "my_service/settings.py", "migrations/versions", "tests"):
        subprocess.run((*copy, added / path, (root / path).parent), check=True)
    project = Project(root, database=database.create_database())
    try:
        project.manage("migrate")
        project.manage("makemigrations", "--check")
        project.manage("migrate", "0001")
        project.manage("migrate")
        project.manage("makemigrations", "--check")
        project.manage("test", *chosen(root))
    finally:
        assert project.database is not None
        database.drop_database(project.database)


def chosen(root: Path) -> Iterator[str]:
    """Yield the tests to run: of each app those that write, and in turn some of the others; in a deep run all."""
    for turn, number in enumerate(NAMES.values()):
        folder = f"tests/app_{number}"
        for place, name in enumerate(inside.names(inside.modules(root / folder))):
            if DEEP or name.endswith(WRITING) or (turn + place) % TURNS == 0:
                yield f"{folder}/{name}"


def git_bytes(root: Path, path: str) -> bytes:
    return subprocess.run(
        ("git", "show", f"HEAD:{path}"), cwd=root, capture_output=True, check=True
    ).stdout
