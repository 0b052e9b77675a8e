"""The laws of users and access on every database: the cases run inside a rendered project.

One case alone: `pytest tests/auth -k "sqlite and test_the_eleventh_try_is_refused"`.
"""

import pytest

from ..conftest import each_driver
from ..support import inside
from ..support.inside import Report, modules
from ..support.once import once
from ..support.servers import Server
from .workshop import HERE, run, workshop

pytestmark = pytest.mark.full

CASES = inside.names(modules(HERE / "cases"))


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


@each_driver
@pytest.mark.parametrize("case", CASES)
def test_the_law_holds(report: Report, case: str, database: Server) -> None:
    assert case in report, "the case did not run"
    assert report[case] == [], "\n".join(report[case])
