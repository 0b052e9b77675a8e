"""Modifiers of a model: `Post:softdelete:version:slug=title`."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from .refusals import Misspelt, did_you_mean
from .spec import Field, Model

MODIFIERS = {
    "softdelete": "softdelete",
    "soft_delete": "softdelete",
    "paranoid": "softdelete",
    "version": "version",
    "versioned": "version",
    "lock_version": "version",
    "slug": "slug",
    "slugged": "slug",
    "search": "search",
    "searchable": "search",
    "fulltext": "search",
}


def with_modifiers(model: Model, segments: Sequence[str], text: str) -> Model:
    """Return a model with its modifiers.

    Args:
        segments: as in `version` and `slug=title`.
        text: the whole word, for errors.

    Raises:
        Misspelt: a modifier is unknown, given twice, or has another form.
    """
    given: set[str] = set()
    for segment in segments:
        word, equals, value = segment.partition("=")
        known = MODIFIERS.get(word.lower().replace("-", "_"))
        if known is None:
            otherwise = "The modifiers of a model are softdelete, version, slug= and search=."
            fix = did_you_mean(word, MODIFIERS, otherwise=otherwise)
            raise Misspelt("model-modifier", text, f"unknown modifier {word!r} of a model", fix)
        if known in given:
            problem = f"duplicate modifier {known!r}"
            raise Misspelt("modifier-twice", text, problem, "Remove one of them.")
        given.add(known)
        if known == "slug":
            if not value:
                problem = "slug= needs the field that the slug is made from"
                raise Misspelt(
                    "modifier-value", text, problem, f"Example: {model.name}:slug=title."
                )
            slug = Field(name="slug", type="slug", unique=True, readonly=True, made=value)
            model = replace(model, fields=(*model.fields, slug))
        elif known == "search":
            if not value:
                problem = "search= needs the fields whose words are searched for"
                fix = f"Example: {model.name}:search=title,body."
                raise Misspelt("modifier-value", text, problem, fix)
            words = tuple(word.strip() for word in value.split(","))
            model = replace(model, search=words)
        elif equals:
            problem = f"the modifier {known!r} takes no value"
            raise Misspelt("modifier-value", text, problem, f"Write :{known} alone.")
        elif known == "version":
            model = replace(model, versioned=True)
        else:
            model = replace(model, soft_delete=True)
    return model


def modifiers_of(model: Model) -> Iterator[str]:
    """Spell the modifiers of a model. A slug is spelled as a field."""
    if model.soft_delete:
        yield "softdelete"
    if model.versioned:
        yield "version"
    if model.search:
        yield f"search={','.join(model.search)}"
