"""Each answer that may change later is changed, and changed back: the service is as it was."""

from pathlib import Path

import pytest
import yaml

from groundplan.cli import run
from groundplan.updates.answers import KEPT

from ..support.rules import questions
from . import services
from .history import NEWEST, commit
from .services import copy, files, is_users, update

pytestmark = pytest.mark.full

CHANGES: list[tuple[str, str, str]] = [
    ("driver", "aiosqlite", "asyncpg"),
    ("driver", "asyncpg", "aiomysql"),
    ("driver", "aiomysql", "aiosqlite"),
    ("python_version", "3.11", "3.14"),
    ("container", "yes", "no"),
    ("container", "no", "yes"),
    ("ci", "github", "gitlab"),
    ("ci", "gitlab", "none"),
    ("ci", "none", "github"),
    ("description", "", 'Takes "orders": 50% & more'),
    ("author_name", "", "Ada Lovelace"),
    ("author_email", "", "ada@example.org"),
]


def test_every_answer_is_kept_or_changed_here() -> None:
    asked = {name for name, question in questions().items() if question.get("when") is not False}
    assert asked == KEPT.keys() | {name for name, _, _ in CHANGES}


@pytest.mark.parametrize(("key", "was", "becomes"), CHANGES)
def test_an_answer_changes_and_changes_back(
    tmp_path: Path, key: str, was: str, becomes: str
) -> None:
    folder = services.service(NEWEST, tmp_path / "service", {key: yaml_value(was)})
    folder.joinpath("my_service/apps/mine.py").write_text("# mine\n")
    commit(folder)
    before = files(folder)
    assert run(["update", str(folder), "--set", f"{key}={becomes}"]) == 0
    changed = files(folder)
    fresh = files(copy(NEWEST, tmp_path / "fresh", {key: yaml_value(becomes)}))
    assert templates(changed) == templates(fresh)
    commit(folder)
    assert run(["update", str(folder), "--set", f"{key}={was}"]) == 0
    assert files(folder) == before


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
