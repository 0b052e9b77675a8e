"""Which routes and which parts of an app are generated: `--routes`, `--under`, `--only`, `--no-...`."""

from collections.abc import Sequence
from dataclasses import replace

from . import grammar
from .refusals import Broken, Misspelt, did_you_mean
from .spec import ROUTES, Model, RouteName, Spec, Target

KNOWN: dict[str, RouteName] = {
    "list": "list",
    "read": "read",
    "create": "create",
    "change": "change",
    "delete": "delete",
    "get": "read",
    "show": "read",
    "retrieve": "read",
    "index": "list",
    "add": "create",
    "post": "create",
    "update": "change",
    "patch": "change",
    "remove": "delete",
    "destroy": "delete",
}


def with_routes(spec: Spec, given: Sequence[str]) -> Spec:
    """Set which routes models have: `list,get,create` for all, `Event=list,get` for one.

    Raises:
        Misspelt: a word is unknown, or names no model of the spec.
    """
    models = {model.name: model for model in spec.models}
    for text in given:
        name, equals, words = text.rpartition("=")
        if equals and name not in models:
            fix = did_you_mean(name, models, otherwise=f"The models are {', '.join(models)}.")
            raise Misspelt("routes-model", text, f"this command has no model {name!r}", fix)
        chosen = routes_named(words.split(","), text)
        for one in [name] if equals else models:
            models[one] = replace(models[one], routes=chosen)
    return replace(spec, models=tuple(models.values()))


def routes_named(words: Sequence[str], text: str) -> tuple[RouteName, ...]:
    """Return the routes of these names, in their usual order.

    Raises:
        Misspelt: a name is unknown.
    """
    chosen: set[RouteName] = set()
    for word in (word.strip().lower() for word in words):
        known = KNOWN.get(word)
        if known is None:
            otherwise = f"The routes are {', '.join(ROUTES)}."
            fix = did_you_mean(word, KNOWN, otherwise=otherwise)
            raise Misspelt("routes-unknown", text, f"unknown route {word!r}", fix)
        chosen.add(known)
    return tuple(one for one in ROUTES if one in chosen)


def with_parents(spec: Spec, given: Sequence[str]) -> Spec:
    """Set below which models routes are: `blog.Post` for a single model, `Comment=blog.Post` for any.

    Raises:
        Misspelt: a word names no model of the spec, could mean several, or has another form.
    """
    models = {model.name: model for model in spec.models}
    for text in given:
        name, equals, parent = text.rpartition("=")
        if not equals and len(models) != 1:
            problem = f"which of the {len(models)} models is meant?"
            fix = f"Example: --under {next(iter(models), 'Comment')}={parent}."
            raise Misspelt("under-model", text, problem, fix)
        name = name if equals else next(iter(models))
        if name not in models:
            fix = did_you_mean(name, models, otherwise=f"The models are {', '.join(models)}.")
            raise Misspelt("under-model", text, f"this command has no model {name!r}", fix)
        models[name] = replace(models[name], under=parent_named(parent, text))
    return replace(spec, models=tuple(models.values()))


def parent_named(name: str, text: str) -> Target:
    """Return the model of this name.

    Raises:
        Misspelt: it has another form.
    """
    app, dot, model = name.rpartition(".")
    names = [model, app] if dot else [model]
    if not all(grammar.NAME.fullmatch(one) for one in names):
        problem = "write the model that routes are below as app.Model"
        raise Misspelt("under-form", text, problem, "Example: --under blog.Post.")
    return Target(app, model)


def check_routes(model: Model) -> None:
    """Check that a model's routes work without the others.

    Raises:
        Broken: they do not.
    """
    if "create" in model.routes or len(model.routes) == 0:
        return
    for field in model.fields:
        if field.type == "password":
            problem = "no route creates a row, so nothing sets the password"
            raise Broken("routes-password", model.name, problem, "Add create to --routes.")
