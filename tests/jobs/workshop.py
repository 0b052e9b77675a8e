"""A rendered project with jobs and the app "errands" in it, and the cases as its tests."""

import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..support import inside
from ..support.inside import Report
from ..support.projects import Project, render
from ..support.servers import Server

HERE = Path(__file__).parent
NO_APPS = "INSTALLED_APPS: ClassVar[list[str]] = []"


def furnish(root: Path, *, driver: str) -> Path:
    """Render a project, and put the app and the cases into it."""
    render(root, driver=driver, auth=False)
    shutil.copytree(HERE / "app/errands", root / "my_service/apps/errands")
    shutil.copytree(HERE / "cases", root / "tests/jobs")
    for script in HERE.joinpath("inside").glob("*.py"):
        shutil.copy(script, root)
    settings = root / "my_service/settings.py"
    installed = NO_APPS.replace("[]", '["errands"]')
    settings.write_text(settings.read_text().replace(NO_APPS, installed))
    return root


@contextmanager
def workshop(server: Server, root: Path) -> Generator[Project]:
    """Create the project on an empty database; autogenerate writes what no revision has yet."""
    database = server.create_database()
    furnish(root, driver=server.driver)
    quiet = {"DB_SLOW_QUERY": "60", "JOBS_LEASE": "2"}
    project = Project(root, database=database, settings=quiet)
    try:
        project.manage("migrate")
        project.manage("makemigrations", "-m", "errands")
        project.manage("migrate")
        project.manage("makemigrations", "--check")
        yield project
    finally:
        server.drop_database(database)


def run(project: Project, wanted: Sequence[str]) -> Report:
    """Run the named cases in one process, and return the failures of each."""
    return inside.run(project, "tests/jobs", wanted)
