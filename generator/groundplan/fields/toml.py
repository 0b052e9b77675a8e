"""Read a spec from a file of TOML.

app = "shop"                                  # optional: the command line says it too

[Product]
plural = "goods"                              # optional

[Product.fields]
title = "str=200:unique"                      # as on the command line
price = { type = "decimal", precision = 10, scale = 2, ge = 0 }   # or part by part
"""

import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

from ..errors import Refusal
from . import grammar, names, words
from .refusals import Misspelt, did_you_mean
from .spec import Field, Model, Spec

ARGS = {"str": ("length",), "decimal": ("precision", "scale"), "enum": ("choices",)} | {
    "list": ("item",),
    "ref": ("target",),
    "many": ("target",),
}
EXAMPLE = '[Product.fields] and title = "str=200"'


def from_toml(file: Path, app: str) -> Spec:
    """Read a spec.

    Args:
        app: the app that the command line names; the file may name the same.

    Raises:
        Refusal: the file cannot be read, or is no TOML.
        Misspelt: it has something that no spec has.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        problem = f"{str(file)!r} cannot be read: {error.strerror}"
        raise Refusal(problem, "Give --from the path of a file of TOML.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(f"{str(file)!r} is no TOML: {error}", f"As in {EXAMPLE}.") from None
    named = document.pop("app", app)
    if named != app:
        problem = f"the file is for the app {named!r}, and the command for {app!r}"
        raise Misspelt("toml-app", str(file), problem, f"Say startapp {named}, or leave app out.")
    return Spec(app=app, models=tuple(_model(name, body) for name, body in document.items()))


def _model(name: str, body: object) -> Model:
    if not isinstance(body, dict):
        problem = "a file of models has a table for each, and at most `app` besides"
        raise Misspelt("toml-form", name, problem, f"As in {EXAMPLE}.")
    table = cast("dict[str, Any]", body)
    for key in table:
        if key not in ("plural", "fields"):
            fix = did_you_mean(key, ("plural", "fields"), otherwise="It has plural and fields.")
            raise Misspelt("toml-form", f"{name}.{key}", "a model has no such key", fix)
    fields = table.get("fields", {})
    if not isinstance(fields, dict) or not isinstance(table.get("plural", ""), str):
        problem = "plural is a text, and fields are a table"
        raise Misspelt("toml-form", name, problem, f"As in {EXAMPLE}.")
    return Model(
        name=name,
        plural=table.get("plural", names.plural_of(name)),
        fields=tuple(
            _field(key, value) for key, value in cast("dict[str, object]", fields).items()
        ),
    )


def _field(name: str, value: object) -> Field:
    if isinstance(value, str):
        return grammar.parse_field(f"{name}:{value}")
    if isinstance(value, dict):
        return _of_parts(name, cast("dict[str, Any]", value))
    problem = "a field is a text or a table"
    raise Misspelt("toml-form", name, problem, f"As in {EXAMPLE}.")


def _of_parts(name: str, table: Mapping[str, Any]) -> Field:
    """Make a field of a table: its keys are the modifiers, and the words for what a type takes."""
    parts = dict(table)
    type_text = parts.pop("type", None)
    if not isinstance(type_text, str):
        problem = "a field that is a table has a type"
        raise Misspelt("type-missing", name, problem, f'As in {name} = {{ type = "str" }}.')
    type_ = words.type_named(type_text.partition("=")[0])
    args = [_written(parts.pop(key)) for key in ARGS.get(type_ or "", ()) if key in parts]
    if args:
        type_text = f"{type_text}={','.join(args)}"
    segments = [
        key if value is True else f"{key}={_written(value)}"
        for key, value in parts.items()
        if value is not False
    ]
    return grammar.build(name, type_text, segments, f"{name} = {dict(table)}")


def _written(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(_written, cast("list[object]", value)))
    return str(value).lower() if isinstance(value, bool) else str(value)
