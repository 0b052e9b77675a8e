"""The imports of a module that is rendered: what it uses, of what there is."""

import ast
from collections.abc import Iterator

from .layout import imports

Modules = dict[str, tuple[str, ...]]

STANDARD: Modules = {
    "base64": ("b64decode", "b64encode"),
    "collections.abc": ("Callable", "Collection", "Sequence"),
    "datetime": ("date", "datetime", "time", "timedelta"),
    "decimal": ("Decimal",),
    "enum": ("Enum", "StrEnum"),
    "itertools": ("count", "cycle"),
    "secrets": ("randbelow", "token_bytes", "token_hex"),
    "typing": ("Annotated", "Any", "cast"),
    "uuid": ("UUID", "uuid4"),
}
SQLALCHEMY: Modules = {
    "sqlalchemy": (
        "BigInteger",
        "CheckConstraint",
        "Column",
        "ForeignKey",
        "SmallInteger",
        "String",
        "Table",
        "Text",
        "bindparam",
        "select",
    ),
    "sqlalchemy.ext.asyncio": ("AsyncSession",),
    "sqlalchemy.orm": ("Mapped", "mapped_column", "relationship"),
}
PYDANTIC: Modules = {
    "pydantic": (
        "AfterValidator",
        "AwareDatetime",
        "BeforeValidator",
        "Field",
        "JsonValue",
        "PlainSerializer",
        "StrictBool",
        "StringConstraints",
        "WithJsonSchema",
    ),
}
DATABASE = (
    "Base",
    "ExactDecimal",
    "Key",
    "Listing",
    "Page",
    "PrimaryKey",
    "Repository",
    "Scroll",
    "Timestamps",
    "prepare",
    "prepare_insert",
    "transaction",
    "utc_now",
)
CORE: Modules = {
    "...core.db": DATABASE,
    "...core.db.exact": ("to_time_of_day", "to_utc"),
    "...core.web": (
        "LEFT_OUT",
        "Cursor",
        "Limit",
        "PageNumber",
        "PageOf",
        "Patch",
        "PerPage",
        "Router",
        "Schema",
        "ScrollOf",
        "SessionDep",
        "SortOf",
        "problems",
    ),
}


def needed(text: str, *sections: Modules) -> str:
    """Return the imports that a module needs.

    Args:
        text: the module without them.
        sections: modules and what they have, apart by an empty line and in their order.
    """
    used = {name for node in ast.walk(ast.parse(text)) for name in _names(node)}
    parts: list[str] = []
    for section in sections:
        part = imports({module: used.intersection(names) for module, names in section.items()})
        if "pytest" in section and "pytest" in used:
            part = f"import pytest\n{part}"
        if part:
            parts.append(part)
    return "\n\n".join(parts)


def _names(node: ast.AST) -> Iterator[str]:
    """Names, and those that stand in quotes as a cast's type."""
    match node:
        case ast.Name(name, ast.Load()):
            yield name
        case ast.Call(ast.Name("cast"), [ast.Constant(str(name)), *_]):
            yield name
        case _:
            pass
