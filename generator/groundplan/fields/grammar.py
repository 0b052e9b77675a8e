"""Parse fields as written on the command line: `name:type[=args][:modifier[=value]]…`.

The syntax uses only characters that shells do not interpret. Within a value, `::` is a colon, and
so is `:` before anything that cannot be a modifier: `opens_at:time:default=09:30`.

Rails' and Phoenix' spellings are understood (`string`, `uniq`, `author:references:users`,
`status:enum:draft:live`, `'price:decimal{10,2}'`); `spelling.py` gives the canonical form of each.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, cast

from . import words
from .constraints import constraint_of
from .modifiers import with_modifiers
from .names import plural_of
from .refusals import EXAMPLE, Misspelt, did_you_mean
from .spec import Field, Model, OnDelete, Target, TypeName

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
WORD = re.compile(r"[A-Za-z_-]+(?=[=:]|$)")  # what may be a modifier
CALL = re.compile(r"(?P<type>\w+)\((?P<args>[\w, ]*)\)")  # as in SQL
BRACES = re.compile(r"(?P<type>\w+)\{(?P<args>[^{}]*)\}")


def is_model(word: str) -> bool:
    """Whether a word on the command line is a model: `Product` or `Product:version`."""
    type_, equals, _ = word.partition(":")[2].partition(":")[0].partition("=")
    is_typed = words.type_named(type_) is not None and not (type_ == "slug" and equals)
    return word[:1].isupper() and not is_typed


def parse_models(arguments: Sequence[str]) -> list[Model]:
    """Parse models with their fields and constraints: `Product title:str Order total:int`.

    Returns:
        The models, with regular plurals.

    Raises:
        Misspelt: a word is neither a model nor a field, or precedes the first model.
    """
    models: list[Model] = []
    for word in arguments:
        if is_model(word):
            name, _, modifiers = word.partition(":")
            model = Model(name=name, plural=plural_of(name), fields=())
            models.append(with_modifiers(model, modifiers.split(":") if modifiers else [], word))
        elif models and (constraint := constraint_of(word)) is not None:
            across = (*models[-1].constraints, constraint)
            models[-1] = replace(models[-1], constraints=across)
        elif models:
            fields = (*models[-1].fields, parse_field(word))
            models[-1] = replace(models[-1], fields=fields)
        else:
            raise _no_model_yet(word)
    return models


def parse_field(text: str) -> Field:
    """Parse a field.

    Raises:
        Misspelt: a part is invalid.
    """
    name, *segments = _split(text)
    if not NAME.fullmatch(name):
        problem = "write a field as name:type; its name has letters, digits and underscores"
        raise Misspelt("field-form", text, problem, f"Example: {EXAMPLE}.")
    if not segments or not segments[0]:
        fix = f"Write {name}:str, or another type. Example: {EXAMPLE}."
        raise Misspelt("type-missing", text, "the type is missing", fix)
    return build(name, segments[0], segments[1:], text)


def build(name: str, type_text: str, segments: Sequence[str], text: str) -> Field:
    """Build a field from its parts.

    Args:
        type_text: as in `str=200`.
        segments: what follows the type, each as in `default=draft`.
        text: the whole field, for errors.

    Raises:
        Misspelt: a part is invalid.
    """
    type_, args = _type(name, type_text, text)
    rest = list(segments)
    if args is None:
        args = _args_that_follow(type_, rest)
    values: dict[str, Any] = _read_args(name, type_, args, text)
    if type_ in ("ref", "many") and name.endswith("_id") and len(name) > 3:
        name = name[:-3]
    for segment in rest:
        key, value = _modifier(segment, type_, text)
        if key in words.IMPLIED:
            continue
        if key in values:
            problem = f"duplicate modifier {key!r}"
            raise Misspelt("modifier-twice", text, problem, "Remove one of them.")
        values[key] = value
    return Field(name=name, type=type_, **values)


def _split(text: str) -> list[str]:
    """Split at the colons between parts; `::`, and `:` before anything but a word, are literal."""
    segments = [""]
    position = 0
    while position < len(text):
        if text.startswith("::", position):
            segments[-1] += ":"
            position += 2
        elif text[position] == ":" and _begins_part(text, position + 1, segments):
            segments.append("")
            position += 1
        else:
            segments[-1] += text[position]
            position += 1
    return segments


def _begins_part(text: str, position: int, segments: list[str]) -> bool:
    """Whether a new part may follow a colon; always true before the first value."""
    in_value = len(segments) > 2 and "=" in segments[-1]
    return not in_value or WORD.match(text, position) is not None


def _type(name: str, type_text: str, text: str) -> tuple[TypeName, str | None]:
    word, equals, args = type_text.removesuffix("!").partition("=")
    braces = BRACES.fullmatch(word)
    if braces and not equals:
        word, equals, args = braces["type"], "=", braces["args"]
    type_ = words.type_named(word)
    if type_ is None:
        raise Misspelt("type-unknown", text, f"unknown type {word!r}", _type_hint(name, word))
    return type_, args if equals else None


def _type_hint(name: str, word: str) -> str:
    """Say what to write instead of an unknown type."""
    if hint := words.TYPE_HINTS.get(word.lower()):
        return hint
    called = CALL.fullmatch(word)
    if called is not None and (type_ := words.type_named(called["type"])) is not None:
        args = called["args"].replace(" ", "")
        return f"Write {name}:{type_}={args}." if args else f"Write {name}:{type_}."
    if is_model(word.rpartition(".")[2]):
        return f"For a reference, write {name}:ref={word}."
    known = [*words.TYPES, *words.TYPE_ALIASES]
    return did_you_mean(word, known, otherwise=f"The types are {', '.join(words.TYPES)}.")


def _args_that_follow(type_: TypeName, rest: list[str]) -> str | None:
    """Consume arguments in the syntax of Rails and Phoenix: `enum:draft:live`, `references:users`."""
    if not words.TYPES[type_].takes:
        return None
    taken: list[str] = []
    while rest and "=" not in rest[0] and words.modifier_named(rest[0]) is None:
        if type_ in ("str", "citext", "decimal") and not rest[0][:1].isdigit():
            break
        taken.append(rest.pop(0))
        if type_ != "enum":
            break
    return ",".join(taken) or None


def _read_args(name: str, type_: TypeName, args: str | None, text: str) -> dict[str, Any]:
    word = words.TYPES[type_]
    if not word.takes:
        if args is not None:
            problem = f"the type {type_!r} has no arguments"
            raise Misspelt("args-unknown", text, problem, f"Write {name}:{type_}.")
        return {}
    if args is None and type_ in ("str", "citext"):
        return {"length": words.STR_LENGTH}
    if not args:
        if type_ == "decimal":
            problem = "a decimal needs its number of digits, and of decimal places"
            raise Misspelt("decimal-precision", text, problem, f"Example: {word.example}.")
        problem = f"the type {type_!r} needs {word.takes} after '='"
        raise Misspelt("args-missing", text, problem, f"Example: {word.example}.")
    return _READERS[type_](args, text)


def _length(args: str, text: str) -> dict[str, Any]:
    return {"length": _number(args, "str", text)}


def _digits(args: str, text: str) -> dict[str, Any]:
    precision, comma, scale = args.partition(",")
    if not comma:
        problem = "a decimal needs its number of digits, and of decimal places"
        fix = f"Example: {words.TYPES['decimal'].example}."
        raise Misspelt("decimal-precision", text, problem, fix)
    return {
        "precision": _number(precision, "decimal", text),
        "scale": _number(scale, "decimal", text),
    }


def _choices(args: str, text: str) -> dict[str, Any]:
    return {"choices": tuple(part.strip() for part in args.split(","))}


def _item(args: str, text: str) -> dict[str, Any]:
    item = words.type_named(args)
    if item is None or item not in words.ITEMS:
        known = words.ITEMS
        fix = did_you_mean(args, known, otherwise=f"Choose one of {', '.join(known)}.")
        raise Misspelt("list-item", text, f"a list cannot hold {args!r}", fix)
    return {"item": item}


def _target(args: str, text: str) -> dict[str, Any]:
    app, dot, model = args.rpartition(".")
    if not NAME.fullmatch(model) or (dot and not NAME.fullmatch(app)):
        problem = f"{args!r} is not the name of a model"
        raise Misspelt("target-form", text, problem, "Write app.Model, for example ref=users.User.")
    return {"target": Target(app, model)}


_READERS = {
    "str": _length,
    "citext": _length,
    "decimal": _digits,
    "enum": _choices,
    "list": _item,
    "array": _item,
    "ref": _target,
    "many": _target,
}


def _modifier(segment: str, type_: TypeName, text: str) -> tuple[str, Any]:
    word, equals, value = segment.partition("=")
    key = words.modifier_named(word)
    if key is None:
        raise Misspelt("modifier-unknown", text, f"unknown modifier {word!r}", _modifier_hint(word))
    if key in words.IMPLIED or key in words.FLAGS:
        if equals:
            problem = f"the modifier {key!r} takes no value"
            raise Misspelt("modifier-value", text, problem, f"Write :{key} alone.")
        return key, True
    if not value:
        if key == "default" and equals and type_ in ("str", "text", "citext", "list", "array"):
            return key, value
        problem = f"the modifier {key!r} needs a value"
        raise Misspelt("modifier-value", text, problem, f"Example: {_VALUE_EXAMPLES[key]}.")
    if key in ("min", "max"):
        return key, _number(value, key, text)
    if key == "on_delete":
        return key, _on_delete(value, text)
    return key, value


def _modifier_hint(word: str) -> str:
    """Say what to write instead of an unknown modifier."""
    lower = word.lower().replace("-", "_")
    if lower in words.ON_DELETE:
        return f"Write on_delete={words.ON_DELETE[lower]}."
    if lower in words.MODIFIER_HINTS:
        return words.MODIFIER_HINTS[lower]
    known = [*words.MODIFIERS, *words.MODIFIER_ALIASES]
    return did_you_mean(word, known, otherwise=f"The modifiers are {', '.join(words.MODIFIERS)}.")


def _on_delete(value: str, text: str) -> OnDelete:
    known = words.ON_DELETE.get(value.lower().replace("-", "_"))
    if known is None:
        fix = did_you_mean(value, words.ON_DELETE, otherwise="Write cascade, restrict or set_null.")
        raise Misspelt("on-delete", text, f"unknown value on_delete={value}", fix)
    return cast("OnDelete", known)


_VALUE_EXAMPLES = {
    "default": "status:enum=draft,live:default=draft",
    "ge": "stock:int:ge=0",
    "le": "rating:int:ge=1:le=5",
    "min": "title:str=200:min=1",
    "max": "body:text:max=10000",
    "pattern": "code:str=8:pattern=^[A-Z]+$",
    "on_delete": "author:ref=users.User:on_delete=cascade",
    "back": "author:ref=users.User:back=products",
    "made": "token:str=32:unique:made=random",
    "table": "tags:many=blog.Tag:table=labels",
    "through": "products:many=Product:through=OrderLine",
    "comment": "price:decimal=10,2:comment=net",
}


def _number(value: str, what: str, text: str) -> int:
    if not (value.isascii() and value.isdigit() and len(value) < 10):
        problem = f"{value!r} is not a number of {'digits' if what == 'decimal' else 'characters'}"
        example = _VALUE_EXAMPLES.get(what) or words.TYPES[cast("TypeName", what)].example
        raise Misspelt("number", text, problem, f"Example: {example}.")
    return int(value)


def _no_model_yet(word: str) -> Misspelt:
    if ":" in word:
        problem = "a field precedes the first model"
        fix = f"Name the model first, with a capital. Example: {EXAMPLE}."
        return Misspelt("model-missing", word, problem, fix)
    capital = "".join(part[:1].upper() + part[1:] for part in word.split("_"))
    problem = "a model's name starts with a capital"
    fix = f"Write {capital}." if NAME.fullmatch(capital) else f"Example: {EXAMPLE}."
    return Misspelt("model-form", word, problem, fix)
