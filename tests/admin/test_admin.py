"""The admin on every database: the cases run inside a rendered project.

One case alone: `pytest tests/admin -k "sqlite and test_the_last_superuser_stays"`.
"""

import shutil
from pathlib import Path

import pytest

from ..support import inside
from ..support.inside import Report, modules
from ..support.once import once
from ..support.projects import SECRET_KEY, Project, render
from ..support.servers import Server

pytestmark = pytest.mark.full

HERE = Path(__file__).parent
CASES = inside.names(modules(HERE / "cases"))


def furnish(root: Path, *, driver: str) -> Path:
    """Render a project, whose default is the admin, and put the cases into it."""
    render(root, driver=driver)
    shutil.copytree(HERE / "cases", root / "tests/admin", ignore=shutil.ignore_patterns("__py*"))
    return root


@pytest.fixture(scope="session")
def report(
    database: Server, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Report:
    """The failures of each case; all selected cases of a database run at once."""
    wanted = inside.wanted(request.session, __file__, database=database.name)

    def work() -> Report:
        url = database.create_database()
        root = furnish(tmp_path_factory.mktemp("admin") / "project", driver=database.driver)
        project = Project(root, database=url, settings={"SECRET_KEY": SECRET_KEY})
        try:
            return inside.run(project, "tests/admin", wanted)
        finally:
            database.drop_database(url)

    report: Report = once(f"admin-{database.name}", work, tmp_path_factory)
    return report


@pytest.mark.parametrize("case", CASES)
def test_the_admin_works(report: Report, case: str, database: Server) -> None:
    assert case in report, "the case did not run"
    assert report[case] == [], "\n".join(report[case])
