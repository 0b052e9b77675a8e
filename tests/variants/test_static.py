"""Variants are rendered and pass all static checks; in `make deep`, every combination of answers."""

import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet
from packaging.requirements import Requirement

from ..support.deep import DEEP
from . import judging
from .oracle import OFFERED, Answers, combinations, pairs, pairwise
from .rendering import DEFAULTS, Tree, alone, tree, write

# Answers on which most Python files depend, and the others.
PYTHON_CODE = ("driver", "primary_key", "auth", "admin", "jobs", "example")
OTHERS = {name: values for name, values in OFFERED.items() if name not in PYTHON_CODE}
PYTHONS = OFFERED["python_version"]
TYPED = {
    **{name: OFFERED[name] for name in PYTHON_CODE},
    "python_version": PYTHONS if DEEP else (PYTHONS[0], PYTHONS[-1]),
}


def shards() -> list[Answers]:
    return list(combinations({name: OFFERED[name] for name in PYTHON_CODE}))


def typed() -> list[Answers]:
    """Return the variants whose types are checked: with GROUNDPLAN_DEEP=1 all.

    In `make test`, a set with every pair of answers; of Python, the oldest and the newest.
    """
    chosen = combinations(TYPED) if DEEP else pairwise(TYPED)
    return [{**DEFAULTS, **answers} for answers in chosen]


def cases() -> list[ParameterSet]:
    """Name each shard by its answers; only the default variant's is in the quick tier."""
    return [
        pytest.param(
            answers,
            id=label(answers),
            marks=() if answers.items() <= DEFAULTS.items() else pytest.mark.full,
        )
        for answers in shards()
    ]


def label(answers: Answers) -> str:
    return "-".join(map(str, answers.values())).lower()


def of_shard(shard: Answers) -> list[Answers]:
    """Return the variants of a shard: with GROUNDPLAN_DEEP=1 all, else one set of others.

    Successive shards take turns, so that together they have every pair of answers.
    """
    number, few = shards().index(shard), pairwise(OTHERS)
    turn = 4 * (number + number // 6) % len(few)
    chosen = list(combinations(OTHERS)) if DEEP else [few[turn]]
    return [{**DEFAULTS, **shard, **others} for others in chosen]


def python_of(files: Tree) -> tuple[tuple[str, str], ...]:
    return tuple((name, text) for name, text in files.items() if name.endswith(".py"))


def distinct(variants: list[Answers], *also: str) -> list[Answers]:
    """Return one variant for each distinct set of Python files and of the given other files."""
    first = dict[object, Answers]()
    for answers in variants:
        files = tree(answers)
        first.setdefault((python_of(files), *(files[name] for name in also)), answers)
    return list(first.values())


def judge(faults: list[str], answers: Answers) -> None:
    assert faults == [], f"alone: {alone(answers)}"


@pytest.mark.parametrize("shard", cases())
def test_variants_pass_the_text_laws_and_ruff(shard: Answers, tmp_path: Path) -> None:
    variants = of_shard(shard)
    for answers in variants:
        found = tree(answers)
        judge([fault for law in judging.TEXT_LAWS for fault in law(found, answers)], answers)
    for number, answers in enumerate(distinct(variants, "pyproject.toml")):
        judge(list(judging.ruff(write(tree(answers), tmp_path / str(number)))), answers)


def test_the_default_variant_passes_mypy(tmp_path: Path) -> None:
    root = write(tree(DEFAULTS), tmp_path / "project")
    judge(list(judging.mypy(root)), DEFAULTS)


@pytest.mark.full
@pytest.mark.parametrize("version", TYPED["python_version"])
@pytest.mark.long
def test_every_variant_passes_mypy_and_pyright(version: str, tmp_path: Path) -> None:
    """Both run in strict mode, and read the libraries once for all variants of a Python."""
    chosen = [answers for answers in typed() if answers["python_version"] == version]
    roots = [write(tree(answers), tmp_path / label(answers)) for answers in chosen]
    for root, answers in zip(roots, chosen, strict=True):
        judge(list(judging.mypy(root)), answers)
    assert list(judging.pyright(*roots)) == []


@pytest.mark.parametrize("driver", OFFERED["driver"])
def test_this_environment_has_the_dependencies_of_projects(driver: str) -> None:
    parsed = tomllib.loads(tree({**DEFAULTS, "driver": driver})["pyproject.toml"])
    wanted = [*parsed["project"]["dependencies"], *parsed["dependency-groups"]["dev"]]
    for requirement in map(Requirement, wanted):
        assert requirement.specifier.contains(version(requirement.name)), requirement


def test_the_oracle_has_every_combination() -> None:
    """With auth there is one answer to jobs; without, one to admin and one to example."""
    assert len(list(combinations())) == 5 * 3 * 2 * (2 * 2 + 2) * 2 * 3 == 1080


def test_the_pairwise_variants_cover_every_pair_of_answers() -> None:
    covered = set[object]().union(*map(pairs, pairwise()))
    assert covered == set[object]().union(*map(pairs, combinations()))
    assert len(pairwise()) < 20


def test_the_shards_cover_every_pair_of_answers() -> None:
    judged = [answers for shard in shards() for answers in of_shard(shard)]
    assert set[object]().union(*map(pairs, judged)) == set[object]().union(
        *map(pairs, combinations())
    )
