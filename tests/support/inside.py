"""Cases: test modules that run inside a rendered project, by its own Python and its own fixtures."""

import ast
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

import pytest

from . import forking
from .deep import DEEP
from .projects import Project

LONGEST = 3600.0 if DEEP else 600.0  # seconds

Report = dict[str, list[str]]  # failures by case; a case that did not run is missing


def modules(folder: Path) -> dict[str, str]:
    """Return the source of each test module in a folder, by file name."""
    return {path.name: path.read_text() for path in sorted(folder.glob("test_*.py"))}


def names(sources: Mapping[str, str]) -> list[str]:
    """Return the name of each case, such as "test_pool.py::test_the_longest_waiter_is_next"."""
    return [f"{module}::{test}" for module, source in sources.items() for test in _tests(source)]


@cache
def _tests(source: str) -> tuple[str, ...]:
    return tuple(
        node.name
        for node in ast.parse(source).body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test")
    )


def wanted(session: pytest.Session, tests: str, **parameters: str) -> list[str]:
    """Return the cases that a session runs: the parameter `case` of tests with the fixture `report`.

    Args:
        tests: the `__file__` of the module with the tests.
        parameters: further parameters that these tests must have.
    """
    return [
        str(item.callspec.params["case"])
        for item in session.items
        if isinstance(item, pytest.Function)
        and item.path == Path(tests)
        and "report" in item.fixturenames
        and parameters.items() <= item.callspec.params.items()
    ]


def run(project: Project, folder: str, cases: Sequence[str], *options: str) -> Report:
    """Run cases in one process, and return the failures of each.

    Args:
        folder: the folder in the project that contains the cases.
        cases: the names of the cases.
        options: options for pytest.
    """
    results = project.root.parent / f"{project.root.name}.xml"
    command: list[str | Path] = [
        *(project.python, "-m", "pytest", "-q", "--tb=short", f"--junitxml={results}"),
        *options,
        *(f"{folder}/{case}" for case in cases),
    ]
    done = forking.run(command, cwd=project.root, env=project.environment(), limit=LONGEST)
    assert results.exists(), done.stdout + done.stderr
    report: Report = defaultdict(list)
    for test in ElementTree.parse(results).iter("testcase"):
        module = test.get("classname", "").rpartition(".")[2]
        name = test.get("name", "").partition("[")[0]
        report[f"{module}.py::{name}"] += [
            f"{test.get('name')}: {outcome.tag}\n{outcome.text}"
            for outcome in test
            if outcome.tag in ("failure", "error", "skipped")
        ]
    assert done.returncode in (0, 1), (
        done.stdout + done.stderr
    )  # 2 and above: a module was not collected
    return report
