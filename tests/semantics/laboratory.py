"""A rendered project with the app "lab" in it, the cases as its tests, and the cookbook's pages too."""

import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..support import inside
from ..support.deep import DEEP
from ..support.inside import Report, modules
from ..support.projects import ROOT, Project, render
from ..support.servers import Server
from .pages import as_tests

HERE = Path(__file__).parent
COOKBOOK = ROOT / "docs" / "cookbook"

NO_APPS = "INSTALLED_APPS: ClassVar[list[str]] = []"
THE_LAB = 'INSTALLED_APPS: ClassVar[list[str]] = ["lab"]'


def cases() -> dict[str, str]:
    """Return the source of each test module of the laboratory, by file name."""
    return {**modules(HERE / "cases"), **as_tests(COOKBOOK)}


def furnish(root: Path, *, driver: str) -> Path:
    """Render a project and put the laboratory into it."""
    render(root, driver=driver, example=False)
    shutil.copytree(HERE / "app" / "lab", root / "my_service" / "apps" / "lab")
    shutil.copytree(HERE / "cases", root / "tests" / "semantics")
    for name, test in as_tests(COOKBOOK).items():
        (root / "tests" / "semantics" / name).write_text(test)
    settings = root / "my_service" / "settings.py"
    settings.write_text(settings.read_text().replace(NO_APPS, THE_LAB))
    return root


@contextmanager
def laboratory(server: Server, root: Path) -> Generator[Project]:
    """Create the project on an empty database; autogenerate writes its revision."""
    database = server.create_database()
    project = Project(furnish(root, driver=server.driver), database=database)
    try:
        project.manage("migrate")
        project.manage("makemigrations", "-m", "lab")
        project.manage("migrate")
        project.manage("makemigrations", "--check")
        yield project
    finally:
        server.drop_database(database)


def run(project: Project, wanted: Sequence[str]) -> Report:
    """Run the named cases in one process, and return the failures of each."""
    profile = "deep" if DEEP else "quick"
    legible = ("-p", "no:schemathesis")  # whose plugin leaves the values out of counterexamples
    options = (f"--hypothesis-profile={profile}", *legible)
    return inside.run(project, "tests/semantics", wanted, *options)
