"""The rules of values that the server makes: `made=random`, `made=title` of a slug, `made=editor` of a user."""

from collections.abc import Mapping
from dataclasses import replace

from .access import USER
from .refusals import Broken, did_you_mean
from .spec import Field, Model
from .spelling import spell

RANDOM = "random"
USERS = ("creator", "editor")  # of a row
SHORTEST = 16  # characters of a random text: 64 bits


def check_made(field: Field) -> Field:
    """Check how the server makes a value, and return the field as one that no request sets.

    Raises:
        Broken: it breaks a rule.
    """
    if field.made is None:
        return field
    if field.default is not None:
        problem = "a value that the server makes needs no default"
        raise Broken("made-default", spell(field), problem, "Remove one of them.")
    if field.writeonly:
        problem = "no request sets a value that the server makes"
        raise Broken("made-writeonly", spell(field), problem, "Remove :writeonly.")
    if (field.min, field.max, field.pattern) != (None, None, None):
        problem = "no request sets the value, so it has no bounds"
        raise Broken("made-bounds", spell(field), problem, "Remove min=, max= and pattern=.")
    if field.type == "ref":
        _check_user(field)
    elif field.type != "slug":
        if field.made != RANDOM:
            problem = f"unknown value made={field.made}"
            fix = f"Write made={RANDOM}. For a slug, write slug:slug:unique:made=title."
            raise Broken("made-unknown", spell(field), problem, fix)
        if field.type == "str" and (field.length or 0) < SHORTEST:
            problem = f"a random text has at least {SHORTEST} characters"
            raise Broken("made-length", spell(field), problem, f"Write {field.name}:str=32.")
    return replace(field, readonly=True)


def _check_user(field: Field) -> None:
    if field.made not in USERS:
        problem = f"unknown value made={field.made}"
        fix = (
            "Write made=creator, the user who creates the row, or made=editor, who changed it last."
        )
        raise Broken("made-unknown", spell(field), problem, fix)
    if field.target != USER:
        problem = "the creator and the editor of a row are users"
        fix = f"Write {field.name}:ref=users.User:made={field.made}."
        raise Broken("made-user", spell(field), problem, fix)
    if field.unique:
        problem = "each user could create or change one row only"
        raise Broken("made-unique", spell(field), problem, "Remove :unique.")


def check_callers(model: Model) -> None:
    """Check that whoever writes rows with a creator or an editor is a user.

    Raises:
        Broken: anyone may write.
    """
    for field in model.fields:
        if field.type == "ref" and field.made and model.write in (None, "public"):
            problem = "anyone may write, and an anonymous caller is not a user"
            fix = f"Write --write {model.name}=login, {model.name}=owner or {model.name}=staff."
            raise Broken("made-public", spell(field), problem, fix)


def check_sources(model: Model) -> Model:
    """Check that each slug is made from a text field of its model that every row has.

    Returns:
        The model, with no slug before that field: an insert makes defaults in the order of columns.

    Raises:
        Broken: it is not.
    """
    fields: Mapping[str, Field] = {field.name: field for field in model.fields}
    ordered = [*model.fields]
    for field in model.fields:
        if field.type != "slug" or field.made is None:
            continue
        source = fields.get(field.made)
        if source is None:
            problem = f"{model.name} has no field {field.made!r}"
            fix = did_you_mean(field.made, fields, otherwise=f"The fields are {', '.join(fields)}.")
            raise Broken("made-field", spell(field), problem, fix)
        unset = source.null or source.readonly or source.writeonly or source.made
        if source.type not in ("str", "text") or unset:
            problem = f"a slug is made from a str or text that is NOT NULL, set by requests and shown in answers, unlike {spell(source)}"
            raise Broken("made-field", spell(field), problem, "Name another field.")
        if ordered.index(field) < ordered.index(source):
            ordered.remove(field)
            ordered.insert(ordered.index(source) + 1, field)
    return replace(model, fields=tuple(ordered))
