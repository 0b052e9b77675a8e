# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""How related rows are written as JSON, without an instance for each."""

from typing import Any

from pydantic.fields import FieldInfo
from pydantic_core import core_schema

from ..db import ANY_OWNER
from .rows import fields_of, is_plain_schema, only_checks


def related(
    nested: Any, into: Any, shared: dict[str, core_schema.CoreSchema]
) -> dict[str, core_schema.CoreSchema] | None:
    """What writes the nested fields of a schema, by name; None where only instances will do."""
    if not nested.is_whole:
        return None
    found: dict[str, core_schema.CoreSchema] = {}
    for name, field in nested.rows.items():
        if not is_plain_related(into.model_fields[name], field.hint):
            return None
        inner = related(field.nested, field.schema, shared)
        if inner is None or not is_plain_schema(field.schema, inner):
            return None
        row = core_schema.typed_dict_schema(fields_of(field.schema, shared, inner))
        if field.is_list:
            found[name] = core_schema.list_schema(row)
        else:
            found[name] = core_schema.nullable_schema(row) if field.is_nullable else row
    return found


def is_plain_related(field: FieldInfo, hint: Any) -> bool:
    """Whether a field only names its related rows."""
    if field.exclude or field.exclude_if:
        return False
    checks = all(part is ANY_OWNER or only_checks(part) for part in field.metadata)
    return checks and field.annotation == hint
