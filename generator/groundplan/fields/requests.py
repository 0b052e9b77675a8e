"""Build a spec from the words of a command line."""

import shlex
from collections.abc import Sequence
from dataclasses import replace

from . import grammar
from .access import with_access
from .refusals import Misspelt, did_you_mean
from .routes import with_parents, with_routes
from .spec import Spec

FLAGS = ("--no-routes", "--no-tests")


def from_words(app: str, words: Sequence[str]) -> Spec:
    """Parse `shop Product title:str=200 Order total:int`, with regular plurals.

    Raises:
        Misspelt: a word is invalid.
    """
    return Spec(app=app, models=tuple(grammar.parse_models(words)))


def from_command(command: str) -> Spec:
    """Parse a `startapp` command in its canonical form, as records have it.

    Raises:
        Misspelt: a word is invalid.
    """
    _, _, app, *words = shlex.split(command)
    flags = [word for word in words if word in FLAGS]
    words = [word for word in words if word not in FLAGS]
    first = next((at for at, word in enumerate(words) if word.startswith("--")), len(words))
    given: dict[str, list[str]] = {}
    for option, value in zip(words[first::2], words[first + 1 :: 2], strict=False):
        given.setdefault(option, []).append(value)
    spec = with_plurals(from_words(app, words[:first]), given.get("--plural", []))
    read, write, both = (given.get(option, []) for option in ("--read", "--write", "--access"))
    spec = with_routes(
        with_access(spec, read=read, write=write, both=both), given.get("--routes", [])
    )
    return replace(
        with_parents(spec, given.get("--under", [])),
        only_models="--only" in given,
        has_routes="--no-routes" not in flags,
        has_tests="--no-tests" not in flags,
    )


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
