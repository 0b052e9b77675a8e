"""The code of columns: their types, defaults and values."""

import re
from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Date,
    Dialect,
    Enum,
    Float,
    Integer,
    LargeBinary,
    Numeric,
    SmallInteger,
    String,
    Text,
    Uuid,
)
from sqlalchemy.types import TypeEngine

from .service import LITERAL, escaped, python_type, types

# Collations that tables and columns get from core, one for each server.
COLLATIONS = {"utf8mb4_0900_bin", "utf8mb4_nopad_bin"}
# Types in the project's style, in the order in which they are tried: annotation, code, type.
STYLE: list[tuple[str, str, TypeEngine[Any]]] = [
    ("bool", "Boolean", Boolean()),
    ("int", "Integer", Integer()),
    ("int", "BigInteger", BigInteger()),
    ("int", "SmallInteger", SmallInteger()),
    ("str", "Text", Text()),
    ("bytes", "LargeBinary", LargeBinary()),
    ("date", "Date", Date()),
    ("datetime", "UTCDateTime", types.UTCDateTime()),
    ("time", "TimeOfDay", types.TimeOfDay()),
    ("float", "FiniteFloat", types.FiniteFloat()),
    ("Any", "Json", types.Json()),
    ("timedelta", "Duration", types.Duration()),
    ("UUID", "Uuid", Uuid()),
]
# Types that the annotation says.
IMPLIED = {
    code for _, code, _ in STYLE if code not in {"BigInteger", "Json", "SmallInteger", "Text"}
}
ANNOTATIONS = {bool, bytes, date, datetime, Decimal, float, int, str, time, timedelta, UUID}
SAME = {"TINYINT(1)": "BOOL"}  # another name of a type
IDENTITY = {"start": 1, "increment": 1, "minvalue": 1, "cache": 1, "cycle": False, "always": False}


class Kind(NamedTuple):
    """The annotation and the code of a column's type."""

    annotation: str
    code: str

    @property
    def argument(self) -> str:
        """The argument of `mapped_column`, unless the annotation says it all."""
        return "" if self.code in {*IMPLIED, "String(255)"} else self.code


def literal(sql: str) -> str:
    """Return the code of a string of SQL."""
    return repr(escaped(sql))


def text_code(sql: str) -> str:
    """Return the code of a piece of SQL."""
    return f"sql({literal(sql)})"


def call(function: str, /, *arguments: str, **options: Any) -> str:
    """Return the code of a call, with the options that are not None."""
    named = (f"{key}={value!r}" for key, value in options.items() if value is not None)
    return f"{function}({', '.join([*filter(None, arguments), *named])})"


def kind_of(kind: Any, dialect: Dialect, collation: str | None, *, key: bool, name: str) -> Kind:
    """Return the code of a reflected type; `collation` is the default of the table's columns."""
    if getattr(kind, "collation", None) in {collation, *COLLATIONS}:
        kind.collation = None
        if hasattr(kind, "charset"):
            kind.charset = None
    if getattr(kind, "display_width", None) not in {None, 1}:
        kind.display_width = None
    ddl: str = kind.compile(dialect=dialect)
    ddl = SAME.get(ddl, ddl)
    if isinstance(kind, Enum) and kind.enums:
        enum: Any = kind
        values = ", ".join(map(repr, enum.enums))
        return Kind(f"Literal[{values}]", call("Enum", values, name=enum.name, schema=enum.schema))
    for annotation, code, styled in STYLE:
        if styled.compile(dialect=dialect) == ddl:
            is_uuid = key or re.search("uuid|guid", name, re.IGNORECASE)
            if not isinstance(styled, Uuid) or "UUID" in ddl or is_uuid:
                return Kind(annotation, code)
    if type(kind).__name__ == "VARCHAR" and String(kind.length).compile(dialect=dialect) == ddl:
        return Kind("str", f"String({kind.length or ''})")
    if (held := getattr(kind, "item_type", None)) is not None:
        item = kind_of(held, dialect, collation, key=False, name=name)
        if item.code in {code for _, code, _ in STYLE}:
            return Kind(f"list[{item.annotation}]", f"ARRAY({item.code})")
    if isinstance(kind, Numeric) and not isinstance(kind, Float):
        return decimal(kind, ddl, dialect)
    return Kind(annotation_of(kind), type_code(kind))


def decimal(kind: Any, ddl: str, dialect: Dialect) -> Kind:
    """Return the code of a decimal type: a float where the database keeps no decimals."""
    exact = isinstance(types.ExactDecimal(2, 1).impl_instance, Numeric)
    if not exact:
        size = {"precision": kind.precision, "scale": kind.scale}
        return Kind("float", call("Numeric", **size, asdecimal=False))
    if kind.precision is not None and kind.scale is not None:
        styled = types.ExactDecimal(kind.precision, kind.scale)
        if re.sub("^DECIMAL", "NUMERIC", ddl) == styled.compile(dialect=dialect):
            return Kind("Decimal", f"ExactDecimal({kind.precision}, {kind.scale})")
    return Kind("Decimal", type_code(kind))


def annotation_of(kind: TypeEngine[Any]) -> str:
    if type(kind).__name__ == "SET":
        return "set[str]"
    found = python_type(Column("", kind))
    return found.__name__ if found in ANNOTATIONS else "Any"


def default_code(default: str, kind: TypeEngine[Any]) -> str:
    literal = LITERAL.fullmatch(default) if isinstance(kind, String) else None
    return repr(literal[1].replace("''", "'")) if literal else text_code(default)


def type_code(kind: TypeEngine[Any]) -> str:
    """Return the code of a type that is not one of the project's style."""
    return re.sub(r"^(\w+)\((?:length=(\d+))?\)$", r"\1(\2)", repr(kind)).removesuffix("()")


def identity_code(identity: Mapping[str, Any]) -> str:
    """Return the code of an identity, with what differs from the default."""
    given = {
        key: identity.get(key) for key, usual in IDENTITY.items() if identity.get(key) != usual
    }
    return call("Identity", **given)
