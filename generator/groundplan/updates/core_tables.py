"""Find the tables of `core` that an update changes: the service then needs a revision."""

import ast
from collections.abc import Iterator

from ..git import Git


def changed(git: Git, before: str, after: str, package: str) -> list[str]:
    """Return the modules of `core` whose tables an update adds, changes or removes.

    Args:
        git: the repository of both trees.
        before: the tree of the service's version of the template.
        after: the tree of the new version.
        package: the service's import name.
    """
    paths = f":(glob){package}/core/*/models.py"
    listed = git.lines("diff-tree", "-r", "-z", "--name-only", before, after, "--", paths)
    return [path for path in listed if path and _in(git, before, path) != _in(git, after, path)]


def _in(git: Git, tree: str, path: str) -> list[str]:
    """Return what a module of a tree defines, without docstrings and functions."""
    name = f"{tree}:{path}"
    source = git("cat-file", "blob", name) if git.succeeds("cat-file", "-e", name) else ""
    return [ast.dump(node) for node in _definitions(ast.parse(source).body)]


def _definitions(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    for node in body:
        if isinstance(node, ast.ClassDef):
            node.body = list(_definitions(node.body))
            yield node
        elif isinstance(node, ast.Assign | ast.AnnAssign):
            yield node
