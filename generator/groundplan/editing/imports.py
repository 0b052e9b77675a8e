"""The names that a module has, and the imports that inserted code needs."""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import libcst as cst

from .code import absolute, import_lines
from .source import Source, Unsafe


@dataclass(frozen=True)
class Bound:
    """A name of a module: imported from another module, or its own if that is None."""

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
        """Whether the file has a name, with the meaning that a module gives it.

        Raises:
            Unsafe: it means something else.
        """
        bound = self.bound.get(name)
        if bound is None:
            return False
        same = bound.original == name and (bound.module == module or name[0].isupper())
        if not same or bound.only_for_types:
            if same:
                raise Unsafe(f"{name} is imported for type checkers only")
            raise Unsafe(f"{name} already has another meaning in this file")
        return True

    def need(self, names: Iterable[str], origin: dict[str, str]) -> None:
        """Import missing names. Names without an origin are builtins, or the file's.

        Raises:
            Unsafe: one of them means something else in this file.
        """
        for name in sorted(names):
            if name in origin and not self.has(name, origin[name]):
                self._added.setdefault(origin[name], set()).add(name)

    def apply(self) -> None:
        """Insert the imports below those at the top of the module, unsorted."""
        if not self._added:
            return
        text = "\n".join(import_lines(self._added, self.folder))
        head = [*self._head()]
        if head:
            self.source.insert_below(self.source.end(head[-1]), text)
        else:
            self._insert_first(text)

    @property
    def last_import(self) -> cst.SimpleStatementLine | None:
        """The last of the imports at the top of the module."""
        return max(self._head(), key=self.source.end, default=None)

    def _head(self) -> Iterator[cst.SimpleStatementLine]:
        """The imports at the top of the module, up to the first other statement."""
        for number, line in enumerate(self.source.module.body):
            if not isinstance(line, cst.SimpleStatementLine):
                return
            if isinstance(line.body[0], cst.Import | cst.ImportFrom):
                yield line
            elif not (number == 0 and isinstance(line.body[0], cst.Expr)):
                return

    def _insert_first(self, text: str) -> None:
        """Insert imports into a module that has none."""
        body = self.source.module.body
        first = body[0] if body else None
        if isinstance(first, cst.SimpleStatementLine) and isinstance(first.body[0], cst.Expr):
            self.source.insert_below(self.source.end(first), f"\n{text}")
        elif first is not None:
            self.source.insert(0, f"{text}\n\n\n")
        else:
            self.source.insert(0, f"{text}\n")


def module_of(root: Path, file: Path) -> str:
    """Return the name by which a project's file is imported."""
    parts = file.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
