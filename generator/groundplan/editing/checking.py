"""What a field of a model that is there must hold besides the rules of every field."""

from collections.abc import Sequence

from ..fields.names import table_of
from ..fields.references import Known
from ..fields.refusals import Broken, Misspelt, did_you_mean
from ..fields.rules import check_fields
from ..fields.spec import Field, Model, Spec, Target
from ..fields.spelling import spell
from ..fields.words import TYPES
from ..projects import Project
from ..resources.refusing import refuse_field

EXAMPLE = "groundplan addfield shop.Product stock:int:default=0 subtitle:str=200:null"


def find(project: Project, text: str) -> Target:
    """Return the model that `app.Model` names.

    Raises:
        Misspelt: it is not of that form.
        Broken: there is no such model.
    """
    app, dot, model = text.partition(".")
    if not (app and dot and model):
        problem = "a model is written app.Model"
        raise Misspelt("model-form", text, problem, f"As in: {EXAMPLE}.")
    target = Target(app, model)
    there = sorted(f"{one.app}.{one.model}" for one in project.models())
    if target not in project.models():
        otherwise = f"There are {', '.join(there)}." if there else "Make it: groundplan startapp."
        fix = did_you_mean(text, there, otherwise=otherwise)
        raise Broken("model-unknown", text, "there is no model of this name", fix)
    return target


def check(project: Project, target: Target, fields: Sequence[Field]) -> tuple[Field, ...]:
    """Check fields that a model is to get, and return them in canonical form.

    Raises:
        Broken: a field breaks a rule.
        Refusal: a part of it is not made yet.
    """
    model = Model(name=target.model, plural=target.model.lower(), fields=())
    known = Known.of(project, Spec(app=target.app, models=()))
    checked = check_fields(model, fields, target.app, known, project)
    for field in checked:
        _refuse_other_models(field)
        refuse_field(field, ())
        if not field.null and field.default is None:
            fix = (
                "Add :null."
                if field.unique or not _may_default(field)
                else "Add :default= or :null."
            )
            problem = "rows that are there would have no value, and it must not be null"
            raise Broken("rows-unfilled", spell(field), problem, fix)
    return checked


def table(project: Project, target: Target) -> str:
    """Return the table of a model.

    Raises:
        Refusal: its name is worked out as the program runs.
    """
    source = project.model(target)
    if source.table is None and "__tablename__" in source.names:
        problem = "the name of its table is worked out as the program runs"
        fix = "Write `__tablename__` as a text, or add the field by hand and run `manage.py makemigrations`."
        raise Broken("table-dynamic", f"{target.app}.{target.model}", problem, fix)
    return source.table or table_of(target.model)


def _refuse_other_models(field: Field) -> None:
    if field.type == "many":
        problem = "many to many is a table of its own, with routes and a service"
        fix = "Make a model for it, with startapp: two references, each ref=app.Model."
        raise Broken("many-later", spell(field), problem, fix)
    if field.back is not None:
        problem = "back= stands in another model, which stays as it is"
        raise Broken("back-later", spell(field), problem, "Leave it out, and write it by hand.")


def _may_default(field: Field) -> bool:
    return "default" in TYPES[field.type].modifiers
