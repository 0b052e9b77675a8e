"""The law of updates: an updated service equals a fresh copy."""

from itertools import combinations, product
from pathlib import Path

import pytest

from ..support.deep import DEEP
from .history import versions
from .services import Answers, current, files, is_users, service, update

*OLDER, NEW = versions()
PAIRS = list(combinations([*OLDER, NEW], 2)) if DEEP else list(product(OLDER, [NEW]))
CHOICES: dict[str, tuple[str | bool, ...]] = {
    "driver": ("aiosqlite", "asyncpg", "aiomysql"),
    "primary_key": ("uuid7", "bigint"),
    "example": (True, False),
    "container": (True, False),
    "ci": ("github", "gitlab", "none"),
    "python_version": ("3.11", "3.12", "3.13", "3.14") if DEEP else ("3.11", "3.14"),
}
Case = tuple[tuple[str, str], Answers]


def cases() -> list[Case]:
    """Return updates of every older release, each with several variants: together, every two facts.

    With GROUNDPLAN_DEEP=1, every pair of releases with every variant.
    """
    variants = [dict(zip(CHOICES, values, strict=True)) for values in product(*CHOICES.values())]
    every: list[Case] = list(product(PAIRS, variants))
    if DEEP:
        return every
    missing = {two for case in every for two in together(case)}
    chosen: list[Case] = []
    while missing:
        chosen.append(max(every, key=lambda case: len(missing & together(case))))
        missing -= together(chosen[-1])
    return chosen


def together(case: Case) -> set[tuple[object, object]]:
    """Return every pair of facts of a case."""
    pair, answers = case
    return {*combinations([("releases", pair), *answers.items()], 2)}


def name(case: Case) -> str:
    (old, new), answers = case
    return "-".join(map(str, (old, new, *answers.values())))


@pytest.mark.full
@pytest.mark.parametrize("case", cases(), ids=name)
def test_an_updated_service_equals_a_fresh_copy(tmp_path: Path, case: Case) -> None:
    (old, new), answers = case
    folder = service(old, tmp_path / "updated", answers)
    before = files(folder)
    update(folder, new)
    fresh = current(tmp_path / "fresh", answers, old=old, new=new)
    after = files(folder)
    assert users(after) == users(before)
    assert templates(after) == templates(files(fresh))


def users(found: dict[str, bytes]) -> dict[str, bytes]:
    return {path: text for path, text in found.items() if is_users(path)}


def templates(found: dict[str, bytes]) -> dict[str, bytes]:
    return {path: text for path, text in found.items() if not is_users(path)}
