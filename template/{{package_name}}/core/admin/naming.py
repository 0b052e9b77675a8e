# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Names of models and rows in the admin, and the columns that it never shows."""

import re
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Mapper, class_mapper

SECRET = re.compile(r"password|passwd|secret|token|hash|api_?key|private_key")
HIDDEN: dict[type[Any], frozenset[str]] = {}  # as the views say, by model


def snake(name: str) -> str:
    """Return a class's name as permissions have it: "order_line" for OrderLine."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def name_of(model: type[Any]) -> str:
    """Return "shop.product" for Product of the app shop: its permissions begin so."""
    package = model.__module__.split(".")
    at = next((n for n, part in enumerate(package) if part in ("apps", "core")), 0)
    return f"{package[at + 1]}.{snake(model.__name__)}"


def title(name: str) -> str:
    """Return "Order line" for OrderLine, or for order_line."""
    return snake(name).replace("_", " ").capitalize()


def columns(model: type[Any]) -> list[str]:
    """Return the attributes of a model's columns that may be shown: none that holds a secret."""
    hidden = HIDDEN.get(model, frozenset())
    mapper: Mapper[Any] = class_mapper(model)
    names = [attribute.key for attribute in mapper.column_attrs]
    return [name for name in names if name not in hidden and not SECRET.search(name)]


def model_of(row: Any) -> type[Any]:
    mapper: Mapper[Any] = inspect(row).mapper
    return mapper.class_


def key_of(row: Any) -> str:
    """Return the primary key of a row as text, as the audit log has it."""
    mapper: Mapper[Any] = inspect(row).mapper
    return ",".join(str(value) for value in mapper.primary_key_from_instance(row))[:255]
