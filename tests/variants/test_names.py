"""Free-text answers of every kind: accepted ones render correctly, refused ones say why."""

import os
import subprocess
import sys
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from copier import run_copy

from groundplan.cli import run

from ..support.deep import DEEP
from ..support.projects import SECRET_KEY
from ..support.rules import Refused, reckon
from . import judging, names
from .names import generated, refusing
from .oracle import Answers
from .rendering import Tree, rendered, template, write

HERE = Path(__file__).parent
COUNT = names.MANY if DEEP else names.FEW
GIVEN = generated(COUNT)
ACCEPTED = [answers for answers in GIVEN if refusing(answers) is None]
REFUSED = {str(answers): answers for answers in GIVEN if refusing(answers) is not None}
SHARE = 20  # projects checked in one test
DRIVERS = ("aiosqlite", "asyncpg", "aiomysql")


def shares() -> list[tuple[Answers, ...]]:
    return [tuple(ACCEPTED[at : at + SHARE]) for at in range(0, len(ACCEPTED), SHARE)]


def test_enough_answers_of_each_kind_are_tried() -> None:
    assert len(ACCEPTED) >= COUNT // 2
    many = generated(names.MANY)
    refusals = Counter(refusing(answers) for answers in many)
    assert len(many) - refusals[None] > 50
    assert set(refusals) >= {"project_name", "project_slug", "package_name", "author_email"}
    said = {str(answer) for answers in many for answer in answers.values()}
    for kind in names.WORDS.values():
        assert sum(any(word in text for text in said) for word in kind) == len(kind)


@pytest.mark.parametrize("number", [names.MANY, pytest.param(4_000, marks=pytest.mark.deep)])
def test_rules_and_oracle_agree(number: int) -> None:
    for answers in generated(number, seed=number):
        assert refused_by_rule(answers) == refusing(answers), answers


def refused_by_rule(answers: Answers) -> str | None:
    """Return the question whose rule in copier.yml refuses its answer."""
    try:
        reckon(**answers)
    except Refused as refusal:
        return str(refusal).split("'")[1]
    return None


@pytest.mark.full
@pytest.mark.parametrize("share", shares(), ids=lambda share: f"{len(share)}-projects")
def test_projects_with_accepted_names_are_valid_and_import(
    share: tuple[Answers, ...], tmp_path: Path
) -> None:
    started = list[str]()
    for at, answers in enumerate(share):
        given = {**answers, "driver": DRIVERS[at % 3], "container": at % 2 == 0}
        found = rendered(template(), given)
        assert [
            fault for law in (judging.parses, ends_in_lines) for fault in law(found, given)
        ] == []
        metadata = tomllib.loads(found["pyproject.toml"])["project"]
        assert metadata["description"] == answers.get("description", "")
        root = write(found, tmp_path / str(at))
        started.append(f"{root}:{package_of(found)}")
    assert list(judging.ruff(tmp_path)) == []
    done = subprocess.run(
        (sys.executable, "-W", "error", HERE / "importing.py", *started),
        env={**os.environ, "SECRET_KEY": SECRET_KEY},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def ends_in_lines(found: Tree, _answers: Answers) -> list[str]:
    return [name for name, text in found.items() if text and not text.endswith("\n")]


def package_of(found: Tree) -> str:
    return next(name.partition("/")[0] for name in found if name.endswith("/asgi.py"))


@pytest.mark.full
def test_refused_names_are_refused_by_the_expected_rule_and_leave_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    for answers in REFUSED.values():
        question = refusing(answers)
        sets = [word for name, value in answers.items() for word in ("--set", f"{name}={value}")]
        words = ["svc", str(tmp_path / "svc"), "--defaults", "--no-git"]
        code = run(["startproject", *words, "--template", str(template()), *sets])
        said = capfd.readouterr()
        assert (code, said.out) == (1, ""), answers
        assert question is not None
        assert question in said.err
        assert "Traceback" not in said.err
        assert said.err.count("\n") == 1, said.err
        with pytest.raises(ValueError, match=f"'{question}'"):
            run_copy(str(template()), tmp_path / "svc", data=answers, defaults=True, quiet=True)
        assert list(tmp_path.iterdir()) == []
