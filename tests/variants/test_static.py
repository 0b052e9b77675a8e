"""All combinations of the answers to choose from: rendered, and each found clean."""

from itertools import product
from pathlib import Path

import pytest

from . import judging
from .oracle import OFFERED, Answers, combinations, pairs, pairwise
from .rendering import Tree, alone, tree, write

PYTHON_CODE = ("driver", "primary_key", "example")  # what the Python of a project follows most
SHARDS = list(product(*(OFFERED[name] for name in PYTHON_CODE)))


def shard_id(shard: tuple[object, ...]) -> str:
    return "-".join(str(value).lower() for value in shard)


def of_shard(shard: tuple[object, ...]) -> list[Answers]:
    return [
        answers
        for answers in combinations()
        if tuple(answers[name] for name in PYTHON_CODE) == shard
    ]


def python_of(files: Tree) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, text in files.items() if name.endswith(".py"))


def distinct(variants: list[Answers], *also: str) -> list[Answers]:
    """Return the first variant of each distinct Python, with these files besides."""
    first = dict[object, Answers]()
    for answers in variants:
        files = tree(answers)
        first.setdefault((python_of(files), *(files[name] for name in also)), answers)
    return list(first.values())


def judge(faults: list[str], answers: Answers) -> None:
    assert faults == [], f"alone: {alone(answers)}"


@pytest.mark.full
@pytest.mark.parametrize("shard", SHARDS, ids=shard_id)
def test_every_combination_is_clean_text(shard: tuple[object, ...], tmp_path: Path) -> None:
    variants = of_shard(shard)
    for answers in variants:
        found = tree(answers)
        judge([fault for law in judging.TEXT_LAWS for fault in law(found, answers)], answers)
    for number, answers in enumerate(distinct(variants, "pyproject.toml")):
        judge(list(judging.ruff(write(tree(answers), tmp_path / str(number)))), answers)


@pytest.mark.full
@pytest.mark.parametrize("shard", SHARDS, ids=shard_id)
def test_every_distinct_python_is_typed(
    shard: tuple[object, ...], tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Mypy's and pyright's, strict; the same Python is judged once, for the lowest that it names."""
    plain = {"container": True, "ci": "github"}
    variants = [answers for answers in of_shard(shard) if answers.items() >= plain.items()]
    cache = tmp_path_factory.getbasetemp() / "mypy"
    for number, answers in enumerate(distinct(variants)):
        root = write(tree(answers), tmp_path / str(number))
        judge([*judging.mypy(root, cache), *judging.pyright(root)], answers)


def test_the_combinations_are_all_there_are() -> None:
    assert len(list(combinations())) == 4 * 3 * 2 * 2 * 2 * 3 == 288


def test_every_two_answers_stand_together_in_a_pair() -> None:
    covered = set[object]().union(*map(pairs, pairwise()))
    assert covered == set[object]().union(*map(pairs, combinations()))
    assert len(pairwise()) < 20
