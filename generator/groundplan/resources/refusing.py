"""Specs that cannot be rendered: refused before anything is written."""

import ast
import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import PurePosixPath
from typing import cast

from ..fields.names import attributes
from ..fields.refusals import Broken
from ..fields.spec import Field, Model, Spec
from ..fields.spelling import spell
from ..projects import Project
from ..projects.sources import parse
from .columns import Column
from .samples import sample

USED = frozenset({"mapped_column", "queries", "relationship"})  # names in the rendered modules
METHODS = frozenset({"batch", "build", "coverage"})  # of polyfactory's factories

# Names in the functions of lists and in their statements, which a filter would hide.
ANSWERS = frozenset({"page_answer", "scroll_answer"})
LINKED = frozenset({"found", "service"})  # in those that show the keys of other rows
STATEMENT = frozenset({"row_limit", "row_offset"})

# Names that ruff takes for passwords when a text is assigned to them (S105).
SECRETIVE = re.compile(r"(^|_)(pas+wo?r?d|pass(phrase)?|pwd|token|secrete?)($|_)")


def refuse_unsupported(spec: Spec) -> None:
    """Check that a spec can be rendered.

    Raises:
        Refusal: a part of it cannot.
    """
    for model in spec.models:
        for field in model.fields:
            refuse_field(field)
        refuse_hiding(spec, model)
        refuse_in_factory(spec, model)
    _refuse_names(spec)


def refuse_field(field: Field) -> None:
    """Check that a field can be rendered.

    Raises:
        Refusal: it cannot.
    """
    word = spell(field)
    is_text = field.type in ("str", "citext", "text", "email", "url", "slug")
    if field.default and is_text and SECRETIVE.search(field.name):
        problem = f"linters mistake the default of {field.name!r} for a hard-coded password"
        raise Broken("default-secret", word, problem, "Remove default=, or choose another name.")
    for name in (*attributes(field), field.back):
        if name in USED:
            problem = f"the generated code uses the name {name!r}"
            raise Broken("name-used", word, problem, "Choose another name.")


def refuse_hiding(spec: Spec, model: Model) -> None:
    """Check that no filter has a name that lists use.

    Raises:
        Broken: one has.
    """
    if spec.only_models or "list" not in model.routes:
        return
    shows = any(one.type == "many" and not one.writeonly for one in model.fields)
    functions = LINKED if shows else ANSWERS
    used = STATEMENT | functions if spec.has_routes else STATEMENT
    for field in model.fields:
        column = Column(field, model, "", "")
        if column.name in used and column.is_filter:
            lists = "lists that show many to many" if column.name in LINKED else "lists"
            problem = f"{lists} use the name {field.name!r}"
            raise Broken("name-used", spell(field), problem, "Choose another name for the field.")


def refuse_in_factory(spec: Spec, model: Model) -> None:
    """Check that no field whose values a factory makes has the name of one of its methods.

    Raises:
        Broken: one has.
    """
    if spec.only_models or not (spec.has_tests and spec.has_routes and "create" in model.routes):
        return
    for field in (one for one in model.fields if one.type != "many"):
        is_made = not field.readonly and sample(Column(field, model, "", "")) is not None
        if field.name in METHODS and is_made:
            problem = f"factories of tests have a method {field.name!r}"
            fix = f"Choose another name, for example {field.name}_value."
            raise Broken("name-used", spell(field), problem, fix)


def refuse_outdated_core(project: Project, app: str, files: Mapping[PurePosixPath, str]) -> None:
    """Check that the project's core defines what modules import from it.

    Raises:
        Refusal: it does not: the project is older than this program.
    """
    for part in ("db", "web", "jobs"):
        given = project.gives(part)
        missing = _imported(files, f"core.{part}") - (given or frozenset())
        if given is not None and missing:
            problem = f"{project.package}.core.{part} does not define {', '.join(sorted(missing))}"
            fix = "The project is older than this program: run `groundplan update`."
            raise Broken("core-older", app, problem, fix)


def refuse_back_on_outdated_core(project: Project, spec: Spec) -> None:
    """Check that core imports the models of every app, whose classes relationships name.

    Raises:
        Refusal: it does not: the project is older than this program.
    """
    fields = chain.from_iterable(model.fields for model in spec.models)
    targets = [one.target for one in fields if one.back is not None]
    if all(one is None or one.app == spec.app for one in targets):
        return
    tree = parse(project.root / project.package / "core" / "apps.py")
    found = [one for one in tree.body if isinstance(one, ast.FunctionDef) and one.name == "routers"]
    if "import_models" not in ast.unparse(ast.Module(cast("list[ast.stmt]", found), [])):
        problem = f"{project.package}.core.apps imports no models for routers, and back= needs them"
        fix = "The project is older than this program: run `groundplan update`."
        raise Broken("core-older", spec.app, problem, fix)


def refuse_twice(
    files: Mapping[PurePosixPath, str], before: Mapping[PurePosixPath, str] | None = None
) -> None:
    """Check that no module gives a name two meanings.

    Args:
        before: the modules before a change, which may have been edited since they were rendered.

    Raises:
        Broken: one does, as `change_request` of the models Request and ChangeRequest.
    """
    there = dict(_twice(before or {}))
    for name, path in _twice(files):
        if name not in there:
            problem = f"{path} would give it two meanings"
            fix = "Choose another name for a model or a field."
            raise Broken("name-twice", name, problem, fix)


def _twice(files: Mapping[PurePosixPath, str]) -> Iterator[tuple[str, PurePosixPath]]:
    for path, text in files.items():
        names = [*chain.from_iterable(map(_bound, ast.parse(text).body))]
        yield from ((name, path) for name in dict.fromkeys(names) if names.count(name) > 1)


def _bound(node: ast.stmt) -> list[str]:
    """Return the names that an import or a definition binds."""
    match node:
        case ast.ImportFrom(names=names) | ast.Import(names=names):
            return [one.asname or one.name for one in names]
        case ast.ClassDef(name) | ast.FunctionDef(name) | ast.AsyncFunctionDef(name):
            return [name]
        case ast.Assign([ast.Name(name)]) | ast.AnnAssign(ast.Name(name)):
            return [name]
        case _:
            return []


def _imported(files: Mapping[PurePosixPath, str], module: str) -> frozenset[str]:
    """Return the names that an app's modules import from a module of core."""
    nodes = chain.from_iterable(ast.walk(ast.parse(text)) for text in files.values())
    imports = (node for node in nodes if isinstance(node, ast.ImportFrom))
    found = (one.names for one in imports if one.level == 3 and one.module == module)
    return frozenset(name.name for name in chain.from_iterable(found))


def _refuse_names(spec: Spec) -> None:
    """Check that the file of the models has one class of each name."""
    own = {model.name for model in spec.models}
    taken: dict[str, str] = {}
    for field in chain.from_iterable(model.fields for model in spec.models):
        target = field.target
        if target is None or target.app == spec.app:
            continue
        if target.model in own or taken.setdefault(target.model, target.app) != target.app:
            problem = f"one file would need two models called {target.model}"
            fix = "Rename the new one, or write the reference by hand."
            raise Broken("model-twice", spell(field), problem, fix)
    in_order(spec)


def in_order(spec: Spec) -> list[Model]:
    """Return the models, each after those that it refers to.

    Raises:
        Refusal: references that are NOT NULL form a cycle.
    """
    left = {model.name: model for model in spec.models}
    ordered: list[Model] = []
    while left:
        ready = [model for model in left.values() if not _targets(spec, model) & left.keys()]
        if not ready:
            problem = "these references form a cycle, so no first row can be inserted"
            fix = "Remove one of them; make the reference of a model to itself :null."
            raise Broken("reference-cycle", ", ".join(left), problem, fix)
        ordered.extend(ready)
        for model in ready:
            del left[model.name]
    return ordered


def _targets(spec: Spec, model: Model) -> set[str]:
    """Return the models whose rows must exist first."""
    return {
        field.target.model
        for field in model.fields
        if field.type == "ref"
        and field.target is not None
        and field.target.app == spec.app
        and not (field.target.model == model.name and field.null)
    }
