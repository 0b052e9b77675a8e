"""The laws of mail and webhooks: the cases run inside a rendered project.

They do not depend on the database. To run one case: `pytest tests/mail -k test_a_refusal`.
"""

import json
import shutil
from pathlib import Path

import pytest

from ..support import inside
from ..support.inside import Report
from ..support.once import once
from ..support.projects import Project, render
from ..support.servers import Server

pytestmark = pytest.mark.full

HERE = Path(__file__).parent
NO_APPS = "INSTALLED_APPS: ClassVar[list[str]] = []"


def furnish(root: Path, driver: str = "aiosqlite") -> Path:
    """Render a project with jobs, and put the app and the cases into it."""
    render(root, driver=driver, auth=False)
    ignored = shutil.ignore_patterns("__pycache__")
    shutil.copytree(HERE / "app/letters", root / "my_service/apps/letters", ignore=ignored)
    shutil.copytree(HERE / "cases", root / "tests/mail", ignore=ignored)
    settings = root / "my_service/settings.py"
    installed = NO_APPS.replace("[]", json.dumps(["letters"]))
    settings.write_text(settings.read_text().replace(NO_APPS, installed))
    return root


@pytest.fixture(scope="session")
def report(
    sqlite: Server, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Report:
    """The failures of each case; all selected cases run at once."""
    cases = inside.wanted(request.session, __file__)

    def work() -> Report:
        root = furnish(tmp_path_factory.mktemp("mail") / "project")
        project = Project(root, database=sqlite.create_database())
        assert project.database is not None
        try:
            return inside.run(project, "tests/mail", cases)
        finally:
            sqlite.drop_database(project.database)

    report: Report = once("mail", work, tmp_path_factory)
    return report


@pytest.mark.parametrize("case", inside.names(inside.modules(HERE / "cases")))
def test_the_law_holds(report: Report, case: str) -> None:
    assert case in report, "the case did not run"
    assert report[case] == [], "\n".join(report[case])
