"""Imports go from higher to lower layers, without cycles."""

import subprocess
import sys
from pathlib import Path

import pytest

from ..support.projects import ROOT
from .imports import Graph, cycles, graph, layer_of, upward
from .layers import GENERATOR, PROJECT


@pytest.fixture
def project(root: Path) -> Graph:
    return graph(root / "my_service")


@pytest.fixture(scope="module")
def generator() -> Graph:
    return graph(ROOT / "generator/groundplan")


def test_no_module_of_a_project_imports_from_a_higher_layer(project: Graph) -> None:
    assert upward(project, PROJECT) == []


def test_a_project_has_no_import_cycles(project: Graph) -> None:
    assert cycles(project) == []


def test_core_never_imports_apps(project: Graph) -> None:
    assert [
        f"{module} imports {target}"
        for module, targets in project.items()
        for target in targets
        if module.startswith("core") and target.startswith("apps")
    ] == []


MODELS = """
import sys
from my_service.core.apps import import_models
from my_service.settings import settings
import_models(settings)
print(*sys.modules)
"""


@pytest.mark.full
def test_commands_import_the_log_of_the_admin_and_no_pages(default: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", MODELS], cwd=default, capture_output=True, text=True, check=True
    )
    loaded = done.stdout.split()
    assert "my_service.core.admin.models" in loaded
    assert "starlette_admin" not in loaded


def test_only_development_imports_development(root: Path, project: Graph) -> None:
    """`discovery` finds it by name; no other production module mentions the folder's modules."""
    assert [
        f"{module} imports {target}"
        for module, targets in project.items()
        for target in targets
        if target.startswith("core.development") and not module.startswith("core.development")
    ] == []
    outside = [root / "manage.py", root / "migrations/env.py", *root.glob("my_service/**/*.py")]
    assert [
        str(path.relative_to(root))
        for path in outside
        if "development" not in path.relative_to(root).parts
        and path.name != "discovery.py"
        and "core.development" in path.read_text()
    ] == []


def test_every_module_of_a_project_has_a_layer(project: Graph) -> None:
    unknown = [name for name in project if name and not layer_of(name, PROJECT)]
    assert set(unknown) <= {"core"}


def test_no_module_of_the_generator_imports_from_a_higher_layer(generator: Graph) -> None:
    assert upward(generator, GENERATOR) == []


def test_the_generator_has_no_import_cycles(generator: Graph) -> None:
    assert cycles(generator) == []


def test_every_module_of_the_generator_has_a_layer(generator: Graph) -> None:
    assert [name for name in generator if name and not layer_of(name, GENERATOR)] == []


def test_upward_imports_and_cycles_are_found() -> None:
    found: Graph = {"core.db": {"core.web"}, "core.web": {"core.db"}, "settings": set()}
    assert upward(found, PROJECT) == ["core.db imports core.web"]
    assert cycles(found) == [["core.db", "core.web"]]
