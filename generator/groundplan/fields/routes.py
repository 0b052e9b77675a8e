"""Which routes and which parts of an app are generated: `--routes`, `--only`, `--no-...`."""

from collections.abc import Sequence
from dataclasses import replace

from .refusals import Broken, Misspelt, did_you_mean
from .spec import ROUTES, Model, RouteName, Spec

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
