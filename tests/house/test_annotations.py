"""No name of a class hides what its annotations mean: Python 3.14 evaluates them with these names."""

import ast
from pathlib import Path

import pytest

from ..support.projects import render

FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


@pytest.mark.parametrize("driver", ["aiosqlite", "asyncpg", "aiomysql"])
def test_no_method_hides_a_name_of_an_annotation(driver: str, tmp_path: Path) -> None:
    root = render(tmp_path / "project", driver=driver)
    hidden = [
        f"{path.relative_to(root)}: {node.name}.{name}"
        for path in root.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ClassDef)
        for name in methods(node) & annotating(node)
    ]
    assert hidden == []


def methods(node: ast.ClassDef) -> set[str]:
    return {it.name for it in node.body if isinstance(it, FUNCTION)}


def annotating(node: ast.ClassDef) -> set[str]:
    """Return the names that the annotations of a class's attributes use."""
    annotations = [it.annotation for it in node.body if isinstance(it, ast.AnnAssign)]
    return {it.id for each in annotations for it in ast.walk(each) if isinstance(it, ast.Name)}
