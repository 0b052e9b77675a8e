"""The data layer's laws, the same on every database: the cases run inside a rendered project.

One case alone: `pytest tests/semantics -k "sqlite and test_a_duplicate_is_told_apart"`.
"""

from collections.abc import Collection, Iterator

import pytest
from _pytest.mark import Mark, MarkDecorator, ParameterSet

from ..conftest import ALL
from ..support import inside
from ..support.inside import Report
from ..support.once import once
from ..support.servers import Server
from . import pages
from .laboratory import COOKBOOK, cases, laboratory, quoted_file, run

# Modules that wait for locks, deadlocks and cancelled requests.
WAITING = {"test_idempotency_keys.py", "test_locks.py", "test_retried_routes.py"}


def parameters(database: str, marks: Collection[Mark | MarkDecorator]) -> Iterator[ParameterSet]:
    """Yield each case for a database. The quick tier has none that wait or try random examples."""
    for module, source in cases(database).items():
        full = [pytest.mark.full] if "hypothesis" in source or module in WAITING else []
        for case in inside.names({module: source}):
            yield pytest.param(database, case, marks=[*marks, *full], id=f"{database}-{case}")


CASES = [case for one in ALL for case in parameters(str(one.values[0]), one.marks)]
QUOTES = [
    pytest.param(page.name, *quote, id=f"{page.stem}-{number}")
    for page in pages.pages(COOKBOOK)
    for number, block in enumerate(pages.blocks(page))
    if (quote := pages.quoted(block)) is not None
]


@pytest.fixture(scope="session")
def report(
    database: Server, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Report:
    """What failed in each case: all that this session wants of a database are run at once."""

    def work() -> Report:
        wanted = inside.wanted(request.session, __file__, database=database.name)
        with laboratory(database, tmp_path_factory.mktemp("laboratory") / "project") as project:
            return run(project, wanted)

    report: Report = once(f"semantics-{database.name}", work, tmp_path_factory)
    return report


@pytest.mark.parametrize(("database", "case"), CASES, indirect=["database"])
def test_the_law_holds(report: Report, case: str) -> None:
    assert case in report, "the case did not run"
    assert report[case] == [], "\n".join(report[case])


@pytest.mark.parametrize(("page", "path", "text"), QUOTES)
def test_the_cookbook_quotes_the_lab(page: str, path: str, text: str) -> None:
    assert text in quoted_file(path).read_text(), page
