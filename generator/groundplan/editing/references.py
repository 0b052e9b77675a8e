"""The foreign keys and relationships that a model's class defines."""

import ast
import re
from collections.abc import Iterator

from ..projects import Project, sources
from ..projects.target import Target
from ..resources.columns import Column


def tables(project: Project, model: Target) -> set[str]:
    """Return the tables that a model's foreign keys refer to."""
    return {table for statement in _body(project, model) for table in _keys(statement)}


def keyed(project: Project, model: Target, column: Column) -> Iterator[tuple[Target, str]]:
    """Yield existing relationships that need `foreign_keys=` once a second reference exists.

    Args:
        column: the new reference.

    Returns:
        Models, each with the statement that replaces one of its relationships: that to the model
        that the column refers to, and that on its other side.
    """
    target = column.field.target
    keys = [_name(one) for one in _body(project, model) if column.target_table in _keys(one)]
    if target is None or len(keys) != 1:
        return
    for statement in _body(project, model):
        call = _relationship(statement)
        if call is None or not _is_to(target, statement) or "foreign_keys" in _options(call):
            continue
        yield model, _with_option(project, model, statement, f"foreign_keys=[{keys[0]}]")
        back = _options(call).get("back_populates")
        for other in _body(project, target):
            call = _relationship(other)
            if call is None or _name(other) != back or "foreign_keys" in _options(call):
                continue
            option = f'foreign_keys="{model.model}.{keys[0]}"'
            yield target, _with_option(project, target, other, option)


def _relationship(statement: ast.stmt) -> ast.Call | None:
    match statement:
        case ast.AnnAssign(value=ast.Call(ast.Name("relationship")) as call):
            return call
        case _:
            return None


def _is_to(target: Target, statement: ast.stmt) -> bool:
    annotation = statement.annotation if isinstance(statement, ast.AnnAssign) else statement
    return re.search(rf"\b{target.model}\b", ast.unparse(annotation)) is not None


def _options(call: ast.Call) -> dict[str | None, object]:
    return {one.arg: getattr(one.value, "value", None) for one in call.keywords}


def _with_option(project: Project, model: Target, statement: ast.stmt, option: str) -> str:
    text = project.model(model).file.read_text(encoding="utf-8")
    source = ast.get_source_segment(text, statement) or ""
    begin, call, rest = source.partition("relationship(")
    between = "" if rest.startswith(")") else "," if rest[:1].isspace() else ", "
    return f"    {begin}{call}{option}{between}{rest}"


def _body(project: Project, model: Target) -> list[ast.stmt]:
    tree = sources.parse(project.model(model).file)
    classes = (node for node in tree.body if isinstance(node, ast.ClassDef))
    found: list[list[ast.stmt]] = [node.body for node in classes if node.name == model.model]
    return found[0] if found else []


def _keys(statement: ast.stmt) -> Iterator[str]:
    for call in (node for node in ast.walk(statement) if isinstance(node, ast.Call)):
        named = isinstance(call.func, ast.Name) and call.func.id == "ForeignKey"
        first = call.args[0] if call.args else None
        if named and isinstance(first, ast.Constant) and isinstance(first.value, str):
            yield first.value.partition(".")[0]


def _name(statement: ast.stmt) -> str:
    match statement:
        case ast.AnnAssign(ast.Name(name)) | ast.Assign([ast.Name(name)]):
            return name
        case _:
            return ""
