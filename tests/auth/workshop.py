"""A project rendered with the default answers, and the cases as its tests."""

import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..support import inside
from ..support.inside import Report
from ..support.projects import Project, render
from ..support.servers import Server

HERE = Path(__file__).parent


def furnish(root: Path, *, driver: str) -> Path:
    """Render a project, and put the cases into it."""
    render(root, driver=driver, admin=False)
    shutil.copytree(HERE / "cases", root / "tests/auth", ignore=shutil.ignore_patterns("__py*"))
    return root


@contextmanager
def workshop(server: Server, root: Path, **settings: str) -> Generator[Project]:
    """Create the project on an empty database.

    Args:
        settings: environment variables.
    """
    database = server.create_database()
    furnish(root, driver=server.driver)
    common = {"DB_SLOW_QUERY": "60", "SECRET_KEY": "a key for tests, which signs nothing else"}
    project = Project(root, database=database, settings={**common, **settings})
    try:
        project.manage("migrate")
        yield project
    finally:
        server.drop_database(database)


def run(project: Project, wanted: Sequence[str]) -> Report:
    """Run the named cases in one process, and return the failures of each."""
    return inside.run(project, "tests/auth", wanted)
