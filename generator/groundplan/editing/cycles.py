"""Whether a module imports another, directly or through others of the project."""

import ast
from collections.abc import Iterator
from pathlib import Path

from .code import absolute, body_of


def reaches(root: Path, file: Path, wanted: Path) -> bool:
    """Whether importing one file of a project imports another.

    Imports within functions or under `if TYPE_CHECKING` do not count.
    """
    seen: set[Path] = set()
    waiting = [file]
    while waiting:
        one = waiting.pop()
        if one == wanted:
            return True
        if one not in seen:
            seen.add(one)
            waiting += _imported(root, one)
    return False


def _imported(root: Path, file: Path) -> Iterator[Path]:
    folder = file.relative_to(root).parent.parts
    for node in body_of(file):
        if isinstance(node, ast.ImportFrom):
            module = absolute("." * node.level + (node.module or ""), folder)
            names = [module, *(f"{module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        for name in names:
            place = root.joinpath(*name.split("."))
            for found in (place.with_suffix(".py"), place / "__init__.py"):
                if found.is_file():
                    yield found
