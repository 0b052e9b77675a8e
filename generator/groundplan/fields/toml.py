"""Read a spec from a TOML file.

app = "shop"                                  # optional: the command line names it too

[Product]
plural = "goods"                              # optional
access = "owner"                              # optional, or read = and write =
under = "shop.Seller"                         # optional: below whose routes its own are
routes = ["list", "read", "create"]           # optional
softdelete = true                             # optional; so are version, slug = "title", search = ["title"]
unique = [["seller", "title"]]                # optional; so are index, check = ["a < b"] and exclude = [["room", "starts_at..ends_at"]]

[Product.fields]
title = "str=200:unique"                      # as on the command line
price = { type = "decimal", precision = 10, scale = 2, ge = 0 }   # or part by part
"""

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

from ..errors import Refusal
from . import grammar, names, words
from .access import access_named
from .constraints import constraint_of
from .modifiers import MODIFIERS, with_modifiers
from .refusals import Misspelt, did_you_mean
from .routes import parent_named, routes_named
from .spec import ROUTES, Access, Constraint, Field, Model, RouteName, Spec, Target

ARGS = {
    "str": ("length",),
    "citext": ("length",),
    "decimal": ("precision", "scale"),
    "enum": ("choices",),
} | {
    "list": ("item",),
    "array": ("item",),
    "ref": ("target",),
    "many": ("target",),
}
KEYS = (
    "plural",
    "read",
    "write",
    "access",
    "routes",
    "softdelete",
    "version",
    "slug",
    "search",
    "under",
    "fields",
    "unique",
    "index",
    "check",
    "exclude",
)
EXAMPLE = '[Product.fields] and title = "str=200"'


def from_toml(file: Path, app: str) -> Spec:
    """Read a spec.

    Args:
        app: the app that the command line names; the file may name the same.

    Raises:
        Refusal: the file cannot be read, or is not valid TOML.
        Misspelt: a key or a value is invalid.
    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        problem = f"Cannot read {str(file)!r}: {error.strerror}"
        raise Refusal(problem, "Pass the path of a TOML file to --from.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise Refusal(f"{str(file)!r} is not valid TOML: {error}", f"Example: {EXAMPLE}.") from None
    named = document.pop("app", app)
    if named != app:
        problem = f"the file is for the app {named!r}, the command for {app!r}"
        raise Misspelt(
            "toml-app", str(file), problem, f"Run startapp {named}, or remove app from the file."
        )
    return Spec(app=app, models=tuple(_model(name, body) for name, body in document.items()))


def _model(name: str, body: object) -> Model:
    if not isinstance(body, dict):
        problem = "each top-level key, other than `app`, is a model's table"
        raise Misspelt("toml-form", name, problem, f"Example: {EXAMPLE}.")
    table = cast("dict[str, Any]", body)
    for key in table:
        if key not in KEYS:
            fix = did_you_mean(key, KEYS, otherwise=f"Its keys are {', '.join(KEYS)}.")
            raise Misspelt("toml-form", f"{name}.{key}", "unknown key of a model", fix)
    fields = table.get("fields", {})
    if not isinstance(fields, dict) or not isinstance(table.get("plural", ""), str):
        problem = "plural must be a string, and fields a table"
        raise Misspelt("toml-form", name, problem, f"Example: {EXAMPLE}.")
    both = _access(name, table, "access")
    model = Model(
        name=name,
        plural=table.get("plural", names.plural_of(name)),
        read=_access(name, table, "read") or both,
        write=_access(name, table, "write") or both,
        fields=tuple(
            _field(key, value) for key, value in cast("dict[str, object]", fields).items()
        ),
        constraints=tuple(_constraints(name, table)),
        routes=_routes(name, table),
        under=_under(name, table),
    )
    modifiers = [*_modifiers({key: table[key] for key in MODIFIERS if key in table})]
    return with_modifiers(model, modifiers, ":".join((name, *modifiers)))


def _routes(name: str, table: Mapping[str, Any]) -> tuple[RouteName, ...]:
    value = table.get("routes", list(ROUTES))
    if not isinstance(value, list):
        example = 'Example: routes = ["list", "read", "create"].'
        raise Misspelt("toml-form", f"{name}.routes", "routes must be a list", example)
    return routes_named([str(one) for one in cast("list[object]", value)], f"{name}.routes")


def _under(name: str, table: Mapping[str, Any]) -> Target | None:
    return parent_named(str(table["under"]), f"{name}.under") if "under" in table else None


def _constraints(name: str, table: Mapping[str, Any]) -> Iterator[Constraint]:
    """Read `unique = [["author", "title"]]` and `check = ["starts_at < ends_at"]`."""
    for key in ("unique", "index", "check", "exclude"):
        value = table.get(key, [])
        if not isinstance(value, str | list):
            example = '[["author", "title"]]' if key != "check" else '["starts_at < ends_at"]'
            problem = f"{key} must be a list"
            raise Misspelt("toml-form", f"{name}.{key}", problem, f"Example: {key} = {example}.")
        given = cast("list[object]", value if isinstance(value, list) else [value])
        if key != "check" and given and not any(isinstance(one, list) for one in given):
            given = [given]
        for one in given:
            found = constraint_of(f"{key}={_written(one)}")
            if found is not None:
                yield found


def _access(name: str, table: Mapping[str, Any], key: str) -> Access | None:
    return access_named(str(table[key]), f"{name}.{key}") if key in table else None


def _field(name: str, value: object) -> Field:
    if isinstance(value, str):
        return grammar.parse_field(f"{name}:{value}")
    if isinstance(value, dict):
        return _of_parts(name, cast("dict[str, Any]", value))
    problem = "a field must be a string or a table"
    raise Misspelt("toml-form", name, problem, f"Example: {EXAMPLE}.")


def _of_parts(name: str, table: Mapping[str, Any]) -> Field:
    """Build a field from a table: its keys are modifiers, and the names of a type's arguments."""
    parts = dict(table)
    type_text = parts.pop("type", None)
    if not isinstance(type_text, str):
        problem = "the table lacks a type"
        raise Misspelt("type-missing", name, problem, f'Example: {name} = {{ type = "str" }}.')
    type_ = words.type_named(type_text.partition("=")[0])
    args = [_written(parts.pop(key)) for key in ARGS.get(type_ or "", ()) if key in parts]
    if args:
        type_text = f"{type_text}={','.join(args)}"
    segments = [*_modifiers(parts)]
    return grammar.build(name, type_text, segments, f"{name} = {dict(table)}")


def _modifiers(parts: Mapping[str, Any]) -> Iterator[str]:
    for key, value in parts.items():
        if value is not False:
            yield key if value is True else f"{key}={_written(value)}"


def _written(value: object) -> str:
    if isinstance(value, list):
        return ",".join(map(_written, cast("list[object]", value)))
    return str(value).lower() if isinstance(value, bool) else str(value)
