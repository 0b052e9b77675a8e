"""The canonical form of fields and commands. Parsing it yields the same spec."""

import re
import shlex
from collections.abc import Iterable, Iterator, Sequence

from . import words
from .modifiers import modifiers_of
from .spec import ROUTES, Constraint, Field, Model, Operator, Spec, Target

# The words of comparisons, which need no quotes in a shell.
OPERATORS: dict[Operator, str] = {"<": "lt", "<=": "le", ">": "gt", ">=": "ge", "!=": "ne"}
# A colon that parsing would split at.
COLON = re.compile(r":(?=[A-Za-z_-]+(?:[=:]|$)|:|$)")


def spell(field: Field) -> str:
    """Return the canonical form of a field."""
    args = _args(field)
    parts = [field.name, f"{field.type}={args}" if args else field.type]
    for modifier in words.MODIFIERS:
        value: object = getattr(field, modifier)
        if value is True:
            parts.append(modifier)
        elif value is not None and value is not False:
            parts.append(f"{modifier}={COLON.sub('::', str(value))}")
    return ":".join(parts)


def spelled(one: Constraint) -> str:
    """Return the canonical form of a constraint across fields."""
    if one.operator is not None:
        return f"check={one.fields[0]}.{OPERATORS[one.operator]}.{one.fields[1]}"
    if one.kind == "exclude":
        return f"exclude={','.join((*one.fields[:-2], '..'.join(one.fields[-2:])))}"
    return f"{one.kind}={','.join(one.fields)}"


def command(spec: Spec, *, plurals: bool = True) -> str:
    """Return the `startapp` command for a spec, quoted for a shell."""
    from .names import plural_of

    parts = ["groundplan", "startapp", spec.app, *_words(spec.models)]
    for model in spec.models:
        if plurals and model.plural != plural_of(model.name):
            parts += ["--plural", f"{model.name}={model.plural}"]
    parts += _access(spec.models)
    parts += _routes(spec.models)
    for model in spec.models:
        if model.under is not None:
            name = f"{model.under.app}.{model.under.model}"
            one = f"{model.name}={name}" if len(spec.models) > 1 else name
            parts += ["--under", one]
    parts += ["--only", "models"] if spec.only_models else []
    parts += [] if spec.has_routes else ["--no-routes"]
    parts += [] if spec.has_tests else ["--no-tests"]
    for task in spec.tasks:
        parts += ["--task", task]
    return shlex.join(parts)


def _access(models: Sequence[Model]) -> Iterator[str]:
    """Spell who may call the routes; what a model leaves to the default is left out."""
    reads = {model.name: model.read for model in models}
    writes = {model.name: model.write for model in models}
    sides = {"--access": reads} if reads == writes else {"--read": reads, "--write": writes}
    for option, chosen in sides.items():
        words = set(chosen.values())
        if len(words) == 1:
            yield from (part for word in words if word for part in (option, word))
        else:
            for name, word in chosen.items():
                yield from (option, f"{name}={word}") if word else ()


def _routes(models: Sequence[Model]) -> Iterator[str]:
    """Spell which routes models have, if they have not all."""
    chosen = {model.name: model.routes for model in models}
    if len(set(chosen.values())) == 1 and len(models[0].routes) < len(ROUTES):
        yield from ("--routes", ",".join(models[0].routes))
    else:
        for name, routes in chosen.items():
            yield from (
                ("--routes", f"{name}={','.join(routes)}") if len(routes) < len(ROUTES) else ()
            )


def add_command(target: Target, fields: Iterable[Field], *options: str) -> str:
    """Return the `addfield` command for fields or with options, quoted for a shell."""
    model = f"{target.app}.{target.model}"
    return shlex.join(["groundplan", "addfield", model, *map(spell, fields), *options])


def _words(models: Iterable[Model]) -> Iterable[str]:
    for model in models:
        yield ":".join((model.name, *modifiers_of(model)))
        yield from map(spell, model.fields)
        yield from map(spelled, model.constraints)


def _args(field: Field) -> str:
    if field.length is not None:
        return str(field.length)
    if field.precision is not None:
        return f"{field.precision},{field.scale}"
    if field.target is not None:
        return ".".join(filter(None, (field.target.app, field.target.model)))
    return ",".join(field.choices) or field.item or ""
