"""Read a project's source files with `ast`."""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

from ..errors import Refusal

BASES = frozenset({"Base", "BaseUser"})  # of models, in `core/db` and `core/auth`
# Bases in `core/db` without a primary key.
WITHOUT_ID = frozenset({"Base", "Slugged", "SoftDelete", "Timestamps", "Versioned"})


@dataclass(frozen=True)
class ModelSource:
    """A model in a source file.

    Attributes:
        table: the value of `__tablename__`, or None if the base derives it.
        names: the names that the class's body defines: columns, relationships, methods.
        bases: the names of its bases.
    """

    name: str
    file: Path
    table: str | None
    names: frozenset[str]
    bases: frozenset[str]

    @property
    def has_id(self) -> bool:
        """Whether it has the column `id`, as far as its file shows."""
        return "id" in self.names or not self.bases <= WITHOUT_ID


def answers(file: Path) -> dict[str, Any]:
    """Return the answers in an answers file.

    Raises:
        Refusal: the file cannot be read, or is not valid YAML.
    """
    import yaml

    try:
        read: object = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise _unreadable(file, error) from None
    return cast("dict[str, Any]", read) if isinstance(read, dict) else {}


def parse(file: Path) -> ast.Module:
    """Parse a Python file.

    Raises:
        Refusal: it cannot be read, or is not valid Python.
    """
    try:
        return ast.parse(file.read_bytes(), filename=str(file))
    except (OSError, SyntaxError, ValueError) as error:
        raise _unreadable(file, error) from None


def listed(tree: ast.Module, name: str) -> tuple[str, ...] | None:
    """Return the strings in a literal list that a module, or a class in it, assigns to a name."""
    for node in ast.walk(tree):
        value = assigned(node, name)
        if isinstance(value, ast.List | ast.Tuple):
            texts = [
                item.value
                for item in value.elts
                if isinstance(item, ast.Constant) and isinstance(item.value, str)
            ]
            return tuple(texts) if len(texts) == len(value.elts) else None
    return None


def public_names(tree: ast.Module) -> frozenset[str]:
    """Return the names in `__all__`, or those that the module imports `as` themselves."""
    imported = (one for node in tree.body if isinstance(node, ast.ImportFrom) for one in node.names)
    listed_names = listed(tree, "__all__")
    return frozenset(listed_names or (one.name for one in imported if one.asname == one.name))


def assigned(node: ast.AST, name: str) -> ast.expr | None:
    """Return the value that a statement assigns to a name, or None."""
    named = any(isinstance(target, ast.Name) and target.id == name for target in _targets(node))
    return node.value if named and isinstance(node, ast.Assign | ast.AnnAssign) else None


def models(app: Path) -> list[ModelSource]:
    """Return the models of an app, from `models.py` or the package `models/`.

    A model is a class with a base named `Base` or `BaseUser`, or with a base that is a model of
    the same app.

    Raises:
        Refusal: a file is not valid Python.
    """
    module, package = app / "models.py", app / "models"
    files = [module] if module.is_file() else sorted(package.rglob("*.py"))
    classes = [(node, file) for file in files for node in _classes(parse(file))]
    tables = set(BASES)
    while new := {node.name for node, _ in classes if tables & _bases(node)} - tables:
        tables |= new
    return [
        ModelSource(
            node.name,
            file,
            _text(node, "__tablename__"),
            frozenset(_names(node)),
            frozenset(_bases(node)),
        )
        for node, file in classes
        if node.name in tables - BASES and not _is_abstract(node)
    ]


def addresses(app: Path) -> set[str]:
    """Return the paths of an app's routes below `/api`, as in `/products/{}`.

    Raises:
        Refusal: a file is not valid Python.
    """
    found = set[str]()
    for file in [*app.glob("routes.py"), *(app / "routes").rglob("*.py")]:
        tree = parse(file)
        prefixes = {
            target.id: prefix
            for node in tree.body
            for target in _targets(node)
            if isinstance(target, ast.Name) and (prefix := _prefix(node)) is not None
        }
        for node in ast.walk(tree):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id=router)),
                    args=[ast.Constant(value=str(path)), *_],
                ) if router in prefixes:
                    found.add(re.sub(r"{[^}]*}", "{}", prefixes[router] + path))
                case _:
                    pass
    return found


def inherited(name: str, *files: Path) -> dict[str, str]:
    """Return the inherited attributes of a class, and the base that each comes from.

    Args:
        name: the class's name.
        files: the files of the class and its bases. Other bases are ignored.

    Raises:
        Refusal: a file is not valid Python.
    """
    classes = {node.name: node for file in files for node in _classes(parse(file))}
    found: dict[str, str] = {}
    waiting = [*_bases(classes[name])] if name in classes else []
    while waiting:
        base = classes.pop(waiting.pop(), None)
        if base is not None:
            found |= dict.fromkeys(_names(base), base.name)
            waiting += _bases(base)
    return found


def _classes(tree: ast.Module) -> Iterator[ast.ClassDef]:
    return (node for node in tree.body if isinstance(node, ast.ClassDef))


def _bases(node: ast.ClassDef) -> set[str]:
    bases = (base.value if isinstance(base, ast.Subscript) else base for base in node.bases)
    return {
        base.attr if isinstance(base, ast.Attribute) else base.id
        for base in bases
        if isinstance(base, ast.Attribute | ast.Name)
    }


def _is_abstract(node: ast.ClassDef) -> bool:
    values = (assigned(statement, "__abstract__") for statement in node.body)
    return any(isinstance(value, ast.Constant) and value.value is True for value in values)


def _text(node: ast.ClassDef, name: str) -> str | None:
    for statement in node.body:
        value = assigned(statement, name)
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            return value.value
    return None


def _names(node: ast.ClassDef) -> Iterator[str]:
    for statement in node.body:
        if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            yield statement.name
        else:
            yield from (target.id for target in _targets(statement) if isinstance(target, ast.Name))


def _prefix(node: ast.stmt) -> str | None:
    """Return the prefix of the router that a statement assigns, or None."""
    match node:
        case ast.Assign(value=ast.Call(keywords=keywords)):
            given = [one.value for one in keywords if one.arg == "prefix"]
            text = getattr(given[0], "value", None) if given else ""
            return text if isinstance(text, str) else None
        case _:
            return None


def _targets(node: ast.AST) -> Iterable[ast.expr]:
    if isinstance(node, ast.Assign):
        return node.targets
    return [node.target] if isinstance(node, ast.AnnAssign) else []


def _unreadable(file: Path, error: Exception) -> Refusal:
    reason = str(error).partition("\n")[0]
    problem = f"{str(file)!r} cannot be read: {reason}"
    return Refusal(problem, "Correct the file, or restore it from git.")
