# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Names of models and rows in the admin, and the columns that it never shows."""

import re
from hashlib import sha256
from itertools import chain
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Mapper, RelationshipProperty, class_mapper

from ..apps import PACKAGE
from ..db.naming import snake
from ..web import Schema

HASHED = re.compile(r"passw|hash")
SECRET = re.compile(r"password|passwd|secret|token|hash|api_?key|private_key")
MADE = frozenset({"created_at", "updated_at", "deleted_at"})  # by the mixins of `core.db`
LONGEST_KEY = 255  # characters, in the audit log
HIDDEN: dict[type[Any], frozenset[str]] = {}  # as the views say, by model


def app_of(model: type[Any]) -> list[str]:
    """Return where a class is defined: ["apps", "shop"]."""
    return model.__module__.removeprefix(f"{PACKAGE}.").split(".")[:2]


def name_of(model: type[Any]) -> str:
    """Return "shop.product" for Product of the app shop: its permissions begin so."""
    return f"{app_of(model)[-1]}.{snake(model.__name__)}"


def title(name: str) -> str:
    """Return "Order line" for OrderLine, or for order_line."""
    return snake(name).replace("_", " ").capitalize()


def schemas_of(model: type[Any], kind: str) -> list[type[Schema]]:
    """Return the schemas of this name that the model's app has: "Read" means ProductRead."""
    found, todo = list[type[Schema]](), [Schema]
    for each in todo:
        todo += each.__subclasses__()
        if each.__name__ == f"{model.__name__}{kind}" and app_of(each) == app_of(model):
            found.append(each)
    return found


def unread(model: type[Any]) -> frozenset[str]:
    """Return the columns and lists of an app's model that `ProductRead` does not show.

    Keys, the columns of mixins and all columns of models of `core` count as shown.
    """
    if app_of(model)[0] == "core":
        return frozenset()
    mapper: Mapper[Any] = class_mapper(model)
    schemas = schemas_of(model, "Read")
    fields = {name: field for each in schemas for name, field in each.model_fields.items()}
    related = [each.local_columns for each in mapper.relationships if each.key in fields]
    found: set[str] = set()
    for attribute in mapper.column_attrs:
        name, column = attribute.key, attribute.columns[0]
        known = column.primary_key or column is mapper.version_id_col or name in MADE
        read = name in fields and (column.foreign_keys or not fields[name].exclude)
        if not (known or read or any(column in each for each in related)):
            found.add(name)
    for relation in mapper.relationships:
        ids = ids_of(relation)
        if ids and not fields.keys() & {relation.key, *ids}:
            found.add(relation.key)
    return frozenset(found)


def ids_of(relation: RelationshipProperty[Any]) -> list[str]:
    """Return the names of a list of references in schemas: "tag_ids" for tags."""
    pairs = relation.secondary_synchronize_pairs or []
    return [f"{key.key}s".removeprefix("other_") for _, key in pairs]


def columns(model: type[Any]) -> list[str]:
    """Return the attributes of a model's columns that may be shown: none that holds a secret."""
    if model not in HIDDEN:
        HIDDEN[model] = unread(model)
    mapper: Mapper[Any] = class_mapper(model)
    names = [attribute.key for attribute in mapper.column_attrs]
    return [name for name in names if name not in HIDDEN[model] and not SECRET.search(name)]


def indexed(model: type[Any]) -> list[str]:
    """Return the columns that an index begins with, and the primary key."""
    mapper = class_mapper(model)
    table: Any = mapper.local_table
    first = {next(iter(index.columns)) for index in table.indexes if len(index.columns)}
    return [
        name
        for name in columns(model)
        if (column := mapper.columns[name]) in first or column.primary_key or column.unique
    ]


def secrets_of(model: type[Any]) -> dict[str, bool]:
    """Return the columns that the API sets and never shows, and whether a hash is stored in each.

    Those of `ProductPasswords` hold hashes. Others that are named like a hash are left out.
    """
    named = {
        kind: {name for each in schemas_of(model, kind) for name in each.model_fields}
        for kind in ("Passwords", "Create", "Write", "Patch", "Update")
    }
    hashed, taken = named["Passwords"], {*chain.from_iterable(named.values())}
    mapper: Mapper[Any] = class_mapper(model)
    found = [each.key for each in mapper.column_attrs if each.key in taken - {*columns(model)}]
    return {name: name in hashed for name in found if name in hashed or not HASHED.search(name)}


def model_of(row: Any) -> type[Any]:
    mapper: Mapper[Any] = inspect(row).mapper
    return mapper.class_


def key_of(row: Any) -> str:
    """Return the primary key of a row as text, as the audit log has it.

    Values of several columns are joined by commas; a backslash precedes those in the values. A key
    that is too long for the log's column ends in a hash.
    """
    mapper: Mapper[Any] = inspect(row).mapper
    values = [str(value) for value in mapper.primary_key_from_instance(row)]
    if len(values) > 1:
        values = [re.sub(r"[\\,]", r"\\\g<0>", value) for value in values]
    text = ",".join(values)
    return text if len(text) <= LONGEST_KEY else f"{text[:190]}…{sha256(text.encode()).hexdigest()}"
