"""The rules of new fields of an existing model, apart from those of every field."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..fields import names
from ..fields.access import USER
from ..fields.references import ModelIndex
from ..fields.refusals import Broken, Misspelt, did_you_mean
from ..fields.rules import check_fields, check_sides
from ..fields.spec import Field, Model, Spec, Target
from ..fields.spelling import spell
from ..fields.words import TYPES
from ..projects import Project
from ..resources.refusing import (
    refuse_back_on_outdated_core,
    refuse_field,
    refuse_in_factory,
)
from . import references
from .cycles import reaches
from .members import refuse_taken

EXAMPLE = "groundplan addfield shop.Product stock:int:default=0 subtitle:str=200:null"


def find(project: Project, text: str, example: str = EXAMPLE) -> Target:
    """Return the model that `app.Model` names.

    Args:
        example: a command to show if it has another form.

    Raises:
        Misspelt: it has another form.
        Broken: no such model exists.
    """
    app, dot, model = text.partition(".")
    if not (app and dot and model):
        problem = "write a model as app.Model"
        raise Misspelt("model-form", text, problem, f"Example: {example}.")
    target = Target(app, model)
    there = sorted(f"{one.app}.{one.model}" for one in project.models())
    if target not in project.models():
        otherwise = (
            f"Known models: {', '.join(there)}." if there else "Create it: groundplan startapp."
        )
        fix = did_you_mean(text, there, otherwise=otherwise)
        raise Broken("model-unknown", text, "no such model", fix)
    return target


def check(
    project: Project, target: Target, fields: Sequence[Field], *, is_empty: bool = False
) -> tuple[Field, ...]:
    """Check the new fields of a model, and return them in canonical form.

    Args:
        is_empty: whether the table has no rows, so that none needs a value.

    Raises:
        Broken: a field breaks a rule.
        Refusal: a part of it is not supported.
    """
    model = Model(name=target.model, plural=target.model.lower(), fields=())
    known = ModelIndex.of(project, Spec(app=target.app, models=()))
    checked = check_fields(model, fields, target.app, known, project)
    for field in checked:
        _refuse_inherited(project, target, field)
        refuse_taken(project, target, field, spell(field))
        if field.type != "many":
            _refuse_circle(project, target, field, known)
        _refuse_import_circle(project, project.model(target).file, field)
        refuse_field(field)
        if field.type == "password":
            problem = "addfield does not edit routes, and they must hash the password"
            fix = "Create a model with startapp, and refer to it."
            raise Broken("password-later", spell(field), problem, fix)
        if field.type == "slug" and field.made:
            problem = "addfield does not add the function that makes it"
            fix = f"Write {field.name}:slug:null:unique, and set it in the service."
            raise Broken("made-later", spell(field), problem, fix)
        if field.type == "ref" and field.made:
            problem = "addfield does not edit routes, and they must set it"
            fix = f"Write {field.name}:ref=users.User:null:readonly, and set it in the routes."
            raise Broken("made-later", spell(field), problem, fix)
        if field.index and field.type in ("array", "json"):
            problem = "addfield does not add the filter that its index is for"
            fix = "Leave out :index, or add the index and the filter by hand."
            raise Broken("index-later", spell(field), problem, fix)
        signs_up = is_empty and target == USER
        if field.type == "many" or (is_empty and field.type != "ref" and not signs_up):
            continue
        if not field.null and field.default is None:
            fix = (
                "Add :null."
                if field.unique or field.made or not _may_default(field)
                else "Add :default= or :null."
            )
            problem = "existing rows would have no value, and the column is NOT NULL"
            if signs_up:
                problem = "users sign up without it, and the column is NOT NULL"
            raise Broken("rows-unfilled", spell(field), problem, fix)
    if len({one.type == "many" for one in checked}) > 1:
        links = " ".join(spell(one) for one in checked if one.type == "many")
        problem = "a many-to-many field needs a revision without other fields"
        raise Broken("many-alone", links, problem, "Add it in a separate command.")
    changed = replace(model, fields=checked)
    check_sides(target.app, [changed], known, project)
    spec = Spec(app=target.app, models=(changed,))
    refuse_in_factory(spec, changed)
    refuse_back_on_outdated_core(project, spec)
    return checked


def refuse_import_circles(project: Project, spec: Spec) -> None:
    """Refuse references from an existing app to a model whose module imports the app.

    Raises:
        Broken: a field does.
    """
    app = project.apps / spec.app
    for own in (app / "models.py", app / "models" / "__init__.py"):
        if own.is_file():
            for field in (field for model in spec.models for field in model.fields):
                _refuse_import_circle(project, own, field)


def check_reference(project: Project, target: Target, field: Field) -> None:
    """Check that a reference takes no inherited name, and closes no cycle of tables or imports.

    Raises:
        Broken: it does.
    """
    _refuse_inherited(project, target, field)
    _refuse_circle(project, target, field, ModelIndex.of(project, Spec(app=target.app, models=())))
    _refuse_import_circle(project, project.model(target).file, field)


def table(project: Project, target: Target) -> str:
    """Return the table of a model.

    Raises:
        Refusal: its name is computed at run time.
    """
    source = project.model(target)
    if source.table is None and "__tablename__" in source.names:
        problem = "the name of its table is computed at run time"
        fix = "Make `__tablename__` a literal, or add the field by hand and run `manage.py makemigrations`."
        raise Broken("table-dynamic", f"{target.app}.{target.model}", problem, fix)
    return source.table or names.table_of(target.model)


def _refuse_inherited(project: Project, target: Target, field: Field) -> None:
    inherited = project.inherited(target)
    for name in names.attributes(field):
        if name in inherited:
            problem = f"{inherited[name]} already has an attribute {name!r}"
            raise Broken("field-twice", spell(field), problem, "Choose another name.")


def _refuse_circle(project: Project, target: Target, field: Field, known: ModelIndex) -> None:
    """Refuse a reference that closes a cycle: such tables cannot be created in any order."""
    if field.target is None or field.target == target:
        return
    own = known.table(target)
    lead = {
        known.table(one): references.tables(project, one) - {known.table(one)}
        for one in known.there
    }
    found, waiting = set[str](), {known.table(field.target)}
    while waiting:
        found |= waiting
        waiting = {table for one in waiting for table in lead.get(one, set())} - found
    if own in found:
        there = f"{field.target.app}.{field.target.model}"
        problem = f"{there} already refers to {target.app}.{target.model}, so this would be a cycle"
        fix = "Create a model with two references instead."
        raise Broken("reference-circle", spell(field), problem, fix)


def _refuse_import_circle(project: Project, own: Path, field: Field) -> None:
    """Refuse a reference to a model whose module imports this one."""
    if field.target is None or field.target not in project.models():
        return
    other = project.model(field.target).file
    if own != other and reaches(project.root, other, own):
        where = other.relative_to(project.root).as_posix()
        problem = f"{where} already imports {own.relative_to(project.root).as_posix()}"
        fix = "Add the reference on the other side, or create a model with two references."
        raise Broken("import-circle", spell(field), problem, fix)


def _may_default(field: Field) -> bool:
    return "default" in TYPES[field.type].modifiers
