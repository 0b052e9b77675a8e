"""The laws of `manage.py`, on every database: the cases run inside a rendered project.

To run one case: `pytest tests/management -k "sqlite and test_a_taken_port_is_refused"`.
"""

import shutil
from pathlib import Path

import pytest

from ..support import inside
from ..support.inside import Report
from ..support.once import once
from ..support.projects import Project, render
from ..support.servers import Server

pytestmark = pytest.mark.full

CASES = Path(__file__).parent / "cases"


def furnish(root: Path, *, driver: str) -> Path:
    """Render a project and put the cases into it."""
    render(root, driver=driver, auth=False)
    shutil.copytree(
        CASES, root / "tests" / "management", ignore=shutil.ignore_patterns("__pycache__")
    )
    return root


@pytest.fixture(scope="session")
def report(
    database: Server, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Report:
    """The failures of each case; all selected cases run at once, for each database."""
    cases = inside.wanted(request.session, __file__, database=database.name)

    def work() -> Report:
        root = furnish(tmp_path_factory.mktemp("management") / "project", driver=database.driver)
        project = Project(root, database=database.create_database())
        assert project.database is not None
        try:
            return inside.run(project, "tests/management", cases)
        finally:
            database.drop_database(project.database)

    report: Report = once(f"management-{database.name}", work, tmp_path_factory)
    return report


@pytest.mark.parametrize("case", inside.names(inside.modules(CASES)))
def test_the_law_holds(report: Report, case: str) -> None:
    assert case in report, "the case did not run"
    assert report[case] == [], "\n".join(report[case])
