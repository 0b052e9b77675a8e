"""Private API of libraries is used only where docs/private-api.md lists it."""

import ast
import importlib
import re
import tomllib
from collections.abc import Collection, Iterator
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from .support.projects import ROOT, render

DRIVERS = ("aiosqlite", "asyncpg", "aiomysql")
# A library may change these in a minor version; the others do so in a major one.
CHANGES_IN_MINORS = {"alembic", "sqlalchemy"}
# Modules and members of modules that their library's reference does not describe.
UNDOCUMENTED = (
    "alembic.ddl",
    "alembic.util",
    "fastapi.dependencies.utils",
    "fastapi.routing.iter_route_contexts",
    "fastapi.utils",
    "sqlalchemy.util",
    "starlette.middleware.body_limit",
    "uvicorn.config",
    "uvicorn.protocols",
    "uvicorn.supervisors",
)
DOCUMENTED = {"_asdict", "_fields", "_make", "_replace"}  # of named tuples
BY_NAME = {"attrgetter", "delattr", "getattr", "hasattr", "setattr"}


class Use(NamedTuple):
    """A private or undocumented name, and the file that uses it."""

    file: str
    name: str


class Listed(NamedTuple):
    """A row of the table."""

    library: str
    use: Use


def listed() -> list[Listed]:
    text = (ROOT / "docs/private-api.md").read_text()
    rows = re.findall(r"^\| (\w+) \| `([\w.]+)` \| `([\w./]+)` \|", text, re.MULTILINE)
    return [Listed(library, Use(file, name)) for library, name, file in rows]


@pytest.fixture(scope="module")
def projects(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A project for each driver, and one with users."""
    folder = tmp_path_factory.mktemp("projects")
    users = render(folder / "users", example=False)
    return [users, *(render(folder / driver, driver=driver) for driver in DRIVERS)]


@pytest.mark.full
def test_every_private_use_is_listed(projects: list[Path]) -> None:
    assert used(projects) == {row.use for row in listed()}


def used(projects: list[Path]) -> set[Use]:
    """Return the uses in rendered code, with paths relative to the package."""
    found: set[Use] = set()
    for root in projects:
        trees = {path: ast.parse(path.read_text()) for path in root.rglob("*.py")}
        inherited = set[str]().union(*map(defined, trees.values()))
        for path, tree in trees.items():
            file = path.relative_to(root).as_posix().removeprefix("my_service/")
            found |= {Use(file, name) for name in private_names(tree, inherited)}
    return found


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("import sqlalchemy\nsqlalchemy._x", {"_x"}),
        ("from sqlalchemy import _x", {"_x"}),
        ("from sqlalchemy._x import y", {"_x"}),
        ("f(_x=1)", {"_x"}),
        ("getattr(thing, '_x')", {"_x"}),
        ("vars(thing).update(x=1)", {"vars"}),
        ("vars(thing)['x'] = 1", {"vars"}),
        ("vars(thing)['x']", set[str]()),
        ("from sqlalchemy.util import await_only", {"sqlalchemy.util.await_only"}),
        ("from sqlalchemy import util", {"sqlalchemy.util"}),
        ("import uvicorn.config", {"uvicorn.config"}),
        (
            "from sqlalchemy.pool import QueuePool\nclass P(QueuePool):\n def _do_get(self): pass",
            {"_do_get"},
        ),
        ("class P:\n def _x(self): self._x()", set[str]()),
        ("row._asdict()", set[str]()),
        ("self.__dict__.get('x')", set[str]()),
    ],
)
def test_a_private_use_is_found(source: str, names: set[str]) -> None:
    assert set(private_names(ast.parse(source))) == names


def private_names(tree: ast.Module, inherited: Collection[str] = ()) -> Iterator[str]:
    """Yield the private and undocumented names of libraries that a module uses.

    Args:
        tree: the parsed module.
        inherited: names that other modules of the project define; `self` may inherit them.
    """
    own = defined(tree) | DOCUMENTED
    for node in ast.walk(tree):
        for name in mentioned(node):
            known = name in own or (name in inherited and is_of_self(node))
            if is_private(name) and not known:
                yield name
        yield from undocumented(node)
    yield from overridden(tree)


def is_of_self(node: ast.AST) -> bool:
    """Whether a node is an attribute of `self` or `cls`."""
    match node:
        case ast.Attribute(value=ast.Name(id="self" | "cls")):
            return True
        case _:
            return False


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name != "_"


def defined(tree: ast.Module) -> set[str]:
    """Return the names that a module defines."""
    found: set[str] = set()
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                found.add(name)
            case ast.ClassDef(name=name) | ast.arg(arg=name):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()):
                found.add(name)
            case ast.Attribute(value=ast.Name(id="self" | "cls"), attr=name, ctx=ast.Store()):
                found.add(name)
            case _:
                pass
    return found


def mentioned(node: ast.AST) -> Iterator[str]:
    """Yield the names in a node that may belong to another module."""
    match node:
        case ast.Attribute(attr=name):
            yield name
        case ast.keyword(arg=str(name)):
            yield name
        case ast.ImportFrom(module=module, names=names):
            yield from (module or "").split(".")
            yield from (alias.name for alias in names)
        case ast.Import(names=names):
            for alias in names:
                yield from alias.name.split(".")
        case ast.Call(func=ast.Name(id=function), args=arguments) if function in BY_NAME:
            for argument in arguments:
                if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                    yield argument.value
        case _:
            pass


def undocumented(node: ast.AST) -> Iterator[str]:
    """Yield undocumented imports, and changes of an object through `vars()`."""
    match node:
        case ast.ImportFrom(module=str(module), names=names, level=0):
            imported = [f"{module}.{alias.name}" for alias in names]
        case ast.Import(names=names):
            imported = [alias.name for alias in names]
        case ast.Attribute(value=ast.Call(func=ast.Name(id="vars")), attr="update" | "pop"):
            yield "vars"
            return
        case ast.Subscript(value=ast.Call(func=ast.Name(id="vars")), ctx=ast.Store() | ast.Del()):
            yield "vars"
            return
        case _:
            return
    yield from (name for name in imported if f"{name}.".startswith(DOTTED))


DOTTED = tuple(f"{name}." for name in UNDOCUMENTED)


def overridden(tree: ast.Module) -> Iterator[str]:
    """Yield the private methods of a library's class that a class of the module overrides."""
    imported = {
        alias.asname or alias.name: (node.module, alias.name)
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and not node.level
        for alias in node.names
    }
    for node in ast.walk(tree):
        if not isinstance(node, ast.ClassDef):
            continue
        for base in node.bases:
            if not isinstance(base, ast.Name) or base.id not in imported:
                continue
            module, name = imported[base.id]
            if module.partition(".")[0] == "my_service":
                continue
            parent = getattr(importlib.import_module(module), name)
            for member in defined(ast.Module(body=node.body, type_ignores=[])):
                if is_private(member) and hasattr(parent, member):
                    yield member


def test_libraries_with_private_use_are_bounded_from_above(projects: list[Path]) -> None:
    for root in projects:
        found = requirements(root / "pyproject.toml", "project", "dependencies")
        for library in {row.library for row in listed()} & found.keys():
            requirement = found[library]
            (upper,) = [each.version for each in requirement.specifier if each.operator == "<"]
            (floor,) = [each.version for each in requirement.specifier if each.operator == ">="]
            assert Version(upper) == next_version(library, Version(floor))


def next_version(library: str, floor: Version) -> Version:
    """Return the first version in which a library may change undocumented names."""
    if library in CHANGES_IN_MINORS:
        return Version(f"{floor.major}.{floor.minor + 1}")
    return Version(str(floor.major + 1))


def test_the_tests_use_versions_within_the_bounds(projects: list[Path]) -> None:
    ours = requirements(ROOT / "pyproject.toml", "dependency-groups", "rendered")
    for root in projects:
        found = requirements(root / "pyproject.toml", "project", "dependencies")
        for library in {row.library for row in listed()} & found.keys():
            assert ours[library].specifier == found[library].specifier
            assert found[library].specifier.contains(version(library))


def requirements(file: Path, table: str, key: str) -> dict[str, Requirement]:
    """Return the requirements of a pyproject.toml by name."""
    lines = tomllib.loads(file.read_text())[table][key]
    return {found.name: found for found in map(Requirement, lines)}
