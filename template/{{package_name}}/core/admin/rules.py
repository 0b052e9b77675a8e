# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Runs the rules of the API's schemas on what a form sends."""

import json
from collections.abc import Collection, Iterable
from typing import Any

from pydantic import ValidationError
from pydantic_core import to_jsonable_python
from sqlalchemy.orm import Mapper, class_mapper
from starlette_admin.fields import BaseField, HasMany, RelationField

from ..web import Schema
from .fields import Exact, Secret, reason
from .naming import ids_of, schemas_of

ADDING, CHANGING = ("Create", "Write"), ("Patch", "Update", "Write", "Create")


def apply_rules(
    model: type[Any], fields: Iterable[BaseField], data: dict[str, Any], row: Any
) -> dict[str, str]:
    """Replace values of a form by those that the API would store; return what it refuses, by field.

    The schema sees all values of the form, so that its rules for several fields run: their errors are
    those of "". A rule that refuses a stored value which the form does not change is not applied.
    """
    bodies = (schemas_of(model, kind) for kind in (ADDING if row is None else CHANGING))
    schemas = next(filter(None, bodies), list[type[Schema]]())
    mapper: Mapper[Any] = class_mapper(model)
    relations, values = mapper.relationships, dict[str, Any]()
    origin, changed = dict[str, str](), set[str]()
    for field in fields:
        name, value = field.name, data.get(field.name)
        if isinstance(field, RelationField):
            local = [*relations[name].local_columns]
            keys = [mapper.get_property_by_column(each).key for each in local]
            target = ids_of(relations[name]) if isinstance(field, HasMany) else keys[:1]
            same = isinstance(field, HasMany) or str(getattr(row, target[0], None)) == str(value)
            dumped: Any = value
        else:
            target, same = [name], getattr(row, name, None) == value
            dumped = None if value is None else dump(field, value)
        for each in target:
            if value is not None or (row is not None and not isinstance(field, Secret)):
                values[each], origin[each] = dumped, name
                changed |= {each} if row is None or not same else set()
    errors = dict[str, str]()
    for schema in schemas:
        taken, found = check(schema, values, changed)
        errors |= {origin.get(name, ""): text for name, text in found.items()}
        for name, value in taken.items():
            if name in data and isinstance(value, type(data[name])):  # the column's type counts
                data[name] = value
    return errors


def dump(field: BaseField, value: Any) -> Any:
    return field.dump(value) if isinstance(field, Exact) else to_jsonable_python(value)


def check(
    schema: type[Schema], values: dict[str, Any], changed: Collection[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Validate all values, or only changed ones if others are refused; return these and the errors."""
    known = {name: value for name, value in values.items() if name in schema.model_fields}
    some = {name: value for name, value in known.items() if name in changed}
    for body, counted in ((known, {*some, ""}), (some, {*some})) if some else ():
        try:
            taken = schema.model_validate_json(json.dumps(body), by_alias=False, by_name=True)
        except ValidationError as invalid:
            errors = {str((*each["loc"], "")[0]): reason(each) for each in invalid.errors()[::-1]}
            errors = {name: text for name, text in errors.items() if name in counted}
            if errors:
                return {}, errors
        else:
            return {name: getattr(taken, name) for name in some}, {}
    return {}, {}
