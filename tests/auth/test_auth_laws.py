"""The laws of users and access on every database: the cases run inside a rendered project.

One case alone: `pytest tests/auth -k "sqlite and test_the_eleventh_try_is_refused"`.
"""

import sys
from pathlib import Path

import pytest

from ..support import inside
from ..support.inside import Report, modules
from ..support.once import once
from ..support.projects import Project
from ..support.servers import Server
from .workshop import HERE, furnish, run, workshop

pytestmark = pytest.mark.full

BIN = Path(sys.executable).parent
CASES = inside.names(modules(HERE / "cases"))
EXCUSED = "S105,S106,S107"  # the cases' passwords are their own


@pytest.fixture(scope="session")
def report(
    database: Server, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Report:
    """The failures of each case; all selected cases of a database run at once."""
    wanted = inside.wanted(request.session, __file__, database=database.name)

    def work() -> Report:
        with workshop(database, tmp_path_factory.mktemp("workshop") / "project") as project:
            return run(project, wanted)

    report: Report = once(f"auth-{database.name}", work, tmp_path_factory)
    return report


@pytest.mark.parametrize("case", CASES)
def test_the_law_holds(report: Report, case: str, database: Server) -> None:
    assert case in report, "the case did not run"
    assert report[case] == [], "\n".join(report[case])


def test_the_cases_are_clean_code(tmp_path: Path) -> None:
    project = Project(furnish(tmp_path / "project", driver="asyncpg"))
    project.run(BIN / "ruff", "check", "--no-cache", "--extend-ignore", EXCUSED)
    project.run(BIN / "ruff", "format", "--check", "--no-cache")
    project.run(BIN / "mypy", "--strict")
    project.run(BIN / "pyright", "--pythonpath", sys.executable)
