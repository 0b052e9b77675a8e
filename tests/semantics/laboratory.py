"""A rendered project with the app "lab" in it, the cases as its tests, and the cookbook's pages too."""

import json
import shutil
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..support import inside
from ..support.deep import DEEP
from ..support.inside import Report, modules
from ..support.projects import ROOT, Project, render
from ..support.servers import KINDS, Server
from .pages import as_tests

HERE = Path(__file__).parent
COOKBOOK = ROOT / "docs" / "cookbook"

NO_APPS = "INSTALLED_APPS: ClassVar[list[str]] = []"
APPS = {"asyncpg": ["lab", "archive"]}  # by driver; the others have the first

# Revisions that no comparison with the models writes, by the databases that they are for.
BY_HAND = {"book_counts": list(KINDS), "invoice_numbers": ["postgresql", "mariadb"]}


def quoted_file(path: str) -> Path:
    """Return the file that a page quotes, by its path in the project."""
    folder, _, rest = path.partition("/")
    folders = {"apps": HERE / "app", "migrations": HERE / "app/migrations", "tests": HERE / "cases"}
    return folders[folder] / rest


def cases(database: str) -> dict[str, str]:
    """Return the source of each test module for a database, by file name."""
    return {**modules(HERE / "cases"), **as_tests(COOKBOOK, database)}


def furnish(root: Path, *, driver: str, database: str | None = None) -> Path:
    """Render a project and put the laboratory into it: all pages, or those for a database."""
    render(root, driver=driver, auth=False, jobs=False)
    apps = APPS.get(driver, ["lab"])
    for app in apps:
        shutil.copytree(HERE / "app" / app, root / "my_service" / "apps" / app)
    shutil.copytree(HERE / "cases", root / "tests" / "semantics")
    for name, test in as_tests(COOKBOOK, database).items():
        (root / "tests" / "semantics" / name).write_text(test)
    settings = root / "my_service" / "settings.py"
    installed = NO_APPS.replace("[]", json.dumps(apps))
    installed += "\n    IDEMPOTENCY_KEYS: ClassVar[bool] = True"
    settings.write_text(settings.read_text().replace(NO_APPS, installed))
    return root


@contextmanager
def laboratory(server: Server, root: Path) -> Generator[Project]:
    """Create the project on an empty database; autogenerate writes its revision."""
    database = server.create_database()
    root = furnish(root, driver=server.driver, database=server.name)
    project = Project(root, database=database)
    try:
        project.manage("migrate")
        project.manage("makemigrations", "-m", "lab")
        for name in (name for name, databases in BY_HAND.items() if server.name in databases):
            write_revision(project, name)
        project.manage("migrate")
        project.manage("makemigrations", "--check")
        yield project
    finally:
        server.drop_database(database)


def write_revision(project: Project, name: str) -> None:
    """Write a revision by hand: an empty one, with the functions of a file of the laboratory."""
    project.manage("makemigrations", "--empty", "-m", name)
    [path] = project.root.glob(f"migrations/versions/*_{name}.py")
    heading, _, functions = (
        (HERE / "app/migrations/versions" / f"{name}.py").read_text().partition("\n\n")
    )
    docstring, _, rest = path.read_text().partition("\n\nrevision")
    numbers = rest.partition("\n\n\n")[0]
    path.write_text(f"{docstring}\n\n{heading}\n\nrevision{numbers}\n\n{functions}")


def run(project: Project, wanted: Sequence[str]) -> Report:
    """Run the named cases in one process, and return the failures of each."""
    profile = "deep" if DEEP else "quick"
    legible = ("-p", "no:schemathesis")  # whose plugin leaves the values out of counterexamples
    options = (f"--hypothesis-profile={profile}", *legible)
    return inside.run(project, "tests/semantics", wanted, *options)
