"""Variants that cover every pair of answers work on a real database."""

from collections.abc import Iterator
from itertools import cycle
from pathlib import Path

import pytest
from _pytest.mark import ParameterSet

from ..support import pythons, servers
from ..support.deep import DEEP
from ..support.servers import Server
from .booting import SERVERS, boot
from .environments import python_for
from .oracle import OFFERED, Answers, combinations, pairs, pairwise
from .rendering import alone

FEW_NAMES = ("driver", "primary_key", "auth", "jobs", "example", "container")
FEW = {name: OFFERED[name] for name in FEW_NAMES}
NEW = {"python_version": (pythons.RUNNING,), "ci": ("none",)}
VARIANTS = pairwise({**OFFERED, "python_version": pythons.here()} if DEEP else {**FEW, **NEW})


def cases() -> Iterator[ParameterSet]:
    """Yield each variant with a server for its driver; MariaDB and MySQL alternate."""
    known = servers.names()
    turns = {driver: cycle([n for n in of if n in known]) for driver, of in SERVERS.items()}
    for answers in VARIANTS:
        server = next(turns[str(answers["driver"])])
        words = [word.partition("=")[2] for word in alone(answers).split()[3:]]
        yield pytest.param(server, answers, id="-".join((server, *words)))


@pytest.mark.full
@pytest.mark.parametrize(("database", "answers"), list(cases()), indirect=["database"])
@pytest.mark.long
def test_a_variant_boots(database: Server, answers: Answers, tmp_path: Path) -> None:
    print(f"alone: {alone(answers)} --boot")
    boot(answers, database, tmp_path, python_for(str(answers["python_version"])))


def test_the_booted_variants_cover_every_pair_of_answers() -> None:
    booted = set[object]().union(*map(pairs, VARIANTS))
    names = [name for name in (OFFERED if DEEP else FEW) if name != "python_version"]
    for answers in combinations({name: OFFERED[name] for name in names}):
        assert pairs(answers) <= booted
