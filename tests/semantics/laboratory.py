"""A rendered project with the app "lab" in it, the cases as its tests, and the cookbook's pages too."""

import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from ..support.deep import DEEP
from ..support.projects import ROOT, Project, render
from ..support.servers import Server
from .pages import as_tests

HERE = Path(__file__).parent
LONGEST = 3600.0 if DEEP else 600.0  # seconds

NO_APPS = "INSTALLED_APPS: ClassVar[list[str]] = []"
THE_LAB = 'INSTALLED_APPS: ClassVar[list[str]] = ["lab"]'

Report = dict[str, list[str]]  # what failed, by the case


def furnish(root: Path, *, driver: str) -> Path:
    """Render a project and put the laboratory into it."""
    render(root, driver=driver, example=False)
    shutil.copytree(HERE / "app" / "lab", root / "my_service" / "apps" / "lab")
    shutil.copytree(HERE / "cases", root / "tests" / "semantics")
    for name, test in as_tests(ROOT / "docs" / "cookbook").items():
        (root / "tests" / "semantics" / name).write_text(test)
    settings = root / "my_service" / "settings.py"
    settings.write_text(settings.read_text().replace(NO_APPS, THE_LAB))
    return root


@contextmanager
def laboratory(server: Server, root: Path) -> Generator[Project]:
    """The project on an empty database of its own; autogenerate has written its revision."""
    database = server.create_database()
    project = Project(furnish(root, driver=server.driver), database=database)
    try:
        project.manage("migrate")
        project.manage("makemigrations", "-m", "lab")
        project.manage("migrate")
        yield project
    finally:
        server.drop_database(database)


def run(project: Project) -> Report:
    """Run the cases, all of them at once, and tell what failed in each."""
    results = project.root.parent / f"{project.root.name}.xml"
    profile = "deep" if DEEP else "quick"
    done = subprocess.run(
        [
            *(project.python, "-m", "pytest", "tests/semantics", "-q", "--tb=short"),
            *(f"--junitxml={results}", f"--hypothesis-profile={profile}"),
        ],
        cwd=project.root,
        env=project.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LONGEST,
        check=False,
    )
    assert results.exists(), done.stdout
    report: Report = defaultdict(list)
    for test in ElementTree.parse(results).iter("testcase"):
        case = test.get("classname", "").rpartition(".")[2] or test.get("name", "")
        report[case] += [
            f"{test.get('name')}: {outcome.tag}\n{outcome.text}"
            for outcome in test
            if outcome.tag in ("failure", "error", "skipped")
        ]
    assert done.returncode == 0 or any(report.values()), done.stdout
    return report
