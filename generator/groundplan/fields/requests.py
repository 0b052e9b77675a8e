"""Build a spec from the words of a command line."""

from collections.abc import Sequence
from dataclasses import replace

from . import grammar, names
from .refusals import Misspelt, did_you_mean
from .spec import Model, Spec


def from_words(app: str, words: Sequence[str]) -> Spec:
    """Parse `shop Product title:str=200 Order total:int`, with regular plurals.

    Raises:
        Misspelt: a word is invalid.
    """
    models = tuple(
        Model(name=name, plural=names.plural_of(name), fields=fields)
        for name, fields in grammar.parse_models(words)
    )
    return Spec(app=app, models=models)


def with_plurals(spec: Spec, plurals: Sequence[str]) -> Spec:
    """Set the plurals of models: `goods` for a single model, `Product=goods` for any.

    Raises:
        Misspelt: a plural names no model of the spec, or could mean several.
    """
    chosen: dict[str, str] = {}
    known = [model.name for model in spec.models]
    for plural in plurals:
        name, equals, word = plural.rpartition("=")
        if not equals:
            if len(known) != 1:
                problem = f"which of the {len(known)} models is meant?"
                raise Misspelt("plural-model", plural, problem, f"Example: Product={plural}.")
            name = known[0]
        if name not in known:
            fix = did_you_mean(name, known, otherwise=f"The models are {', '.join(known)}.")
            raise Misspelt("plural-model", plural, f"this command has no model {name!r}", fix)
        chosen[name] = word
    models = tuple(
        replace(model, plural=chosen.get(model.name, model.plural)) for model in spec.models
    )
    return replace(spec, models=models)
