"""Every change of the corpus keeps what should survive, on every database."""

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest

from ..support.deep import DEEP
from ..support.servers import Server
from . import corpus, cycles, edges, keys, kinds, names, options, scenarios, structures, texts
from .corpus import Case
from .findings import ALL
from .lab import Lab, differing

CASES = [
    *corpus.COLUMNS,
    *corpus.TYPES,
    *corpus.NULLS,
    *structures.CONSTRAINTS,
    *structures.REFERENCES,
    *structures.TABLES,
    *keys.PRIMARY_KEYS,
    *keys.TYPES_OF_KEYS,
    *keys.BACK,
    *options.OPTIONS,
    *names.NAMES,
    *kinds.KINDS,
    *scenarios.SCENARIOS,
    *cycles.CYCLES,
    *edges.EDGES,
    *texts.TEXTS,
]
# All changes at once, in one revision; with GROUNDPLAN_DEEP=1 also one by one. A new table is beside each:
# `makemigrations` only asks whether a table was renamed if there is one.
[NEW] = (case for case in CASES if case.name == "add_table")
ALONE = {case.name: [case, NEW] for case in CASES if case is not NEW}
GROUPS = {"all": CASES} | (ALONE if DEEP else {})

LINT = """
import json, sys
from my_service.core.development.linter import lint
print(json.dumps([(found.id, found.subject) for found in lint(open(sys.argv[1]).read())]))
"""


def test_the_corpus_is_large() -> None:
    assert len({case.name for case in CASES}) >= 130


@pytest.mark.full
@pytest.mark.parametrize("cases", GROUPS.values(), ids=GROUPS)
@pytest.mark.long
def test_a_change_keeps_what_should_survive(
    project: Lab, database: Server, cases: Sequence[Case], tmp_path: Path
) -> None:
    cases = [case for case in cases if database.name in case.databases]
    if not cases:
        return
    answers = tmp_path / "answers.toml"
    answers.write_text(corpus.answers(cases))
    project.begin(corpus.module(cases, "before"))
    for case in cases:
        project.fill(case.rows)
    first = len(project.versions)
    project.models(corpus.module(cases, "after"))
    project.manage("makemigrations", "--answers", str(answers))
    project.manage("migrate")
    assert differing(project, cases) == {}
    project.manage("makemigrations", "--check")
    for case in cases:
        project.fill(case.later)

    project.manage("migrate", "-1")
    (revision,) = project.versions[first:]
    aside = revision.rename(tmp_path / revision.name)
    project.models(corpus.module(cases, "before"))
    project.manage("makemigrations", "--check")
    aside.rename(revision)
    project.models(corpus.module(cases, "after"))
    project.manage("migrate")
    project.manage("makemigrations", "--check")
    assert linted(project, revision, cases) == {
        case.name: case.lint.get(database.name, lint_of(case, database)) for case in cases
    }


def lint_of(case: Case, database: Server) -> set[str]:
    return case.lint.get(ALL, set())


def linted(project: Lab, revision: Path, cases: Sequence[Case]) -> dict[str, set[str]]:
    """The linter's findings, by case."""
    out = project.run(project.python, "-c", LINT, revision).stdout
    found: list[tuple[str, str]] = json.loads(out)
    return {
        case.name: {
            id
            for id, subject in found
            if any(re.search(rf"\b{name}\b", subject) for name in tables(case))
        }
        for case in cases
    }


def tables(case: Case) -> set[str]:
    """The names of a case's tables, old and new."""
    told = [*case.rows, *case.renames, *case.renames.values()]
    return {case.name, *(re.split(r"[ .]", name)[0] for name in told)} - {""}
