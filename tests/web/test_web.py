"""The web layer's laws: the cases run inside a rendered project.

They do not depend on the database; cases that do are in `tests/semantics`. To run one case:
`pytest tests/web -k test_a_sane_request_id`.
"""

import shutil
from pathlib import Path

import pytest

from ..support import inside
from ..support.inside import Report
from ..support.once import once
from ..support.projects import Project, render
from ..support.servers import Server

CASES = Path(__file__).parent / "cases"


def furnish(root: Path) -> Path:
    """Render a project and put the cases into it."""
    render(root, auth=False)
    shutil.copytree(CASES, root / "tests" / "web", ignore=shutil.ignore_patterns("__pycache__"))
    return root


@pytest.fixture(scope="session")
def report(
    sqlite: Server, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Report:
    """The failures of each case; all selected cases run at once."""
    cases = inside.wanted(request.session, __file__)

    def work() -> Report:
        root = furnish(tmp_path_factory.mktemp("web") / "project")
        project = Project(root, database=sqlite.create_database())
        assert project.database is not None
        try:
            return inside.run(project, "tests/web", cases)
        finally:
            sqlite.drop_database(project.database)

    report: Report = once("web", work, tmp_path_factory)
    return report


@pytest.mark.parametrize("case", inside.names(inside.modules(CASES)))
def test_the_law_holds(report: Report, case: str) -> None:
    assert case in report, "the case did not run"
    assert report[case] == [], "\n".join(report[case])
