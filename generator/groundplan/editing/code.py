"""Read Python by `ast`: which names it uses, defines and imports."""

import ast
from collections.abc import Iterable
from pathlib import Path


def absolute(module: str, folder: tuple[str, ...]) -> str:
    """Return the full name of a module that is written relative to a package."""
    name = module.lstrip(".")
    level = len(module) - len(name)
    if not level:
        return module
    return ".".join((*folder[: len(folder) - level + 1], *filter(None, [name])))


def relative(module: str, folder: tuple[str, ...]) -> str:
    """Return how a file of a package names a module of the same project."""
    parts = module.split(".")
    if parts[0] != folder[0]:
        return module
    shared = 0
    while shared < min(len(parts), len(folder)) and parts[shared] == folder[shared]:
        shared += 1
    return "." * (len(folder) - shared + 1) + ".".join(parts[shared:])


def used(text: str) -> set[str]:
    """Return the names that lines of a module use, and not those that they give."""
    names = (node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Name))
    return {name.id for name in names if isinstance(name.ctx, ast.Load)}


def defined(text: str, class_name: str | None = None) -> dict[str, str]:
    """Return the source of what a module defines, by name: functions, classes, variables.

    Args:
        class_name: a class of the module, whose own definitions are meant.
    """
    lines = text.split("\n")
    found: dict[str, str] = {}
    body = ast.parse(text).body
    if class_name is not None:
        classes = [node for node in body if isinstance(node, ast.ClassDef)]
        body = next(node.body for node in classes if node.name == class_name)
    for node in body:
        if name := name_defined(node):
            found[name] = "\n".join(lines[first_line(node) - 1 : node.end_lineno])
    return found


def body_of(file: Path) -> list[ast.stmt]:
    """Return the statements of a file; none if it is not valid Python, which an edit of it reports."""
    try:
        return ast.parse(file.read_bytes()).body
    except (SyntaxError, ValueError):
        return []


def defined_in(files: Iterable[Path]) -> set[str]:
    """Return the names that files define, apart from those that are not valid Python."""
    found: set[str] = set()
    for file in files:
        try:
            found |= defined(file.read_text(encoding="utf-8")).keys()
        except (SyntaxError, ValueError):
            continue
    return found


def classes_in(folder: Path, wanted: Iterable[str]) -> dict[str, list[Path]]:
    """Return the files below a folder that define classes, by the names of these."""
    found: dict[str, list[Path]] = {}
    names = [*wanted]
    for file in sorted(folder.rglob("*.py")):
        content = file.read_bytes()
        mentioned = {name for name in names if f"class {name}".encode() in content}
        try:
            module = ast.parse(content) if mentioned else None
        except (SyntaxError, ValueError):
            module = None  # the edit says so
        if module is not None:
            mentioned &= {node.name for node in module.body if isinstance(node, ast.ClassDef)}
        for name in mentioned:
            found.setdefault(name, []).append(file)
    return found


def name_defined(node: ast.stmt) -> str | None:
    """Return the name of a class, a function or an assignment; None for other statements."""
    match node:
        case ast.ClassDef(name) | ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
            return name
        case ast.Assign([ast.Name(name)]) | ast.AnnAssign(ast.Name(name)):
            return name
        case _:
            return None


def first_line(node: ast.stmt) -> int:
    """Return the number of a definition's first line, its decorators included."""
    decorators: list[ast.expr] = getattr(node, "decorator_list", [])
    return min([node.lineno, *(one.lineno for one in decorators)])


def import_lines(modules: dict[str, set[str]], folder: tuple[str, ...]) -> list[str]:
    """Write imports for a file of a package.

    Args:
        folder: the packages that the file is in; those below `tests` import by full names.
    """
    written = {
        module if folder[:1] == ("tests",) else relative(module, folder): names
        for module, names in modules.items()
    }
    return [f"from {one} import {', '.join(sorted(written[one]))}" for one in sorted(written)]


def imported(text: str, folder: tuple[str, ...]) -> dict[str, str]:
    """Return the names that a module imports, with the full names of their modules."""
    return {
        alias.name: absolute("." * node.level + (node.module or ""), folder)
        for node in ast.parse(text).body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
