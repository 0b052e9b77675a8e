"""From what a person asks for to a spec: words of the command line, or a file of TOML."""

from collections.abc import Sequence
from dataclasses import replace

from . import grammar, names
from .refusals import Misspelt, did_you_mean
from .spec import Model, Spec


def from_words(app: str, words: Sequence[str]) -> Spec:
    """Read `shop Product title:str=200 Order total:int`, with regular plurals.

    Raises:
        Misspelt: a word is not of the grammar.
    """
    models = tuple(
        Model(name=name, plural=names.plural_of(name), fields=fields)
        for name, fields in grammar.parse_models(words)
    )
    return Spec(app=app, models=models)


def with_plurals(spec: Spec, plurals: Sequence[str]) -> Spec:
    """Give models their own plurals: `goods` to the only one, `Product=goods` to any.

    Raises:
        Misspelt: a plural is for no model of the spec, or could be for several.
    """
    chosen: dict[str, str] = {}
    known = [model.name for model in spec.models]
    for plural in plurals:
        name, equals, word = plural.rpartition("=")
        if not equals:
            if len(known) != 1:
                problem = f"it may be of any of {len(known)} models"
                raise Misspelt("plural-model", plural, problem, f"As in Product={plural}.")
            name = known[0]
        if name not in known:
            fix = did_you_mean(name, known, otherwise=f"The models are {', '.join(known)}.")
            raise Misspelt("plural-model", plural, f"there is no model {name!r} in this call", fix)
        chosen[name] = word
    models = tuple(
        replace(model, plural=chosen.get(model.name, model.plural)) for model in spec.models
    )
    return replace(spec, models=models)
