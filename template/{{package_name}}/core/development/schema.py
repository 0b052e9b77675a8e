# From Groundplan, kept current by `copier update`: read it, don't edit it.
"""Lists a database's schema line by line, to compare two schemas."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import Connection, Inspector, inspect, text

from .autogenerate.dialect import OTHER_OBJECTS

PARTS = ("foreign_keys", "indexes", "unique_constraints", "check_constraints")


def schema(connection: Connection) -> list[str]:
    """Describe each object of the schema in a line; equal schemas give equal lines."""
    inspector = inspect(connection)
    lines = [line for name in inspector.get_table_names() for line in table(name, inspector)]
    lines.extend(f"view {name}" for name in inspector.get_view_names())
    lines.extend(str(name) for name in connection.execute(text(OTHER_OBJECTS)).scalars())
    return sorted(lines)


def table(name: str, inspector: Inspector) -> Iterator[str]:
    yield f"{name}: {sorted_items(inspector.get_table_options(name))}"
    for number, column in enumerate(inspector.get_columns(name), 1):
        yield f"{name}: column {number} {sorted_items({**column, 'type': str(column['type'])})}"
    yield f"{name}: primary key {inspector.get_pk_constraint(name)['constrained_columns']}"
    for part in PARTS:
        for item in getattr(inspector, f"get_{part}")(name):
            yield f"{name}: {part} {sorted_items(item)}"


def sorted_items(found: Any) -> list[tuple[str, Any]]:
    """Reflected values in a stable order."""
    return sorted((str(key), value) for key, value in found.items())
