# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""What a column's values are: their Python class, and the family of types that they belong to."""

from typing import Any

from sqlalchemy import JSON, Column, Enum, Float
from sqlalchemy.types import TypeDecorator

from ...db.typed import Typed

FAMILIES = {
    "str": "text",
    "int": "integer",
    "Decimal": "number",
    "float": "float",
    "dict": "json",
    "list": "json",
}


def python_type(column: Column[Any]) -> type[Any]:
    """Return the Python class of a column's values."""
    kind = column.type
    if isinstance(kind, TypeDecorator) and not isinstance(kind, Typed):
        kind = kind.impl_instance
    if isinstance(kind, JSON):
        return dict
    try:
        return kind.python_type
    except NotImplementedError:
        return object


def family(kind: Any) -> str:
    """Return what a column's values are, whatever their size."""
    if isinstance(kind, Float):
        return "float"  # some drivers read it as a Decimal
    if isinstance(kind, Enum) and kind.native_enum:
        return "enum"
    name = python_type(Column("value", kind)).__name__
    return FAMILIES.get(name, name)
