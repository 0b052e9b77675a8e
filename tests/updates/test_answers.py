"""Changing an answer and changing it back restores the service."""

from pathlib import Path

import pytest
import yaml

from groundplan.cli import run
from groundplan.updates.answers import KEPT

from ..support.deep import DEEP
from ..support.rules import questions
from . import services
from .history import NEWEST, commit, git
from .services import Answers, copy, files, is_users, update

Changes = dict[str, tuple[str, str]]

DRIVERS: list[Changes] = [
    {"driver": ("aiosqlite", "asyncpg")},
    {"driver": ("asyncpg", "aiomysql")},
    {"driver": ("aiomysql", "aiosqlite")},
]
OTHERS: list[Changes] = [
    {"python_version": ("3.11", "3.14")},
    {"jobs": ("no", "yes")},
    {"jobs": ("yes", "no")},
    {"container": ("yes", "no")},
    {"container": ("no", "yes")},
    {"ci": ("github", "gitlab")},
    {"ci": ("gitlab", "none")},
    {"ci": ("none", "github")},
    {"description": ("", 'Takes "orders": 50% & more')},
    {"author_name": ("", "Ada Lovelace")},
    {"author_email": ("", "ada@example.org")},
]
AT_ONCE: list[Changes] = [
    {key: values for change in OTHERS[::-1] for key, values in change.items()},
    {"jobs": ("yes", "no"), "container": ("no", "yes"), "ci": ("gitlab", "none")},
]
CASES = [*DRIVERS, *(OTHERS if DEEP else AT_ONCE)]


def test_every_question_is_in_a_case_or_cannot_change() -> None:
    asked = {name for name, question in questions().items() if question.get("when") is not False}
    with_owners_files = {"auth", "admin"}  # see test_auth.py
    changing = {name for changes in CASES for name in changes}
    assert asked == KEPT.keys() | changing | with_owners_files


@pytest.mark.full
@pytest.mark.parametrize("changes", CASES, ids=lambda changes: "-".join(changes))
def test_answers_change_and_change_back(tmp_path: Path, changes: Changes) -> None:
    first = {key: yaml_value(was) for key, (was, _) in changes.items()}
    second = {key: yaml_value(becomes) for key, (_, becomes) in changes.items()}
    folder = services.service(NEWEST, tmp_path / "service", first)
    folder.joinpath("my_service/apps/mine.py").write_text("# mine\n")
    commit(folder)
    before = files(folder)
    assert run(["update", str(folder), *flags(second)]) == 0
    changed = files(folder)
    assert templates(changed) == templates(files(copy(NEWEST, tmp_path / "fresh", second)))
    commit(folder)
    assert run(["update", str(folder), *flags(first)]) == 0
    assert files(folder) == before


def flags(answers: Answers) -> list[str]:
    return [
        f"--set={key}={str(value).lower() if value in (True, False) else value}"
        for key, value in answers.items()
    ]


@pytest.mark.full
def test_answers_edited_by_hand_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = services.service(NEWEST, tmp_path / "service")
    recorded = folder / ".copier-answers.yml"
    text = recorded.read_text()
    edited = text.replace("driver: aiosqlite", "driver: asyncpg").replace("ci: github", "ci: none")
    recorded.write_text(edited)
    folder.joinpath("README.md").write_text("in the same commit")
    commit(folder)
    before = files(folder)
    assert run(["update", str(folder)]) == 1
    assert files(folder) == before
    assert capsys.readouterr().err == (
        "Error: .copier-answers.yml was edited by hand: the rest of the service has ci: github, "
        "driver: aiosqlite. Write that into it again and commit it. To change the answer in the "
        "whole service, then run `groundplan update --set ci=none --set driver=asyncpg`.\n"
    )
    recorded.write_text(text)
    commit(folder)
    assert run(["update", str(folder), "--set=ci=none", "--set=driver=asyncpg"]) == 0
    commit(folder)
    assert run(["update", str(folder)]) == 0


@pytest.mark.full
def test_an_answer_edited_by_hand_before_another_one_changed_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = services.service(NEWEST, tmp_path / "service")
    assert run(["update", str(folder), "--set=ci=none"]) == 0
    recorded = folder / ".copier-answers.yml"
    mine = recorded.read_text().replace("driver: aiosqlite", "driver: asyncpg")
    git(folder, "stash", "--quiet")
    recorded.write_text(recorded.read_text().replace("driver: aiosqlite", "driver: asyncpg"))
    commit(folder)
    git(folder, "checkout", "--quiet", "stash@{0}", "--", ".")
    recorded.write_text(mine)
    commit(folder, "Merge the branch of the update")
    capsys.readouterr()
    assert run(["update", str(folder)]) == 1
    assert capsys.readouterr().err.startswith(
        "Error: .copier-answers.yml was edited by hand: the rest of the service has "
        "driver: aiosqlite. "
    )


@pytest.mark.full
def test_an_answer_in_files_that_the_owner_has_edited_is_not_refused(tmp_path: Path) -> None:
    folder = services.service(NEWEST, tmp_path / "service")
    project = folder / "pyproject.toml"
    project.write_text(f"{project.read_text()}\n# mine\n")
    commit(folder)
    assert run(["update", str(folder), "--set=description=Sells"]) == 0
    commit(folder)
    assert run(["update", str(folder)]) == 0


@pytest.mark.full
def test_an_answer_in_files_that_the_owner_has_restored_is_not_refused(tmp_path: Path) -> None:
    folder = services.service(NEWEST, tmp_path / "all/service")
    assert run(["update", str(folder), "--set=description=Sells"]) == 0
    commit(folder)
    git(folder, "checkout", "--quiet", "HEAD~1", "--", "pyproject.toml")
    commit(folder)
    assert run(["update", str(folder)]) == 0


@pytest.mark.full
def test_the_database_of_another_driver_stays_ignored(tmp_path: Path) -> None:
    """Otherwise `git add --all` would commit its rows."""
    folder = services.service(NEWEST, tmp_path / "all/service")
    database = folder / "my_service.db"
    database.write_text("rows")
    ignored = folder.joinpath(".gitignore").read_text()
    assert run(["update", str(folder), "--set=driver=asyncpg"]) == 0
    assert git(folder, "status", "--porcelain", "--ignored", database.name).startswith("!! ")
    assert folder.joinpath(".gitignore").read_text() == ignored
    git(folder, "commit", "--quiet", "--no-verify", "--message", "Another driver")
    database.unlink()
    assert run(["update", str(folder), "--set=driver=aiosqlite"]) == 0
    assert folder.joinpath(".gitignore").read_text() == ignored


@pytest.mark.full
@pytest.mark.parametrize("becomes", ["asyncpg", "aiomysql"])
def test_plain_copier_changes_the_driver_and_back(tmp_path: Path, becomes: str) -> None:
    folder = services.service(NEWEST, tmp_path / "service")
    before = files(folder)
    update(folder, NEWEST, {"driver": becomes})
    commit(folder)
    fresh = files(copy(NEWEST, tmp_path / "fresh", {"driver": becomes}))
    assert templates(files(folder)) == templates(fresh)
    update(folder, NEWEST, {"driver": "aiosqlite"})
    assert files(folder) == before


def templates(found: dict[str, bytes]) -> dict[str, bytes]:
    return {path: text for path, text in found.items() if not is_users(path)}


def yaml_value(text: str) -> str | bool:
    value = yaml.safe_load(text) if text in ("yes", "no") else text
    assert isinstance(value, str | bool)
    return value
