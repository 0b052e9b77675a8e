"""A rendered project with the app "lab" in it, the cases as its tests, and the cookbook's pages too."""

import ast
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ..support.deep import DEEP
from ..support.projects import ROOT, Project, render
from ..support.servers import Server
from .pages import as_tests

HERE = Path(__file__).parent
COOKBOOK = ROOT / "docs" / "cookbook"
LONGEST = 3600.0 if DEEP else 600.0  # seconds

NO_APPS = "INSTALLED_APPS: ClassVar[list[str]] = []"
THE_LAB = 'INSTALLED_APPS: ClassVar[list[str]] = ["lab"]'

Report = dict[str, list[str]]  # failures by case; a case that did not run is missing


def modules() -> dict[str, str]:
    """Return the source of each test module of the laboratory, by file name."""
    cases = {path.name: path.read_text() for path in sorted((HERE / "cases").glob("test_*.py"))}
    return {**cases, **as_tests(COOKBOOK)}


def cases() -> list[str]:
    """Return the name of each case, such as "test_pool.py::test_the_longest_waiter_is_next"."""
    return [
        f"{name}::{node.name}"
        for name, source in modules().items()
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")
    ]


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


def run(project: Project, names: Sequence[str]) -> Report:
    """Run the named cases in one process, and return the failures of each."""
    results = project.root.parent / f"{project.root.name}.xml"
    profile = "deep" if DEEP else "quick"
    done = subprocess.run(
        [
            *(project.python, "-m", "pytest", "-q", "--tb=short"),
            *(f"--junitxml={results}", f"--hypothesis-profile={profile}"),
            *(f"tests/semantics/{name}" for name in names),
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
        module = test.get("classname", "").rpartition(".")[2]
        name = test.get("name", "").partition("[")[0]
        report[f"{module}.py::{name}"] += [
            f"{test.get('name')}: {outcome.tag}\n{outcome.text}"
            for outcome in test
            if outcome.tag in ("failure", "error", "skipped")
        ]
    assert done.returncode in (0, 1), done.stdout  # 2 and above: some module was not collected
    return report
