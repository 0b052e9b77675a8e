"""The names that inserted lines need, imported where the file imports such names."""

import ast
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import libcst as cst

from ..resources.importing import CORE, PYDANTIC, SQLALCHEMY, STANDARD
from ..resources.layout import imports, rank
from .source import Source, Unsafe

OTHERS = {
    "ModelFactory": "polyfactory.factories.pydantic_factory",
    "Use": "polyfactory",
    "AsyncClient": "httpx",
    "pytest": "",
}
LINE = 100


def origins(package: str, app: str) -> dict[str, str]:
    """Return the modules that known names come from: `Key` from `my_service.core.db`."""
    found = dict(OTHERS)
    for modules in (STANDARD, SQLALCHEMY, PYDANTIC, CORE):
        for module, names in modules.items():
            found |= dict.fromkeys(names, absolute(module, (package, "apps", app)))
    return found


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


def defined(text: str) -> dict[str, str]:
    """Return what a module defines, by names: functions, classes and what is assigned."""
    lines = text.split("\n")
    found: dict[str, str] = {}
    for node in ast.parse(text).body:
        match node:
            case ast.ClassDef(name) | ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
                pass
            case ast.Assign([ast.Name(name)]) | ast.AnnAssign(ast.Name(name)):
                pass
            case _:
                continue
        decorators = getattr(node, "decorator_list", [])
        first = min(one.lineno for one in (node, *decorators))
        found[name] = "\n".join(lines[first - 1 : node.end_lineno])
    return found


@dataclass(frozen=True)
class Bound:
    """A name that a module has: imported from another, or its own where that is None."""

    module: str | None = None
    original: str | None = None
    only_for_types: bool = False


class Names:
    """The names of a module, and the imports that are added to it.

    Args:
        folder: the packages that the file is in, from the project's down; empty for tests.
    """

    def __init__(self, source: Source, root: Path) -> None:
        self.source = source
        self.folder = source.file.relative_to(root).parent.parts
        self.bound = dict(self._bound(source.tree.body, only_for_types=False))
        self._added: dict[str, set[str]] = {}

    def _bound(
        self, body: Iterable[ast.stmt], *, only_for_types: bool
    ) -> Iterator[tuple[str, Bound]]:
        for node in body:
            match node:
                case ast.ImportFrom(module, names, level):
                    full = absolute("." * level + (module or ""), self.folder)
                    for alias in names:
                        bound = Bound(full, alias.name, only_for_types)
                        yield alias.asname or alias.name, bound
                case ast.Import(names):
                    for alias in names:
                        yield (alias.asname or alias.name.partition(".")[0]), Bound(alias.name)
                case ast.ClassDef(name) | ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
                    yield name, Bound()
                case ast.If():
                    typing = only_for_types or "TYPE_CHECKING" in ast.unparse(node.test)
                    yield from self._bound(node.orelse, only_for_types=only_for_types)
                    yield from self._bound(node.body, only_for_types=typing)
                case ast.Try():
                    for part in (node.body, *(one.body for one in node.handlers), node.orelse):
                        yield from self._bound(part, only_for_types=only_for_types)
                case _:
                    for child in ast.walk(node):
                        if isinstance(child, ast.Name) and isinstance(child.ctx, ast.Store):
                            yield child.id, Bound()

    def has(self, name: str, module: str) -> bool:
        """Whether a name is there, and is what a module gives.

        Raises:
            Unsafe: it is there, and is something else.
        """
        bound = self.bound.get(name)
        if bound is None:
            return False
        same = bound.original == name and (bound.module == module or name[0].isupper())
        if not same or bound.only_for_types:
            reason = "is for type checkers alone" if same else "means something else"
            raise Unsafe(f"{name} {reason} in it")
        return True

    def need(self, names: Iterable[str], origin: dict[str, str]) -> None:
        """Import names that are not there yet; those of no known origin are builtins or the file's.

        Raises:
            Unsafe: one of them is something else in this file.
        """
        for name in sorted(names):
            if name in origin and not self.has(name, origin[name]):
                self._added.setdefault(origin[name], set()).add(name)

    def _written(self, module: str) -> str:
        return relative(module, self.folder) if self.folder[:1] != ("tests",) else module

    def apply(self) -> None:
        """Insert the imports."""
        for module in sorted(self._added, key=lambda one: self._key(self._written(one))):
            names = self._added[module]
            there = next((node for node in self._froms() if self._of(node) == module), None)
            if there is None:
                self._insert_line(module, names)
            else:
                self._extend(there, names)

    def _head(self) -> list[cst.SimpleStatementLine]:
        """The imports at the top of the module, up to the first other statement."""
        found: list[cst.SimpleStatementLine] = []
        for number, line in enumerate(self.source.module.body):
            if not isinstance(line, cst.SimpleStatementLine):
                break
            if isinstance(line.body[0], cst.Import | cst.ImportFrom):
                found.append(line)
            elif not (number == 0 and isinstance(line.body[0], cst.Expr)):
                break
        return found

    def _froms(self) -> Iterator[cst.ImportFrom]:
        for line in self._head():
            for node in line.body:
                if isinstance(node, cst.ImportFrom) and not isinstance(node.names, cst.ImportStar):
                    yield node

    def _of(self, node: cst.ImportFrom) -> str:
        return absolute(self._as_written(node), self.folder)

    def _as_written(self, node: cst.ImportFrom) -> str:
        name = self.source.text(node.module) if node.module is not None else ""
        return "." * len(node.relative) + name

    def _extend(self, node: cst.ImportFrom, names: set[str]) -> None:
        """Add names to an import: in its line while that has room, else one a line."""
        aliases = node.names
        assert not isinstance(aliases, cst.ImportStar)
        source = self.source
        written = {self.source.text(alias): rank(self.source.text(alias.name)) for alias in aliases}
        if node.lpar is None:
            everything = sorted([*written, *names], key=lambda name: written.get(name, rank(name)))
            start, end = source.start(aliases[0]), source.end(node)
            flat = ", ".join(everything)
            column = start - source.line_start(start)
            if column + len(flat) > LINE:
                flat = "(\n" + "".join(f"    {name},\n" for name in everything) + ")"
            source.replace(start, end, flat)
            return
        for name in sorted(names, key=rank):
            self._insert_name(node, name)

    def _insert_name(self, node: cst.ImportFrom, name: str) -> None:
        """Add a name within brackets, parted from its neighbour as that is from its own."""
        aliases = node.names
        assert not isinstance(aliases, cst.ImportStar)
        source = self.source
        after = [one for one in aliases if rank(source.text(one.name)) > rank(name)]
        if after:
            start = source.start(after[0])
            margin = source.content[source.line_start(start) : start]
            between = f"\n{margin.decode()}" if not margin.strip() else " "
            source.insert(start, f"{name},{between}")
            return
        last = aliases[-1]
        start, end = source.start(last), source.end(last)
        margin = source.content[source.line_start(start) : start]
        between = f"\n{margin.decode()}" if not margin.strip() else " "
        if isinstance(last.comma, cst.Comma):
            stop = source.content.index(b",", end) + 1
            if between == " ":
                source.insert(stop, f" {name},")
            else:
                source.insert_below(stop, f"{margin.decode()}{name},")
        else:
            source.insert(end, f",{between}{name}")

    def _insert_line(self, module: str, names: set[str]) -> None:
        written = self._written(module)
        text = imports({written: names})
        key = self._key(written)
        source = self.source
        head = [(self._key_of(line), line) for line in self._head()]
        before = [line for other, line in head if other < key]
        after = [line for other, line in head if other >= key]
        if before and (not after or self._key_of(before[-1])[0] == key[0]):
            gap = "" if self._key_of(before[-1])[0] == key[0] else "\n"
            source.insert_below(source.end(before[-1]), gap + text)
        elif after and (self._key_of(after[0])[0] == key[0] or not before):
            gap = "" if self._key_of(after[0])[0] == key[0] else "\n"
            source.insert(source.above_comments(source.start(after[0])), f"{text}{gap}\n")
        elif before:
            source.insert_below(source.end(before[-1]), f"\n{text}")
        else:
            self._insert_first(text)

    def _insert_first(self, text: str) -> None:
        """Insert an import into a module that has none."""
        body = self.source.module.body
        first = body[0] if body else None
        if isinstance(first, cst.SimpleStatementLine) and isinstance(first.body[0], cst.Expr):
            self.source.insert_below(self.source.end(first), f"\n{text}")
        elif first is not None:
            self.source.insert(0, f"{text}\n\n\n")
        else:
            self.source.insert(0, f"{text}\n")

    def _key_of(self, line: cst.SimpleStatementLine) -> tuple[int, int, str]:
        node = line.body[0]
        if isinstance(node, cst.ImportFrom):
            return self._key(self._as_written(node))
        assert isinstance(node, cst.Import)
        section, _, name = self._key(self.source.text(node.names[0].name))
        return section, 0, name

    def _key(self, module: str) -> tuple[int, int, str]:
        """Where an import stands: its section, `import` before `from`, then by name."""
        root = module.partition(".")[0]
        if module == "__future__":
            return 0, 1, ""
        if module.startswith("."):
            dots = len(module) - len(module.lstrip("."))
            return 4, 1, f"{9 - dots}{module.lstrip('.')}"
        own = root in {"tests", *self._own()}
        section = 1 if root in sys.stdlib_module_names else 3 if own else 2
        return section, 1, module.lower()

    def _own(self) -> set[str]:
        root = self.source.file.parents[len(self.folder)]
        return {path.parent.name for path in root.glob("*/__init__.py")} | {
            path.stem for path in self.source.file.parent.glob("*.py")
        }
