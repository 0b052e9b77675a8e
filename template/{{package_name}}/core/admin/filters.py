# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Filters of lists, whose values are read as forms read them.

starlette-admin's own filters compare text with `%text%`, which no index helps with, and read times
without a zone.
"""

import json
from collections.abc import Callable, Collection, Iterable
from functools import partial
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy.orm import InstrumentedAttribute, class_mapper
from starlette_admin.fields import BaseField, BooleanField, EnumField, HasOne
from starlette_admin.filters import base
from starlette_admin.filters.base import BaseFilter, FilterDataType

from ..web.unstorable_text import UNSTORABLE
from .fields import Code, Document, Exact, Lines, Moment, Ordered, Secret, Words
from .naming import indexed
from .prefix import starts_with

UNREADABLE = (ValueError, TypeError, ArithmeticError)


class Filter(BaseFilter):
    """A comparison with a column; `filters_of` makes a subclass for each field."""

    of: str  # the column
    compare: Callable[[Any, Any], Any]
    read: Callable[[str], Any]

    def parse_value(self, raw: str) -> Any:
        try:
            return type(self).read(str(raw))
        except UNREADABLE:
            raise base.FilterValidationError(f"{raw!r} is not a value of {self.of!r}.") from None

    def apply(self, ctx: base.FilterApplyContext) -> Any:
        return type(self).compare(ctx.value, ctx.value2)


COMPARISONS: dict[str, tuple[str, Callable[[Any, Any, Any], Any]]] = {
    "eq": ("Is", lambda column, value, _: column == value),
    "starts_with": ("Starts with", lambda column, value, _: starts_with(column, value)),
    "between": ("Between", lambda column, low, high: column.between(low, high)),
    "gte": ("From", lambda column, value, _: column >= value),
    "lte": ("Up to", lambda column, value, _: column <= value),
    "is_true": ("Yes", lambda column, _, __: column.is_(True)),
    "is_false": ("No", lambda column, _, __: column.is_(False)),
    "is_null": ("Empty", lambda column, _, __: column.is_(None)),
    "is_not_null": ("Not empty", lambda column, _, __: column.is_not(None)),
}
WITHOUT_VALUE = ("is_true", "is_false", "is_null", "is_not_null")


def add_filters(model: type[Any], fields: Iterable[BaseField], chosen: Collection[str]) -> None:
    """Give the chosen fields their filters; by default all but those of text without an index."""
    for field in fields:
        few = not isinstance(field, Words | Code) or field.name in indexed(model)
        wanted = field.name in chosen if chosen else few
        field.filters = filters_of(model, field) if wanted else []


def filters_of(model: type[Any], field: BaseField) -> list[type[BaseFilter]]:
    """Return the filters of a field; none of a field whose values cannot be compared."""
    mapper = class_mapper(model)
    name = field.name
    if isinstance(field, HasOne):
        [*local] = mapper.relationships[name].local_columns
        if len(local) > 1:
            return []
        name = mapper.get_property_by_column(local[0]).key
    if name not in mapper.column_attrs or isinstance(field, Document | Lines | Secret):
        return []
    column: InstrumentedAttribute[Any] = getattr(model, name)
    kinds = ["eq"]
    if isinstance(field, BooleanField):
        kinds = ["is_true", "is_false"]
    elif isinstance(field, Ordered):
        kinds = ["between", "gte", "lte", "eq"]
    elif isinstance(field, Words):
        kinds = ["starts_with", "eq"]
    if mapper.columns[name].nullable:
        kinds += ["is_null", "is_not_null"]
    read = reader(field, column)
    return [make(kind, field, column, read) for kind in kinds]


def reader(field: BaseField, column: InstrumentedAttribute[Any]) -> Callable[[str], Any]:
    """Return a function that reads the text of a value."""
    if isinstance(field, EnumField) and field.enum is not None:
        return field.enum
    adapter = field.adapter if isinstance(field, Exact) else TypeAdapter(column.type.python_type)

    def read(text: str) -> Any:
        if UNSTORABLE.search(text):
            raise ValueError(text)
        is_local = isinstance(field, Moment) and not text.endswith("Z") and "+" not in text
        value = adapter.validate_json(json.dumps(f"{text}Z" if is_local else text))
        if isinstance(value, int) and not -(2**63) <= value < 2**63:
            raise ValueError(text)
        return value

    return read


def make(
    kind: str, field: BaseField, column: InstrumentedAttribute[Any], read: Callable[[str], Any]
) -> type[BaseFilter]:
    label, compare = COMPARISONS[kind]
    data_type = getattr(field, "widget", FilterDataType.STRING)
    if kind in WITHOUT_VALUE:
        data_type = FilterDataType.NONE
    members = {
        "name": kind,
        "label": f"{label} (UTC)" if data_type is FilterDataType.DATETIME else label,
        "data_type": data_type,
        "has_value2": kind == "between",
        "of": field.name,
        "compare": staticmethod(partial(compare, column)),
        "read": staticmethod(read),
    }
    return type(f"Filter_{field.name}_{kind}", (Filter,), members)
