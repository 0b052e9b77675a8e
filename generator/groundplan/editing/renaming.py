"""Rename what an app's modules define, wherever a project's code certainly means it."""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from .imports import Names
from .source import NEWLINE, Source

CONSTRAINTS = frozenset(
    {
        "CheckConstraint",
        "ExcludeConstraint",
        "ForeignKeyConstraint",
        "Index",
        "PrimaryKeyConstraint",
        "UniqueConstraint",
    }
)
NONE: Mapping[str, str] = {}
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


@dataclass(frozen=True)
class Renaming:
    """New names in an app.

    Attributes:
        symbols: what its modules and its tests define.
        attributes: of its classes, and the parameters of its functions, by their old names.
        columns: of its tables, by their old names. tables: the tables themselves.
        model: the old name of the model.
    """

    package: str
    app: str
    model: str
    symbols: Mapping[str, str] = field(default_factory=dict[str, str])
    attributes: Mapping[str, Mapping[str, str]] = field(
        default_factory=dict[str, Mapping[str, str]]
    )
    tables: Mapping[str, str] = field(default_factory=dict[str, str])
    columns: Mapping[str, Mapping[str, str]] = field(default_factory=dict[str, Mapping[str, str]])

    def owns(self, path: PurePosixPath) -> bool:
        """Whether a file is one of the app's, or of its tests."""
        return path.parts[:3] == (self.package, "apps", self.app) or path.parts[:2] == (
            "tests",
            self.app,
        )

    def defines(self, module: str) -> bool:
        """Whether a module is one of the app's, or of its tests."""
        own = f"{self.package}.apps.{self.app}"
        return module == own or module.startswith((f"{own}.", f"{self.app}_factories"))


def rename(source: Source, names: Names, path: PurePosixPath, renaming: Renaming) -> None:
    """Rename in one file what certainly has the meaning; nothing else changes."""
    _Visitor(source, names, renaming, is_own=renaming.owns(path)).visit(source.tree)


class Editor:
    """Edits of a source by the positions of `ast`."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self._starts = [0, *(found.end() for found in NEWLINE.finditer(source.content))]
        self._done: set[int] = set()

    def offset(self, line: int, column: int) -> int:
        return self._starts[line - 1] + column

    def replace(self, start: int, old: str, new: str) -> None:
        """Replace a word where it is; positions within f-strings are not exact on every Python."""
        end = start + len(old.encode())
        is_there = self.source.content[start:end].decode(errors="replace") == old
        if is_there and start not in self._done:
            self._done.add(start)
            self.source.replace(start, end, new)

    def within(self, node: ast.AST, change: Mapping[str, str]) -> None:
        """Replace whole words within a string literal."""
        first, last = self.span(node)
        text = self.source.content[first:last].decode(errors="replace")
        for old, new in change.items():
            for found in re.finditer(rf"(?<![\w.']){re.escape(old)}(?![\w'])", text):
                self.replace(first + len(text[: found.start()].encode()), old, new)

    def span(self, node: ast.AST) -> tuple[int, int]:
        place = node
        assert isinstance(place, ast.expr | ast.stmt)
        return (
            self.offset(place.lineno, place.col_offset),
            self.offset(place.end_lineno or 0, place.end_col_offset or 0),
        )


class _Visitor(ast.NodeVisitor):
    def __init__(self, source: Source, names: Names, renaming: Renaming, *, is_own: bool) -> None:
        self.editor = Editor(source)
        self.content = source.content
        self.bound = names.bound
        self.folder = names.folder
        self.to = renaming
        self.is_own = is_own
        self.hidden: frozenset[str] = frozenset()
        self.owner: str | None = None  # the class whose method or body is visited
        self.in_body = False

    # Meanings

    def symbol(self, node: ast.AST) -> str | None:
        """Return what a name or an attribute of a module means, if the app defines it."""
        if isinstance(node, ast.Name):
            bound = self.bound.get(node.id)
            if node.id in self.hidden:
                return None
            if bound is None:  # its definition may have the new name already
                is_renamed = self.is_own and self.to.symbols.get(node.id) in self.bound
                return node.id if is_renamed else None
            if bound.module is None:
                return node.id if self.is_own else None
            return bound.original if self.to.defines(bound.module) else None
        if isinstance(node, ast.Attribute) and self._is_module(node.value):
            return node.attr
        return None

    def _is_module(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Name) or node.id in self.hidden:
            return False
        bound = self.bound.get(node.id)
        module = f"{self.to.package}.apps.{self.to.app}"
        if bound is None or (bound.original or "")[:1].isupper():  # a class of a module
            return False
        return bound.module == module or (bound.module or "").startswith(f"{module}.")

    def _attributes(self, node: ast.AST) -> Mapping[str, str]:
        return self.to.attributes.get(self.symbol(node) or "", {})

    # Modules

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        for alias in node.names:
            bound = self.bound.get(alias.asname or alias.name)
            known = bound is not None and self.to.defines(bound.module or "")
            if known and alias.name in self.to.symbols:
                place = self.editor.offset(alias.lineno, alias.col_offset)
                self.editor.replace(place, alias.name, self.to.symbols[alias.name])

    def visit_Assign(self, node: ast.Assign) -> None:
        named = [one.id for one in node.targets if isinstance(one, ast.Name)]
        if named == ["__all__"] and self.is_own:
            for constant in _texts(node.value):
                self.editor.within(constant, _only(self.to.symbols, str(constant.value)))
        self.generic_visit(node)

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        self._annotation(node.annotation)
        is_to = self._is_to_model(node.annotation)
        if isinstance(node.value, ast.Call) and called(node.value) == "relationship":
            for option in node.value.keywords:
                for constant in _texts(option.value):
                    text = str(constant.value)
                    if option.arg == "back_populates":
                        own = self.to.attributes.get(self.to.model, {})
                        self.editor.within(constant, _only(own, text) if is_to else {})
                    elif option.arg == "secondary":
                        self.editor.within(constant, _only(self.to.tables, text))
                    else:
                        self._expression(constant)
            for argument in node.value.args:
                self._annotation(argument)
        self.visit(node.target)
        before, self.in_body = self.in_body, False  # a type may have the name of an attribute
        self.visit(node.annotation)
        self.in_body = before
        if node.value is not None:
            self.visit(node.value)

    def _is_to_model(self, annotation: ast.expr) -> bool:
        names = (one for one in ast.walk(annotation) if isinstance(one, ast.Name))
        quoted = any(
            self.to.model in re.findall(r"\w+", str(one.value)) for one in _texts(annotation)
        )
        return quoted or any(self.symbol(one) == self.to.model for one in names)

    def _annotation(self, node: ast.expr) -> None:
        for constant in _texts(node):
            self.editor.within(constant, _capitalised(self.to.symbols))

    def _expression(self, constant: ast.Constant) -> None:
        """Rename in an expression that SQLAlchemy evaluates, such as `Comment.post_id`."""
        first, last = self.editor.span(constant)
        text = self.content[first:last].decode(errors="replace")
        for found in re.finditer(r"(?<![\w.])([A-Z]\w*)(?:\.(\w+))?", text):
            new = self.to.symbols.get(found[1])
            place = first + len(text[: found.start()].encode())
            if new is not None:
                self.editor.replace(place, found[1], new)
            attribute = self.to.attributes.get(found[1], {}).get(found[2] or "")
            if attribute is not None:
                place = first + len(text[: found.start(2)].encode())
                self.editor.replace(place, found[2], attribute)

    # Definitions

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        for outer in (*node.decorator_list, *node.bases, *node.keywords):
            self.visit(outer)
        self._definition(node)
        before = self.owner, self.hidden, self.in_body
        self.owner = node.name if self.is_own else None
        body = _stored(node)
        for statement in node.body:
            inner = isinstance(statement, (*FUNCTIONS, ast.ClassDef))
            self.in_body = not inner
            self.hidden = before[1] if inner else before[1] | body
            self.visit(statement)
        self.owner, self.hidden, self.in_body = before

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        self._function(node)

    def visit_AsyncFunctionDef(self, node: ast.AsyncFunctionDef) -> None:
        self._function(node)

    def _function(self, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
        own = self.to.attributes.get(self.owner or "", {})
        for decorator in node.decorator_list:
            for constant in _texts(decorator):
                self.editor.within(constant, _only(own, str(constant.value)))
            self.visit(decorator)
        self._definition(node)
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        for argument in (*arguments, node.args.vararg, node.args.kwarg):
            if argument is not None and argument.annotation is not None:
                self._annotation(argument.annotation)
                self.visit(argument.annotation)
        if node.returns is not None:
            self._annotation(node.returns)
            self.visit(node.returns)
        for default in (*node.args.defaults, *filter(None, node.args.kw_defaults)):
            self.visit(default)
        before = self.hidden
        self.hidden = before | _stored(node) | {one.arg for one in arguments}
        for statement in node.body:
            self.visit(statement)
        self.hidden = before

    def _definition(self, node: "ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef") -> None:
        if self.owner is None and self.is_own and node.name in self.to.symbols:
            start = self.editor.offset(node.lineno, node.col_offset)
            found = re.compile(rb"(class|async\s+def|def)\s+").match(self.content, start)
            if found is not None:
                self.editor.replace(found.end(), node.name, self.to.symbols[node.name])

    # Expressions

    def visit_Name(self, node: ast.Name) -> None:
        start, _ = self.editor.span(node)
        own = self.to.attributes.get(self.owner or "", NONE) if self.in_body else NONE
        if node.id in own:
            self.editor.replace(start, node.id, own[node.id])
        elif node.id in self.to.symbols and self.symbol(node) == node.id:
            self.editor.replace(start, node.id, self.to.symbols[node.id])

    def visit_Attribute(self, node: ast.Attribute) -> None:
        names = self._attributes(node.value)
        if isinstance(node.value, ast.Name) and node.value.id in ("self", "cls") and self.owner:
            names = self.to.attributes.get(self.owner, {})
        new = names.get(node.attr)
        if new is None and self._is_module(node.value):
            new = self.to.symbols.get(node.attr)
        if new is not None:
            self.editor.replace(self.editor.span(node)[1] - len(node.attr.encode()), node.attr, new)
        self.visit(node.value)

    def visit_Call(self, node: ast.Call) -> None:
        names = self._attributes(node.func)
        if isinstance(node.func, ast.Attribute) and not names:
            names = self._attributes(node.func.value) if node.func.attr == "build" else NONE
        for one in node.keywords:
            if one.arg in names:
                place = self.editor.offset(one.lineno, one.col_offset)
                self.editor.replace(place, one.arg or "", names[one.arg or ""])
        if called(node) == "ForeignKey":
            for constant in _texts(*node.args[:1]):
                self._reference(constant)
        if self.in_body and called(node) in {*CONSTRAINTS, "Computed"}:
            self._constraint(node, self.to.attributes.get(self.owner or "", {}))
        self.generic_visit(node)

    def _reference(self, constant: ast.Constant) -> None:
        table, _, column = str(constant.value).partition(".")
        new_table = self.to.tables.get(table, table)
        new_column = self.to.columns.get(table, {}).get(column, column)
        if (table, column) != (new_table, new_column):
            start, _ = self.editor.span(constant)
            self.editor.replace(start + 1, f"{table}.{column}", f"{new_table}.{new_column}")

    def _constraint(self, node: ast.Call, columns: Mapping[str, str]) -> None:
        for argument in node.args:
            for constant in _texts(argument):
                self.editor.within(constant, columns)
        for one in node.keywords:
            is_condition = (one.arg or "").endswith("where")
            values = [one.value] if is_condition else getattr(one.value, "values", ())
            for constant in _texts(*values) if is_condition or one.arg == "info" else ():
                self.editor.within(constant, columns)
        if called(node) == "ExcludeConstraint":
            return  # a comparison does not find its name, which stays
        for one in (one for one in node.keywords if one.arg == "name"):
            for constant in _texts(one.value):
                for old, new in columns.items():
                    start, last = self.editor.span(constant)
                    if str(constant.value).startswith(f"{old}_"):
                        self.editor.replace(start + 1, old, new)
                    if re.search(rf"_(lt|le|gt|ge|ne)_{re.escape(old)}$", str(constant.value)):
                        self.editor.replace(last - 1 - len(old), old, new)


def _texts(*nodes: ast.AST) -> Iterator[ast.Constant]:
    for node in nodes:
        for one in ast.walk(node):
            if isinstance(one, ast.Constant) and isinstance(one.value, str):
                yield one


def _stored(node: ast.AST) -> set[str]:
    """Return the names that a definition assigns."""
    names = (one for one in ast.walk(node) if isinstance(one, ast.Name))
    return {one.id for one in names if isinstance(one.ctx, ast.Store)}


def _only(names: Mapping[str, str], text: str) -> dict[str, str]:
    return {text: names[text]} if text in names else {}


def _capitalised(names: Mapping[str, str]) -> dict[str, str]:
    return {old: new for old, new in names.items() if old[:1].isupper()}


def called(node: ast.Call) -> str:
    """Return the name of the function that is called, without its module."""
    match node.func:
        case ast.Name(name) | ast.Attribute(attr=name):
            return name
        case _:
            return ""


def zipped(before: Iterable[str], after: Iterable[str]) -> dict[str, str]:
    """Return the names that differ, of definitions in the same order."""
    return {old: new for old, new in zip(before, after, strict=True) if old != new}
