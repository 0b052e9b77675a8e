"""Routes below those of another model: `--under blog.Post`."""

from dataclasses import replace

from ..projects import Project
from .access import USER
from .hidden import generated, reads_own
from .names import snake
from .references import ModelIndex, resolve
from .refusals import Broken
from .spec import Access, Field, Model, Spec, Target
from .spelling import spell

# Arguments of lists and statements, which the condition's argument would have the name of.
TAKEN = frozenset({"key", "row_limit", "row_offset", "search"})
OPEN: tuple[Access, ...] = ("login", "owner")


def with_reference(model: Model, app: str, known: ModelIndex) -> Model:
    """Return a model with the reference to its parent, if it has none.

    Raises:
        Broken: no such model exists, several do, or it has no column to refer to.
    """
    if model.under is None:
        return model
    reference = resolve(Field(name="parent", type="ref", target=model.under), app, known)
    assert reference.target is not None
    model = replace(model, under=reference.target)
    for field in model.fields:
        if field.type == "ref" and resolve(field, app, known).target == model.under:
            return model
    reference = replace(reference, name=snake(reference.target.model))
    return replace(model, fields=(reference, *model.fields))


def check_parent(model: Model, spec: Spec, project: Project) -> None:
    """Check that routes can be below those of a model's parent.

    Raises:
        Broken: they cannot.
    """
    if model.under is None or model.parent is None:
        return
    said = f"{model.name}={model.under.app}.{model.under.model}"
    if spec.only_models or not spec.has_routes:
        problem = "--under places routes, and this command generates none"
        option = "--only models" if spec.only_models else "--no-routes"
        raise Broken("under-routes", said, problem, f"Remove --under or {option}.")
    if model.under == Target(spec.app, model.name):
        problem = "its routes would be below themselves"
        raise Broken("under-itself", said, problem, "Remove --under.")
    if model.under == USER:
        problem = "users have no address"
        fix = f"Write --access {model.name}=owner for rows that belong to users."
        raise Broken("under-users", said, problem, fix)
    above = generated(model.under, spec, project)
    if above is not None and above.under is not None:
        problem = f"the routes of {above.name} are below those of {above.under.model}"
        fix = "Only one level is supported: remove one --under."
        raise Broken("under-nested", said, problem, fix)
    for other in spec.models:
        for field in other.fields:
            if field.through == model.name:
                problem = (
                    f"{model.name} is an association (through=), which has a top-level address"
                )
                raise Broken("under-through", said, problem, "Remove --under.")
    _check_reference(model, model.parent)
    if reads_own(model.under, spec, project):
        _check_hidden(model, model.under, said)


def _check_reference(model: Model, reference: Field) -> None:
    word = spell(reference)
    references = [one for one in model.fields if one.type == "ref" and one.target == model.under]
    if len(references) > 1:
        problem = f"several references to {reference.target.model if reference.target else ''}"
        fix = "Keep one of them, which the address names, or remove --under."
        raise Broken("under-several", ", ".join(map(spell, references)), problem, fix)
    for name in ("null", "unique", "readonly", "writeonly"):
        if getattr(reference, name):
            problem = f"the address of each row names its {reference.name}, so it cannot be {name}"
            raise Broken("under-reference", word, problem, f"Remove :{name}, or --under.")
    if reference.name in TAKEN:
        problem = f"the routes use the name {reference.name!r}"
        fix = f"Choose another name: parent_{reference.name}:ref={word.partition('ref=')[2]}."
        raise Broken("under-name", word, problem, fix)


def _check_hidden(model: Model, parent: Target, said: str) -> None:
    """Check that only those who may find the parent are asked for its rows."""
    both = {model.read, model.write}
    if not (both <= {*OPEN} or both == {"staff"}):
        problem = (
            f"only the owner of a {parent.model} may read it, so what is below it cannot be public"
        )
        fix = f"Write --access {model.name}=login, {model.name}=owner or {model.name}=staff."
        raise Broken("under-access", said, problem, fix)
